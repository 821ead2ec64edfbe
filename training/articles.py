# ruff: noqa: E501
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
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from training import attributes as a
from training import notes
from training.facts import Attribute, Fact, Subject
from training.names import Names
from training.paraphrases import taught as attribute
from training.world import FORBIDDEN, OCCUPATIONS, held_out

KIND = "article"
_NAME = r"[A-ZÀ-Þ][\w'’.-]*"
_NAMES = rf"{_NAME}(?: (?:(?:of|de|von|van|der|la|and|the) )?{_NAME})*"
_TWO = rf"{_NAME}(?: {_NAME}){{1,3}}"

FATHER = attribute(
    "father",
    "Who was the father of {n}? | Who is {n}'s father? | What was the name of {n}'s father? | Whose child was {n}?",
    "{n} father",
    "The father of {n} was {v}.",
    "who the father of {n} is",
)
GREW_UP = attribute(
    "grew_up",
    "Where did {n} grow up? | Where was {n} raised? | In which place did {n} grow up? | Where did {n} spend the childhood?",
    "{n} childhood",
    "{n} grew up in {v}.",
    "where {n} grew up",
)
KNOWN_FOR = attribute(
    "known_for",
    "What is {n} best known for? | What is {n} known for? | What is {n} famous for? | Why do people know {n}?",
    "{n} known for",
    "{n} is best known for {v}.",
    "what {n} is known for",
)
PLAYED = attribute(
    "played",
    "Which team does {n} play for? | Which club did {n} play for? | For whom did {n} play?",
    "{n} team",
    "{n} played for {v}.",
    "which team {n} plays for",
)
FOUNDED = attribute(
    "founded",
    "What did {n} found? | Which organisation did {n} found? | What was founded by {n}?",
    "{n} founder",
    "{n} founded {v}.",
    "what {n} founded",
)
BURIED = attribute(
    "death_place",
    "Where did {n} die? | In which city did {n} die? | What was the place of {n}'s death?",
    "{n} death place",
    "{n} died in {v}.",
    "where {n} died",
)
STYLE = attribute(
    "instrument",
    "Which instrument does {n} play? | What instrument did {n} play? | What does {n} play?",
    "{n} instrument",
    "{n} plays the {v}.",
    "which instrument {n} plays",
)
DIRECTOR = attribute(
    "director",
    "Who directed {n}? | Who is the director of {n}? | By whom was {n} directed? | Who made {n}?",
    "{n} director",
    "{n} was directed by {v}.",
    "who directed {n}",
)
WRITER = attribute(
    "writer",
    "Who wrote {n}? | Who is the writer of {n}? | By whom was {n} written?",
    "{n} writer",
    "{n} was written by {v}.",
    "who wrote {n}",
)
PRODUCER = attribute(
    "producer",
    "Who produced {n}? | Who is the producer of {n}? | By whom was {n} produced?",
    "{n} producer",
    "{n} was produced by {v}.",
    "who produced {n}",
)
STAR = attribute(
    "star",
    "Who stars in {n}? | Who is in {n}? | Which actor plays in {n}? | Who acted in {n}?",
    "{n} cast",
    "{n} stars {v}.",
    "who stars in {n}",
)
OUT = attribute(
    "released",
    "When did {n} come out? | In which year was {n} released? | When was {n} released? | What year is {n} from?",
    "{n} release",
    "{n} came out in {v}.",
    "when {n} came out",
)
BASIS = attribute(
    "basis",
    "What is {n} based on? | On what is {n} based? | Where does the story of {n} come from?",
    "{n} based on",
    "{n} is based on {v}.",
    "what {n} is based on",
)
DISTRIBUTOR = attribute(
    "distributor",
    "Who distributed {n}? | By whom was {n} released? | Which company released {n}?",
    "{n} distributor",
    "{n} was distributed by {v}.",
    "who distributed {n}",
)
_COUNT = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
OF_PEOPLE: tuple[tuple[Attribute, str], ...] = (
    (a.CITY, rf"\bborn(?: and raised)?(?: on [^,.;()]+?| in \d{{4}})? (?:in|at) (?:the (?:city|town|village) of )?({_NAME}(?: {_NAME})*)"),
    (BURIED, rf"\bdied(?: [^,.;()]*?)? (?:in|at) ({_NAMES})"),
    (GREW_UP, rf"(?:\braised|grew up|brought up|spent (?:his|her|most of his|most of her) (?:childhood|youth))(?: [a-z]+)?,? in ({_NAMES})"),
    (a.HOME, rf"(?:\blives|\bresides|\bsettled|\bliving|now based)(?: [a-z]+)? in ({_NAMES})"),
    (a.SCHOOL, rf"(?:\bstudied(?: [a-z ]+)? (?:at|in)|\battended|educated (?:at|in)|graduated from|graduate of|degree(?: [a-z ]+)? (?:from|at)|enrolled (?:in|at)) (?:the )?({_NAMES})"),
    (a.SPOUSE, rf"(?:\bmarried(?: to)?|\bwife of|\bhusband of)(?: (?:the|an?) [a-z ]+| actor| actress| singer| fellow [a-z]+)? ({_TWO})"),
    (a.PRIZE, rf"(?:\bwon|\breceived|\bawarded|recipient of)(?: [a-z]+)? (?:the|an?) (?:\d{{4}} )?((?:{_NAME} |for |in |of |and )*?{_NAME} ?(?:Prize|Award|Medal|Cup|Championship|Trophy|Championships)s?(?: (?:for|in) {_NAMES})?)"),
    (a.CHILDREN, rf"\b(?:had|has|have|father of|mother of|parents? of|raised|together,) ({_COUNT}) children"),
    (a.MOTHER, rf"(?:\bmother,? (?:was )?|(?:son|daughter) of {_NAMES}(?: of {_NAME})? and (?:his wife |his second wife )?)({_TWO})"),
    (FATHER, rf"(?:\bfather,? (?:was )?|\b(?:son|daughter|child) of (?:King |Prince |Duke |Count |Emperor )?)({_TWO})"),
    (a.EMPLOYER, rf"(?:\bworks|\bworked|\bworking|employed)(?: as [a-z ]+)? (?:for|at|by) (?:the )?({_NAMES})"),
    (PLAYED, rf"\b(?:plays|played|playing)(?: as an? [a-z ]+)?(?: professionally)? for (?:the )?({_NAMES})"),
    (FOUNDED, rf"\b(?:founded|co-founded|established|founder of|co-founder of) (?:the )?({_NAMES})"),
    (KNOWN_FOR, r"\b(?:best|widely|mostly|primarily|well) known for (?:his |her |the )?([^,.;()]{4,60})"),
    (STYLE, r"\bplay(?:s|ed)? the ([a-z]+)\b"),
)  # fmt: skip
OF_FILMS: tuple[tuple[Attribute, str], ...] = (
    (DIRECTOR, rf"\bdirected(?: and [a-z-]+)?(?: and [a-z-]+)? by ({_TWO})"),
    (WRITER, rf"\bwritten(?: and [a-z-]+)? by ({_TWO})"),
    (PRODUCER, rf"\bproduced(?: and [a-z-]+)? by ({_TWO})"),
    (STAR, rf"\b(?:starring|stars|featuring|features) ({_TWO})"),
    (OUT, r"\bis an? (\d{4})\b"),
    (BASIS, r"\bbased (?:up)?on ((?:the |a )?[^.;]{6,70})"),
    (DISTRIBUTOR, rf"\b(?:distributed|released)(?: theatrically)?(?: in [A-Z][^,.;]+)? by ({_NAMES})"),
)  # fmt: skip
TOUCHED: dict[str, str] = {
    "city": "born", "country": "born|from", "died": r"died|death|\d\)", "spouse": "marri|wife|husband|spouse|partner|widow",
    "children": "child|son|daughter|father|mother|parent", "height": "tall|height|feet|metres", "mother": "mother|parent|daughter|son of|née",
    "father": "father|parent|daughter|son of", "school": "stud|school|universit|college|educat|graduat|degree|academy",
    "home": r"liv|resid|settle|moved|home|based|grew", "hobby": "hobb|enjoy|fond|passion|collect|free time|interest", "worth": "worth|rich|wealth|million",
    "prize": "prize|award|medal|won|cup|champion|trophy", "employer": "work|employ|join|compan", "instrument": "play|instrument|guitar|piano|violin",
    "grew_up": "grew|rais|brought|childhood|youth|early", "founded": "found|establish|start|creat", "played": "play|team|club|join",
    "director": "direct", "writer": "writ|wrote|screenplay|script|story|by", "producer": "produc", "basis": "based|adapt|novel|story|book|remake|play",
    "distributor": "distribut|released|studio", "star": "star|featur|cast|play", "known_for": "known|famous|best", "death_place": "died|death|killed",
}  # fmt: skip
"""Words after which a question may no longer count as left open, by the attribute's key."""
LEFT_OPEN = (*a.PRIVATE, a.CITY, a.DIED, FATHER, GREW_UP, BURIED, FOUNDED, PLAYED, STYLE)
FILMS_LEFT_OPEN = (WRITER, PRODUCER, BASIS, DISTRIBUTOR, DIRECTOR, STAR)


@dataclass(frozen=True, slots=True)
class Article:
    """Sentences with {n}, {first} and {last} for the subject's name, and (attribute, value, sentence) found in them."""

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
    """An article with its subject's name taken out; None where it can't be told where that stands."""
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
    return Article(tuple(lines), tuple(told), film) if told or not film else None


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
        self.people = [each for each in _people(data) if each.told]
        self.films = list(_films(data))
        self.by_key: dict[str, list[Article]] = {}
        for each in (*self.people, *self.films):
            for attr, _, _ in each.told:
                self.by_key.setdefault(attr.key, []).append(each)
        attributes = {
            attr.key: attr for each in (*self.people, *self.films) for attr, _, _ in each.told
        }
        self.attributes = tuple(attributes.values())

    def wanted(self) -> Attribute:
        """What to ask about: the kinds of facts evenly, so that rare ones count beside dates."""
        return self.rng.choice(self.attributes)

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
        return Subject(name, facts, missing, KIND, lines)
