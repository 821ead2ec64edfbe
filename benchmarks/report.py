"""Samples -> the numbers in `latest.json`, and the table a person reads."""

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.measure import RESUMES, WINDOW, Sample

Samples = Mapping[tuple[str, int], list[Sample]]


def summary(samples: Samples) -> dict[str, dict[str, dict[str, float | None]]]:
    """Numbers per target and number of streams, each with its ratio to the naive proxy's."""
    found: dict[str, dict[str, dict[str, float | None]]] = {}
    for (name, count), some in samples.items():
        direct = samples.get(("direct", count), [])
        found.setdefault(name, {})[str(count)] = _numbers_of(some, direct)
    for name, counts in found.items():
        for streams, numbers in counts.items():
            naive = found.get("naive", {}).get(streams)
            for key in ("cpu_us_per_token", "cpu_ms_per_request", "kb_per_stream", "resume_ms"):
                mine, theirs = numbers[key], naive[key] if naive else None
                if name == "orson" and mine is not None and theirs:
                    numbers[f"{key}_ratio"] = round(mine / theirs, 3)
    return found


def busiest(found: dict[str, dict[str, dict[str, float | None]]]) -> float:
    """The largest share of a window for which a target waited for a core."""
    return max(
        numbers["cpu_wait_share"] or 0.0 for counts in found.values() for numbers in counts.values()
    )


def _numbers_of(some: Sequence[Sample], direct: Sequence[Sample]) -> dict[str, float | None]:
    def added(kind: str, quantile: float) -> float | None:
        ours = [value for sample in some for value in getattr(sample, kind)]
        bare = [value for sample in direct for value in getattr(sample, kind)]
        if not ours or not bare:
            return None
        return round((_quantile(ours, quantile) - _quantile(bare, quantile)) * 1000, 3)

    def middle(values: Sequence[float | None], scale: float, digits: int) -> float | None:
        known = [value for value in values if value is not None]
        return round(statistics.median(known) * scale, digits) if known else None

    return {
        "cpu_us_per_token": middle([sample.cpu_per_token for sample in some], 1e6, 1),
        "cpu_ms_per_request": middle([sample.cpu_per_request for sample in some], 1e3, 2),
        "ttft_added_ms_p50": added("ttft", 0.5),
        "ttft_added_ms_p99": added("ttft", 0.99),
        "itl_added_ms_p50": added("gaps", 0.5),
        "itl_added_ms_p99": added("gaps", 0.99),
        # Only the first round finds memory that no earlier stream has left behind.
        "kb_per_stream": middle([some[0].kb_per_stream], 1, 1),
        "resume_ms": middle([value for sample in some for value in sample.resumes], 1e3, 2),
        "cpu_wait_share": middle([sample.cpu_wait for sample in some], 1, 3),
        "failed": sum(sample.failed for sample in some),
        "tokens_per_second": middle([sample.tokens_per_second for sample in some], 1, 0),
    }


def _quantile(values: Sequence[float], quantile: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(quantile * len(ordered)))]


def table(found: dict[str, dict[str, dict[str, float | None]]]) -> Table:
    """The numbers for a person."""
    columns = {
        "CPU us/token": "cpu_us_per_token",
        "CPU ms/request": "cpu_ms_per_request",
        "TTFT +p50 ms": "ttft_added_ms_p50",
        "+p99": "ttft_added_ms_p99",
        "ITL +p50 ms": "itl_added_ms_p50",
        "+p99 ": "itl_added_ms_p99",
        "KB/stream": "kb_per_stream",
        "resume ms": "resume_ms",
        "tokens/s": "tokens_per_second",
        "failed": "failed",
    }
    shown = Table(title=f"The gateway's own cost ({WINDOW:g} s windows, {RESUMES} resumes a round)")
    shown.add_column("streams", justify="right")
    shown.add_column("target")
    for title in columns:
        shown.add_column(title, justify="right")
    counts = dict.fromkeys(count for numbers in found.values() for count in numbers)
    for count in counts:
        for name, numbers in found.items():
            if count in numbers:
                cells = [_cell(numbers[count], key) for key in columns.values()]
                shown.add_row(count, name, *cells, end_section=name == list(found)[-1])
    return shown


def _cell(numbers: dict[str, float | None], key: str) -> str:
    value, ratio = numbers[key], numbers.get(f"{key}_ratio")
    if value is None:
        return "-"
    return f"{value:g}" + (f" ({ratio:.2f}x)" if ratio is not None else "")


def merge(path: Path, parts: Mapping[str, Any]) -> None:
    """Write `parts` into the file, beside what other benchmarks have written there."""
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**known, **parts}, indent=2) + "\n")


def machine() -> dict[str, Any]:
    """Where and on what this was measured."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "commit": commit.stdout.strip(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }
