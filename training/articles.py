"""Real articles under invented names: the one real prose at hand, and what it tells of somebody.

The openings of encyclopedia articles about people and films are read for facts by pattern; the
subject gets a name that nobody has, so that the page alone can answer. They are shown while the
model is trained and go nowhere else.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from training import attributes as a
from training import clauses, notes
from training.article_facts import FILMS_LEFT_OPEN, LEFT_OPEN, OF_FILMS, OF_PEOPLE, TOUCHED
from training.facts import Attribute, Fact, Subject
from training.names import Names
from training.world import FORBIDDEN, OCCUPATIONS, held_out

KIND = "article"
CLAUSES = 0.6
"""Share of questions about articles that are made from a sentence."""


@dataclass(frozen=True, slots=True)
class Article:
    """Sentences with {n}, {first} and {last} for the name; (attribute, value, sentence)."""

    sentences: tuple[str, ...]
    told: tuple[tuple[Attribute, str, int], ...]
    film: bool = False


def _clean(text: str) -> str:
    text = re.sub(
        r"\((?:[^()]|\([^()]*\))*?(?:listen|/|\[|pronounced)(?:[^()]|\([^()]*\))*\)", _dates, text
    )
    return re.sub(r"\s+", " ", text.replace("{", "").replace("}", "")).replace(" ,", ",").strip()


def _dates(found: re.Match[str]) -> str:
    """What is left of brackets with a pronunciation in them: the dates."""
    kept = [part.strip() for part in found.group()[1:-1].split(";") if re.search(r"\d{4}", part)]
    return f"({'; '.join(kept)})" if kept and "/" not in kept[-1] else ""


def _sentences(text: str) -> list[str]:
    return [line for line in re.split(r"(?<=[a-z0-9)\"”’]{2}[.!?]) (?=[A-ZÀ-Þ\"“])", text) if line]


def _made(
    text: str, name: str, patterns: tuple[tuple[Attribute, str], ...], film: bool
) -> Article | None:
    """An article with its subject's name taken out; None where one can't tell where it stands."""
    parts, lines = name.split(), _sentences(_clean(text))
    if not lines or len(lines[0]) > 420:
        return None
    opening = re.match(r"^[^(,]{2,70}?(?= ?[(,]| (?:is|was|were|are) )", lines[0])
    if opening is None or parts[-1] not in opening.group():
        return None
    lines[0] = "{n}" + lines[0][opening.end() :]
    if lines[0].startswith("{n}("):
        lines[0] = "{n} " + lines[0][3:]
    for at, line in enumerate(lines):
        line = line.replace(name, "{n}")
        if not film and len(parts) > 1:
            line = re.sub(rf"\b{re.escape(parts[-1])}\b", "{last}", line)
            line = re.sub(rf"\b{re.escape(parts[0])}\b", "{first}", line)
        lines[at] = line
    told, seen = [], set()
    for attr, pattern in patterns:
        for at, line in enumerate(lines):
            found = re.search(pattern, line)
            if found and attr.key not in seen:
                value = found.group(1).strip().removesuffix("'s").rstrip(".,")
                if "{" in value or len(value) < 2 or value in ("He", "She", "The", "It"):
                    continue
                seen.add(attr.key)
                told.append((attr, value, at))
    return Article(tuple(lines), tuple(told), film)


def _people(data: Path) -> Iterator[Article]:
    with gzip.open(data / "people.jsonl.gz", "rt", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            name = row["name"].strip()
            if held_out(name) or FORBIDDEN in row["lead"].lower():
                continue
            if made := _made(row["lead"], name, OF_PEOPLE, False):
                yield _dated(made, row)
    with gzip.open(data / "2wikimultihopqa_corpus.json.gz", "rt", encoding="utf-8") as file:
        for row in json.load(file):
            title = re.sub(r" \(.*\)", "", row["title"])
            person = re.search(r"\b(?:he|she|born|son|daughter)\b", row["text"])
            if person and not held_out(title):
                text = re.sub(r"(\w)\( ?", r"\1 (", row["text"]).replace("- ", "-")
                made = _made(text, title, OF_PEOPLE, False)
                if made and made.told:
                    yield made


def _dated(made: Article, row: dict[str, Any]) -> Article:
    """With the years in the brackets of the opening, and the occupation where it stands there."""
    told, first = list(made.told), made.sentences[0]
    brackets = re.search(r"\(([^()]{4,140})\)", first)
    years = re.findall(r"\b(\d{4})\b", brackets.group(1)) if brackets else []
    if row["birth_year"] in years:
        told.append((a.BORN, row["birth_year"], 0))
        if len(years) == 2 and years[0] == row["birth_year"]:
            told.append((a.DIED, years[1], 0))
    job = row["occupation"].lower()
    job = OCCUPATIONS.get(job, job)
    if re.search(rf"\b{re.escape(job)}\b", first):
        told += [(a.JOB, job, 0), (a.WHO, job, 0)]
    return Article(made.sentences, tuple(told), False)


def _asked(article: Article, lemma: dict[str, str]) -> Article:
    """The article with questions made from its sentences."""
    more = [
        (told.attribute, told.value, at)
        for at, line in enumerate(article.sentences)
        for told in clauses.told(line, lemma)
    ]
    return replace(article, told=(*article.told, *more)) if more else article


def _films(data: Path) -> Iterator[Article]:
    with gzip.open(data / "movies.jsonl.gz", "rt", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            text = row.get("extract") or ""
            if len(text) > 120 and not held_out(row["title"]) and FORBIDDEN not in text.lower():
                made = _made(text, row["title"], OF_FILMS, True)
                if made and len(made.told) > 1:
                    yield made


class Articles:
    """Draws real articles under invented names."""

    def __init__(self, data: Path, names: Names, rng: Random) -> None:
        self.names, self.rng = names, rng
        people, films = list(_people(data)), list(_films(data))
        lemma = clauses.lemmas(" ".join(each.sentences) for each in (*people, *films))
        self.people = [each for each in (_asked(one, lemma) for one in people) if each.told]
        self.films = [_asked(one, lemma) for one in films]
        self.by_key: dict[str, list[Article]] = {}
        attributes: dict[str, Attribute] = {}
        self.clauses: list[Attribute] = []
        for each in (*self.people, *self.films):
            for attr, _, _ in each.told:
                self.by_key.setdefault(attr.key, []).append(each)
                if attr.key in clauses.KINDS:
                    self.clauses.append(attr)
                else:
                    attributes[attr.key] = attr
        self.keys = tuple(attributes)

    def wanted(self) -> str:
        """What to ask about: what some sentence says, or the kinds of facts evenly, so that rare
        ones count beside dates."""
        if self.clauses and self.rng.random() < CLAUSES:
            return self.rng.choice(self.clauses).key
        return self.rng.choice(self.keys)

    def text(self) -> str:
        """Some of an article, as it is."""
        subject = self._named(self.rng.choice((*self.people, *self.films)), "")
        start = self.rng.randrange(max(1, len(subject.lines) - 3))
        return " ".join(subject.lines[start : start + 8])

    def subject(self, key: str, name: str = "") -> Subject:
        """An article that tells what `key` names, or any; its subject is called `name`."""
        return self._named(self.rng.choice(self.by_key.get(key) or self.people), name)

    def _named(self, article: Article, name: str) -> Subject:
        rng = self.rng
        name = name or (
            notes.name("book", self.names, rng, False) if article.film else self.names.invent(rng)
        )
        words = name.split()
        lines = tuple(
            s.replace("{n}", name).replace("{first}", words[0]).replace("{last}", words[-1])
            for s in article.sentences
        )
        text = " ".join(lines).lower()
        facts = tuple(Fact(attr, value, lines[at]) for attr, value, at in article.told)
        keys = {fact.attribute.key for fact in facts}
        left = FILMS_LEFT_OPEN if article.film else LEFT_OPEN
        missing = tuple(
            attr
            for attr in left
            if attr.key not in keys and not re.search(TOUCHED.get(attr.key, ""), text)
        )
        if self.clauses:
            other = rng.choice(self.clauses)
            verb = other.unknown.partition("{n} ")[2].removeprefix("was ").split()[0]
            if not re.search(rf"\b{re.escape(verb[:-2])}", text):
                missing = (*missing, *(other,) * (1 + len(missing) // 2))
        return Subject(name, facts, missing, KIND, lines)
