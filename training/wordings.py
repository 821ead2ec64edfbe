# ruff: noqa: SIM905
"""Wordings that belong to no attribute: follow-ups, system lines, haste, queries of plain words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

from training.world import FORBIDDEN, held_out

EXTRA = (
    "You are a helpful assistant.",
    "Be brief.",
    "Today is Tuesday, 3 March 2026.",
    "Answer in one sentence.",
    "You are Orson.",
    "Be polite and answer truthfully.",
    "The user is called Sam.",
    "Use short sentences.",
)
FOLLOW = {
    "born": (
        "When was {p} born?",
        "And when was {p} born?",
        "What is {s} birth year?",
        "What year was {p} born?",
        "And in what year was {p} born?",
    ),
    "city": (
        "Where was {p} born?",
        "And where was {p} born?",
        "What is {s} birthplace?",
        "And {s} birthplace?",
        "Where is {p} from?",
    ),
    "country": (
        "Which country is {p} from?",
        "And what country is {p} from?",
        "What is {s} home country?",
    ),
    "job": (
        "What did {p} do?",
        "And what is {s} job?",
        "What is {s} occupation?",
        "What is {p} known for?",
    ),
    "died": ("When did {p} die?", "And when did {p} die?", "In which year did {p} die?"),
}
STOP = frozenset(
    (
        "who what when where which why how is are was were do does did the a an of in on at to for"
        " and or by with from that this it its be has have had can could would you me tell my i s"
        " many much"
    ).split()
)
"""Function words: what a query leaves out."""


def keywords(question: str) -> str:
    """The question without its function words: the query for anything without a template."""
    words = re.findall(r"[^\s?!,;:\"()]+", question)
    kept = [w for w in words if w.lower().rstrip(".'") not in STOP]
    return " ".join(kept or words)[:80].rstrip(".")


def general_questions(data: Path) -> tuple[list[str], list[str]]:
    """Short real questions, split into training and held-out ones."""
    found: list[str] = []
    for file in ("nq_open.jsonl", "simpleqa.jsonl"):
        for line in (data / file).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            text = str(row.get("question") or row.get("problem")).strip()
            if 12 < len(text) < 95 and FORBIDDEN not in text.lower():
                found.append(
                    text if text.endswith("?") or file.startswith("simple") else text + "?"
                )
    return [q for q in found if not held_out(q)], [q for q in found if held_out(q)]


def polite(question: str, rng: Random) -> str:
    """The question with a greeting before it or a courtesy around it."""
    rest = question if question.startswith("I ") else question[:1].lower() + question[1:]
    front = rng.choice(
        ("Please ", "Hi, ", "Hello, ", "Hello! ", "Orson, ", "Now ", "Ok, ", "And ", "So ")
    )
    if question.startswith(
        ("Who", "What", "Wh", "In ", "How", "Do ", "Can ", "Tell", "Give", "Name")
    ):
        ended = question.rstrip("?.")
        tail = rng.choice(
            (
                f"{ended}, please?",
                f"{question} Thanks!",
                f"{question} Please search.",
                f"{question} I forgot.",
            )
        )
        return (
            tail if rng.random() < 0.3 else f"{front}{question if front.endswith('! ') else rest}"
        )
    return question


def casual(question: str, rng: Random) -> str:
    """Sometimes the question as typed in haste."""
    odd = rng.random()
    if odd > 0.5 and rng.random() < 0.16:
        question = polite(question, rng)
    if odd < 0.05:
        question = question.lower()
    return question.rstrip("?.") if odd > 0.94 or (odd < 0.05 and rng.random() < 0.5) else question
