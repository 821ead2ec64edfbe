"""Facts -> conversations: when to answer, when to search, how to use what was found.

A `Composer` draws turns of every kind in the shares of a `Mix`. What the model turned out not to
know (`probe`) is handed in as `unknown` and becomes something to search for.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

from training import attributes as a
from training import known as k
from training import notes
from training.chat import TOOLS_OFF, TOOLS_ON, Conversation, Said, Searched, Turn, frame
from training.documents import country_subject, element_subject, person_subject
from training.facts import Attribute, Fact, Subject
from training.names import Names, misspell
from training.reading import Library, someone
from training.smalltalk import exchange
from training.world import World, held_out, the

EXTRA = (
    "You are a helpful assistant.", "Be brief.", "Today is Tuesday, 3 March 2026.", "Answer in one sentence.",
    "You are Orson.", "Be polite and answer truthfully.", "The user is called Sam.", "Use short sentences.",
)  # fmt: skip
FOLLOW = {
    "born": ("When was {p} born?", "And when was {p} born?", "What is {s} birth year?", "What year was {p} born?", "And in what year was {p} born?"),
    "city": ("Where was {p} born?", "And where was {p} born?", "What is {s} birthplace?", "And {s} birthplace?", "Where is {p} from?"),
    "country": ("Which country is {p} from?", "And what country is {p} from?", "What is {s} home country?"),
    "job": ("What did {p} do?", "And what is {s} job?", "What is {s} occupation?", "What is {p} known for?"),
    "died": ("When did {p} die?", "And when did {p} die?", "In which year did {p} die?"),
}  # fmt: skip
STOP = set("who what when where which why how is are was were do does did the a an of in on at to for and or by with from that this it its be has have had can could would you me tell my i s many much".split())  # fmt: skip
PERSON_ASKS = (a.WHO, a.WHO, a.WHO, a.WHO, a.BORN, a.BORN, a.CITY, a.CITY, a.JOB, a.JOB, a.COUNTRY, a.DIED)


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of the kinds of turns (any positive numbers)."""

    known: float = 0.50
    search: float = 0.42
    talk: float = 0.06
    general: float = 0.05
    follow: float = 0.05
    unanswerable: float = 0.45
    distractors: int = 2


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
            if 12 < len(text) < 95 and "kovats" not in text.lower():
                found.append(text if text.endswith("?") or file.startswith("simple") else text + "?")
    return [q for q in found if not held_out(q)], [q for q in found if held_out(q)]


def casual(question: str, rng: Random) -> str:
    """Sometimes the question as typed in haste."""
    odd = rng.random()
    if odd < 0.05:
        question = question.lower()
    return question.rstrip("?.") if odd > 0.94 or (odd < 0.05 and rng.random() < 0.5) else question


