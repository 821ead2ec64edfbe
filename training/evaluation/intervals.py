"""How sure a measured share or mean is: intervals that hold the truth 95 times in 100. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

Z = 1.959964
"""Of the normal distribution, for 95 %."""
RESAMPLES = 1000


def wilson(good: int, of: int) -> tuple[float, float]:
    """Wilson's score interval of a share; right for small samples and near 0 and 1.

    E. B. Wilson (1927), JASA 22, 209-212. Nothing measured says nothing: 0 to 1.
    """
    if of == 0:
        return 0.0, 1.0
    share, z2 = good / of, Z * Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def bootstrap(
    items: Sequence[T], statistic: Callable[[Sequence[T]], float | None], seed: int = 1
) -> tuple[float, float]:
    """Percentile interval of any statistic, by drawing the items again with replacement.

    For what is no share of one count: means, F-scores, precisions over several citations each.
    Draws for which the statistic is undefined (None) are left out.
    """
    rng = Random(seed)
    drawn = (statistic(rng.choices(items, k=len(items))) for _ in range(RESAMPLES if items else 0))
    values = sorted(value for value in drawn if value is not None)
    if not values:
        return 0.0, 1.0
    cut = int(0.025 * len(values))
    return values[cut], values[-1 - cut]
