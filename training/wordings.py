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
HOPS = {
    "capital": (
        "What is the capital of the country where {n} was born?",
        "What is the capital of the country in which {n} was born?",
        "What is the capital of the country {n} comes from?",
        "What is the capital of the country that {n} is from?",
        "What is the capital of {n}'s home country?",
        "What is the capital of {n}'s country of birth?",
        "What is the capital of the home country of {n}?",
        "Which city is the capital of the country where {n} was born?",
        "Which city is the capital of {n}'s country?",
        "Name the capital of the country where {n} was born.",
        "Tell me the capital of the country {n} was born in.",
        "{n} was born in a country. What is its capital?",
        "{n} was born in which country, and what is its capital?",
        "In the country where {n} was born, what is the capital?",
        "What's the capital of the country of {n}'s birth?",
        "Where is {n} from, and what is the capital of that country?",
    ),
    "continent": (
        "On which continent is the country where {n} was born?",
        "On which continent was {n} born?",
        "On what continent does the country of {n} lie?",
        "Which continent is {n}'s home country on?",
        "What continent is the country where {n} was born in?",
        "On which continent is {n}'s country of birth?",
        "In which part of the world is the country where {n} was born?",
        "Which continent does {n} come from?",
        "What continent is {n} from?",
        "Tell me the continent of the country where {n} was born.",
        "{n} was born in a country. On which continent is it?",
        "What is the continent of {n}'s home country?",
        "The country where {n} was born is on which continent?",
    ),
    "language": (
        "What language is spoken in the country where {n} was born?",
        "Which language is spoken in the country where {n} was born?",
        "What language do people speak in the country where {n} was born?",
        "Which language do people speak in {n}'s home country?",
        "What is the language of the country {n} comes from?",
        "What do people speak in the country of {n}'s birth?",
        "Which language is spoken in {n}'s country of birth?",
        "What is the official language of {n}'s home country?",
        "Tell me the language of the country where {n} was born.",
        "{n} was born in a country. What language is spoken there?",
        "In the country where {n} was born, what do people speak?",
        "What are the languages of the country where {n} was born?",
    ),
    "currency": (
        "What is the currency of the country where {n} was born?",
        "What money is used in the country where {n} was born?",
        "Which currency is used in {n}'s home country?",
        "What is the currency of {n}'s country of birth?",
        "How do people pay in the country {n} comes from?",
        "Name the currency of the country where {n} was born.",
        "In the country where {n} was born, what is the currency?",
    ),
}
"""Questions in two steps: somebody's country, and something about that country."""
HOPS_HELD = {
    "capital": (
        "{n}'s native country has which capital?",
        "Please name the capital of the land in which {n} was born.",
    ),
    "continent": (
        "Please name the continent of {n}'s native country.",
        "The home country of {n} lies on which continent?",
    ),
    "language": (
        "Please say what is spoken in the land where {n} was born.",
        "{n}'s native country speaks which language?",
    ),
    "currency": ("Please say how people pay in the land where {n} was born.",),
}
RECALL = (
    "What did I just ask?",
    "What did I just ask you?",
    "What was my last question?",
    "What was my question?",
    "What was my previous question?",
    "What did I ask you?",
    "What did I ask you before?",
    "What did I ask before this?",
    "Repeat my question.",
    "Repeat my last question.",
    "Repeat what I asked.",
    "Can you repeat my question?",
    "Can you repeat what I just asked?",
    "Tell me what I just asked.",
    "Tell me my last question.",
    "Do you remember what I asked?",
    "Do you remember my question?",
    "Do you remember my last question?",
    "What did I want to know?",
    "What was it that I asked?",
    "Sorry, what did I just ask?",
    "I forgot what I asked. What was it?",
    "What have I just asked you?",
    "What question did I ask?",
    "Which question did I ask last?",
    "What did I say?",
    "What did I just say?",
    "Say my question again.",
)
RECALL_HELD = (
    "Could you repeat my last question?",
    "What was the last thing I asked?",
    "What did I ask a moment ago?",
)
NOTHING_ASKED = "You have not asked me anything yet."
STOP = frozenset(
    (
        "who whom whose what when where which why how is are was were do does did the a an of in on"
        " at to for and or by with from that this it its be has have had can could would you me"
        " tell my i s many much"
    ).split()
)
"""Function words: what a query leaves out."""


ASIDE = re.compile(r"^(?:(?:at|on|in) what (?:time|date|place)|which (?:person|thing))\b", re.I)
"""Openings of a question that would only mislead a search."""


def keywords(question: str) -> str:
    """The question without its function words: the query for anything without a template."""
    words = re.findall(r"[^\s?!,;:\"()]+", ASIDE.sub("", question))
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