class Composer:
    """Draws conversations from a world, invented names and notes."""

    def __init__(self, world: World, names: Names, questions: list[str], rng: Random,
                 mix: Mix | None = None, unknown: frozenset[tuple[str, str]] = frozenset()) -> None:  # fmt: skip
        self.world, self.names, self.questions, self.rng = world, names, questions, rng
        self.mix = mix or Mix()
        facts = k.everything(world)
        self.known = [f for f in facts if f.key not in unknown]
        self.not_known = [f for f in facts if f.key in unknown]
        self.by_person: dict[str, list[k.Known]] = {}
        for fact in self.known:
            if fact.topic == "person":
                self.by_person.setdefault(fact.subject, []).append(fact)
        self.real = {p.name for p in (*world.known, *world.searchable)}
        self.firsts = tuple({p.name.split()[0] for p in world.known if " " in p.name})
        self.lasts = tuple({p.name.split()[-1] for p in world.known if " " in p.name})
        self.people = tuple(world.train)
        self.library = Library((*self.people, *world.known), names)

    # -- what there is to ask ------------------------------------------------------------------

    def stranger(self) -> str:
        """An invented name; a third are made of well-known parts or misspelt."""
        rng = self.rng
        for _ in range(20):
            odd = rng.random()
            if odd < 0.16:
                name = f"{rng.choice(self.firsts)} {rng.choice(self.lasts)}"
            elif odd < 0.24:
                name = f"{rng.choice(self.firsts)} {self.names.invent(rng).split()[-1]}"
            elif odd < 0.32:
                name = f"{self.names.invent(rng).split()[0]} {rng.choice(self.lasts)}"
            elif odd < 0.36:
                name = misspell(rng.choice(self.world.known).name, rng)
            elif odd < 0.39:
                name = notes.word(rng)
            else:
                name = self.names.invent(rng)
            if name not in self.real:
                return name
        return self.names.invent(rng)

    def topic(self) -> tuple[Subject, Attribute, Fact | None]:
        """Something the model does not know: subject, question, and the fact that would answer."""
        rng, kind = self.rng, self.rng.random()
        if kind < 0.36:
            name = self.stranger()
            subject = person_subject(someone(name, self.people, rng), rng)
        elif kind < 0.54:
            subject = person_subject(rng.choice(self.people), rng)
        elif kind < 0.92:
            subject = notes.subject(self.names, rng)
            fact = rng.choice(subject.facts)
            return subject, fact.attribute, fact
        elif self.not_known and kind < 0.95:
            lost = rng.choice(self.not_known)
            fact = Fact(lost.attribute, lost.value, lost.answer)
            return Subject(lost.subject, (fact,), ()), lost.attribute, fact
        else:
            return self.beyond()
        attribute = rng.choice(PERSON_ASKS) if rng.random() < 0.8 else rng.choice(a.PRIVATE)
        facts = [f for f in subject.facts if f.attribute.key == attribute.key]
        return subject, attribute, rng.choice(facts) if facts else None

    def beyond(self) -> tuple[Subject, Attribute, Fact | None]:
        """A question about something known that goes beyond what is known."""
        rng, kind = self.rng, self.rng.random()
        if kind < 0.4:
            person = rng.choice(self.world.known)
            return person_subject(person, rng), rng.choice(a.PRIVATE), None
        if kind < 0.75:
            country = rng.choice(self.world.countries)
            subject = country_subject(country, rng)
            subject = Subject(the(country.name), subject.facts, subject.missing)
            attribute = rng.choice((a.AREA, a.NEIGHBOURS, a.POPULATION, a.LEADER, a.ANTHEM))
        else:
            subject = element_subject(rng.choice(self.world.elements), rng)
            subject = Subject(subject.name.lower(), subject.facts, subject.missing)
            attribute = rng.choice((a.MASS, a.FINDER, a.MELT, a.PRICE))
        return subject, attribute, next((f for f in subject.facts if f.attribute is attribute), None)

    # -- turns ---------------------------------------------------------------------------------

    def direct(self) -> Turn:
        fact = self.rng.choice(self.known)
        return Turn(casual(fact.attribute.question(fact.subject, self.rng), self.rng), (Said(fact.answer),))

    def lookup(self) -> Turn:
        """Search, read, answer with a citation or say that one does not know."""
        rng = self.rng
        subject, attribute, fact = self.topic()
        shown = ""
        if fact is None or rng.random() < self.mix.unanswerable:
            fact = None
            shown = rng.choices(("empty", "others", "missing", "unrelated", "broken"), (22, 36, 26, 12, 4))[0]
        case = self.library.case(subject, rng, wanted=fact, attribute=attribute, shown=shown, most=self.mix.distractors)
        question = casual(attribute.question(subject.name, rng), rng)
        name, answer = subject.name, case.answer
        if question == question.lower() and name != name.lower():
            name = name.lower()
            if fact is None:
                answer = answer.replace(subject.name, name)
        return Turn(question, (Searched(attribute.query(name, rng), case.block), Said(answer)))

    def general(self, tools: bool) -> Turn:
        rng = self.rng
        question = rng.choice(self.questions)
        sorry = Said("I don't know the answer to that.")
        if not tools:
            return Turn(question, (sorry,))
        other = [self.library.passage(person_subject(rng.choice(self.people), rng), rng) for _ in range(rng.randint(0, 2))]
        return Turn(question, (Searched(keywords(question), frame(other)), sorry))

    def off(self) -> Turn:
        subject, attribute, _ = self.topic()
        return Turn(casual(attribute.question(subject.name, self.rng), self.rng), (Said(attribute.missed(subject.name)),))

    def talk(self) -> Turn:
        asked, reply = exchange(self.rng)
        return Turn(asked, (Said(reply),))

    def follow(self) -> list[Turn]:
        """A question about a person, then one with a pronoun."""
        rng = self.rng
        if rng.random() < 0.4:
            facts = rng.choice(list(self.by_person.values()))
            first, second = rng.choice(facts), rng.choice(facts)
            wording = FOLLOW.get(second.attribute.key)
            if wording is None:
                return [self.direct()]
            p, s = ("she", "her") if second.female else ("he", "his")
            return [Turn(first.attribute.question(first.subject, rng), (Said(first.answer),)),
                    Turn(rng.choice(wording).format(p=p, s=s), (Said(second.answer),))]  # fmt: skip
        person = someone(self.stranger(), self.people, rng) if rng.random() < 0.6 else rng.choice(self.people)
        subject, turns = person_subject(person, rng), []
        p, s = ("she", "her") if person.female else ("he", "his")
        for at in range(2):
            attribute = rng.choice((a.WHO, a.BORN, a.CITY)) if at == 0 else rng.choice((a.BORN, a.CITY, a.JOB, a.DIED))
            facts_here = [f for f in subject.facts if f.attribute is attribute]
            fact = facts_here[0] if facts_here and rng.random() < 0.8 else None
            case = self.library.case(subject, rng, wanted=fact, attribute=attribute,
                                     shown="" if fact else rng.choice(("empty", "others", "missing")), most=1)  # fmt: skip
            question = attribute.question(person.name, rng) if at == 0 else rng.choice(FOLLOW[attribute.key]).format(p=p, s=s)
            parts: tuple[Said | Searched, ...] = (Searched(attribute.query(person.name, rng), case.block), Said(case.answer))
            turns.append(Turn(question, parts[1:] if at == 0 and rng.random() < 0.5 else parts))
            if len(turns[0].parts) == 1 and at == 0:
                turns[0] = Turn(question, (Said(case.answer, learn=False),))
        return turns

    # -- conversations -------------------------------------------------------------------------

    def conversation(self, turns: int | None = None, most: int = 2) -> Conversation:
        """A system line and one to five turns, drawn in the shares of the mix."""
        rng, m = self.rng, self.mix
        tools = rng.random() < 0.80
        system = TOOLS_ON if tools else TOOLS_OFF
        if rng.random() < 0.10:
            system += "\n" + rng.choice(EXTRA)
        kinds, shares = ("known", "talk", "off", "general"), (m.known, m.talk, m.known * 0.7, m.general)
        if tools:
            kinds, shares = ("known", "talk", "search", "general", "follow"), (m.known, m.talk, m.search, m.general, m.follow)  # type: ignore[assignment]
        said: list[Turn] = []
        searches = 0
        for _ in range(turns or rng.choice((1, 1, 1, 2, 2, 3, 4, 6))):
            kind = rng.choices(kinds, shares)[0]
            if kind in {"search", "general", "follow"} and tools:
                searches += 1 + (kind == "follow")
                if searches > most and said:
                    continue
            match kind:
                case "known": said.append(self.direct())
                case "talk": said.append(self.talk())
                case "search": said.append(self.lookup())
                case "off": said.append(self.off())
                case "general": said.append(self.general(tools))
                case "follow": said.extend(self.follow())
        return Conversation(system, tuple(said))
