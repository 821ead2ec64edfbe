"""What `orson dialects check` found out, as JSON and for people."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from app.dialect.markers import Dialect

if TYPE_CHECKING:
    from app.chat.examination.emission import Rates
    from app.chat.examination.inspection import Inspection
    from app.chat.service import ChatService


def told(dialect: Dialect) -> str:
    """How a model learns that it may search, in words."""
    if dialect.lesson is None:
        return "one line, or by example"
    return "the tools of its template" if dialect.lesson.template else "the words it was trained on"


def body(service: "ChatService", inspection: "Inspection", rates: "Rates | None") -> dict[str, Any]:
    """As JSON has it."""
    markers = [{**asdict(one), "single": one.single} for one in inspection.markers]
    return {
        "model": service.model,
        "dialect": service.vocabulary.dialect.name,
        "teaching": service.teaching,
        "markers": markers,
        "template": asdict(inspection.template),
        "faults": inspection.faults,
        "emission": asdict(rates) if rates else None,
    }


def show_report(
    out: Console, service: "ChatService", inspection: "Inspection", rates: "Rates | None"
) -> None:
    """As people read it."""
    dialect = service.vocabulary.dialect
    how = told(dialect)
    if dialect.lesson is None:
        trained = service.teaching == "trained"
        how = "one line, as it was trained on it" if trained else "example"
    out.print(f"[bold]{escape(service.model)}[/bold] searches in the dialect "
              f"[bold]{dialect.name}[/bold]; told by {how}.\n", soft_wrap=True)  # fmt: skip
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Marker", "Part", "Tokens", ""):
        table.add_column(column, overflow="fold")
    for one in inspection.markers:
        tokens = f"1 (id {one.ids[0]})" if one.single else f"{len(one.ids)}, stopped on as text"
        said = Text(one.fault or one.note, style="red" if one.fault else "dim")
        table.add_row(Text(one.literal), one.role, tokens, said)
    out.print(table)
    template = inspection.template
    ends = " ".join(template.ends)
    says = [
        "lays out " + ("all that is sent" if not template.faults else "not all that is sent"),
        f"ends a turn with {ends}" if ends else "ends a turn with no control token",
        "opens the model's reasoning" if template.opens_reasoning else "",
        "tells the model of its tools" if template.teaches else "",
    ]
    out.print(Text(f"\nThe chat template {', '.join(filter(None, says))}."), soft_wrap=True)
    if rates is not None:
        _print_rates(out, rates)
    for fault in inspection.faults:
        out.print(Text(fault, style="red"), soft_wrap=True)


def _print_rates(out: Console, rates: "Rates") -> None:
    from training.evaluation.intervals import wilson

    def share(good: int, of: int) -> str:
        low, high = wilson(good, of)
        percent = f"{good / of:.0%}, 95 % interval {low:.0%} to {high:.0%}" if of else "none asked"
        return f"{good} of {of} ({percent})"

    out.print(
        f"\nSearched, of the questions that need it: {share(rates.searched, rates.needed)}\n"
        f"Searched, of those that don't:           {share(rates.needless, rates.spared)}",
        soft_wrap=True,
    )
    if rates.broken:
        out.print(f"In {rates.broken} answers it opened a search and asked nothing.")
    if rates.failed:
        print(f"{rates.failed} questions could not be asked.", file=sys.stderr)
