"""A file of verdicts as a table: how much is known, and how much the samples agree."""

from collections import defaultdict
from pathlib import Path

from rich.table import Table

from training import jsonl
from training.records import Verdict

VERDICTS = ("knows", "unsure", "doesn't know", None)


def table(path: Path) -> Table:
    """Counts by verdict, with the mean agreement and entropy of each."""
    groups: dict[str | None, list[Verdict]] = defaultdict(list)
    total = 0
    for verdict in jsonl.read_if_there(path, Verdict):
        groups[verdict.verdict].append(verdict)
        total += 1
    shown = Table("verdict", "questions", "share", "agreement", "entropy (bits)", "greedy right")
    for name in VERDICTS:
        if found := groups.get(name):
            right = [verdict.greedy_right for verdict in found if verdict.greedy_right is not None]
            shown.add_row(
                name or "(no answers)",
                f"{len(found):,}",
                f"{len(found) / total:.1%}",
                f"{sum(verdict.agreement for verdict in found) / len(found):.2f}",
                f"{sum(verdict.entropy for verdict in found) / len(found):.2f}",
                f"{sum(right) / len(right):.1%}" if right else "",
            )
    return shown
