"""What a run says, as one JSON object and as tables for a terminal; several runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from training.evaluation import bundled
from training.evaluation.marks import Mark
from training.evaluation.metrics import Measure, general
from training.evaluation.running import Run


def is_bundled(run: Run) -> bool:
    """Whether the twelve figures can be read off it."""
    return run.suite.name == "bundled"


def measures(run: Run) -> dict[str, Measure]:
    """The headline figures: the twelve of the bundled suite, or the general ones."""
    return bundled.figures(run.marks, run.unseen) if is_bundled(run) else general(_free(run))


def _free(run: Run) -> list[Mark]:
    """The marks that general metrics are about; in the bundled suite some have the search off."""
    return [mark for mark in run.marks if mark.question.policy is None]


def body(run: Run) -> dict[str, Any]:
    """One run as JSON: `metrics` are fractions, or null with a reason in `reasons`."""
    headline = measures(run)
    return {
        "suite": run.suite.name,
        "suite_digest": run.suite.digest,
        "target": run.target.name,
        "url": run.target.url,
        "model": run.model,
        "policy": run.target.policy or "auto",
        "temperature": run.target.temperature,
        "questions": len(run.marks),
        "resumed": run.resumed,
        "seconds": round(run.seconds, 1),
        "metrics": {name: _round(measure.value) for name, measure in headline.items()},
        "intervals": {name: _interval(measure) for name, measure in headline.items()},
        "counts": {name: _counts(measure) for name, measure in headline.items()},
        "reasons": {name: m.reason for name, m in headline.items() if m.value is None},
        "general": _detailed(general(_free(run))),
        "kinds": {kind: _detailed(general(marks)) for kind, marks in kinds(run).items()},
        "groups": {
            f"{kind}/{group}": _counts(Measure(None, good=sum(good), of=len(good)))
            for (kind, group), good in groups(run).items()
        },
    }


def bodies(runs: Sequence[Run]) -> dict[str, Any]:
    """What is printed: the object of the one run, or those of all under `targets`."""
    if len(runs) == 1:
        return body(runs[0])
    return {"suite": runs[0].suite.name, "targets": [body(run) for run in runs]}


def kinds(run: Run) -> dict[str, list[Mark]]:
    """The marks by kind of question."""
    found: dict[str, list[Mark]] = {}
    for mark in run.marks:
        found.setdefault(mark.question.kind, []).append(mark)
    return found


def groups(run: Run) -> dict[tuple[str, str], list[bool]]:
    """Whether each did well, by kind and group; well is right, or saying so where nobody knows."""
    found: dict[tuple[str, str], list[bool]] = {}
    for mark in run.marks:
        if mark.question.group:
            found.setdefault((mark.question.kind, mark.question.group), []).append(well(mark))
    return found


def well(mark: Mark) -> bool:
    """Right; or, where nobody knows or the search is off for what is not known, saying so."""
    off = mark.question.policy == "never" and mark.question.known is False
    return mark.abstained if off or not mark.question.answerable else mark.correct


def table(runs: Sequence[Run], failures: int = 0) -> Group:
    """The figures of all runs side by side, then a few answers that were not good."""
    headline = [measures(run) for run in runs]
    names = list(headline[0])
    parts: list[Any] = [_headline(runs, headline, names)]
    if all(map(is_bundled, runs)):
        everything = [general(_free(run)) for run in runs]
        parts += [Text(), _headline(runs, everything, list(everything[0]), targets=False)]
    for run in runs:
        parts += [Text(), *_failed(run, failures)] if failures else []
    return Group(*parts)


def _headline(
    runs: Sequence[Run],
    found: Sequence[dict[str, Measure]],
    names: list[str],
    targets: bool = True,
) -> Table:
    """One line a metric, one column a run."""
    with_targets = targets and all(map(is_bundled, runs))
    asked = ", ".join(f"{len(run.marks)} questions in {run.seconds:.0f} s" for run in runs)
    out = Table(title=f"{runs[0].suite.name}: {asked}" if targets else "over all questions")
    out.add_column("", no_wrap=True)
    for run in runs:
        out.add_column(run.target.name, justify="right", overflow="fold")
        out.add_column("95 %", justify="right", style="dim", no_wrap=True)
    if with_targets:
        out.add_column("target", justify="right", no_wrap=True)
    for name in names:
        cells: list[str | Text] = []
        for measure in (each[name] for each in found):
            cells += _cells(name, measure, with_targets)
        if with_targets:
            sign, wanted = bundled.target(name)
            cells.append(f"{sign} {wanted:.0%}")
        out.add_row(name, *cells)
    return out


def _cells(name: str, measure: Measure, with_target: bool) -> list[str | Text]:
    if measure.value is None:
        return [Text(measure.reason, style="dim"), ""]
    style = ""
    if with_target:
        style = "green" if bundled.reached(name, measure.value) else "red"
    if measure.good is None:
        shown, low, high = f"{measure.value:.2f}", f"{measure.low:.2f}", f"{measure.high:.2f}"
    else:
        shown = f"{measure.value:.1%} {measure.good}/{measure.of}"
        low, high = f"{(measure.low or 0) * 100:.0f}", f"{(measure.high or 0) * 100:.0f}"
    return [Text(shown, style=style), f"{low}–{high}"]


def _failed(run: Run, most: int) -> list[Text]:
    lines = [Text(f"not good, {run.target.name}:", style="bold")]
    for kind, marks in kinds(run).items():
        bad = [mark for mark in marks if not well(mark)][:most]
        lines += [Text(f"{kind}", style="dim")] if bad else []
        for mark in bad:
            wanted = mark.question.answers[0] if mark.question.answers else "I don't know"
            queries = " | ".join(q for search in mark.reply.searches for q in search.queries)
            lines.append(Text(f"  {mark.question.question}  [{wanted}]"))
            searched = f" (searched: {queries})" if queries else ""
            lines.append(Text(f"    {mark.reply.text.strip() or '(nothing)'}{searched}"))
    return lines


def _detailed(found: dict[str, Measure]) -> dict[str, Any]:
    return {
        name: {"value": _round(m.value), "interval": _interval(m), "of": m.of}
        for name, m in found.items()
        if m.value is not None
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _interval(measure: Measure) -> list[float] | None:
    if measure.low is None or measure.high is None:
        return None
    return [round(measure.low, 4), round(measure.high, 4)]


def _counts(measure: Measure) -> dict[str, int | None]:
    return {"good": measure.good, "of": measure.of}
