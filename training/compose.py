"""Facts -> conversations: when to answer, when to search, how to use what was found.

A `Composer` draws turns of every kind in the shares of a `Mix`. What the model turned out not to
know (`probe`) is handed in as `unknown` and becomes something to search for.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from random import Random

from training import asking
from training import attributes as a
from training import known as k
from training.articles import Articles
from training.chains import Chains
from training.chat import (
    LAST_CALL,
    SORRY,
    TOOLS_OFF,
    TOOLS_ON,
    Conversation,
    Said,
    Searched,
    Turn,
    frame,
)
from training.documents import person_subject
from training.facts import Attribute
from training.names import Names
from training.pages.drawing import Pages
from training.paraphrases import framed
from training.reading import Library, someone
from training.smalltalk import exchange
from training.topics import Topics
from training.wordings import EXTRA, FOLLOW, NOTHING_ASKED, RECALL, casual, keywords
from training.world import World


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of the kinds of turns (any positive numbers), and what those are about.

    Raises:
        ValueError: a share of searches is above 1.
    """

    known: float = 0.50
    search: float = 0.42
    talk: float = 0.06
    general: float = 0.05
    off: float = 0.7
    """Of what is known, as much is asked that is not, where there is no search."""
    follow: float = 0.05
    chain: float = 0.05
    recall: float = 0.03
    unanswerable: float = 0.45
    distractors: int = 2
    drills: float = 0.3
    """Of searches, the share that is about pages of random sentences."""
    articles: float = 0.0
    """Of searches, the share that is about real articles under invented names."""
    tales: float = 0.0
    """Of the other searches, the share that is about things in free sentences, or lists."""
    pages: float = 0.0
    """Of all searches, the share that is about pages written by hand."""
    restates: bool = False
    """Whether an answer speaks in the words of the question, or repeats the sentence read."""
    failures: tuple[float, ...] = (14, 46, 26, 10, 4)
    """Of searches without an answer: empty, other people, fact missing, unrelated, broken."""

    def __post_init__(self) -> None:
        for name in ("unanswerable", "drills", "articles", "tales", "pages"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share of searches: {getattr(self, name)}")


class Composer:
    """Draws conversations from a world, invented names and notes."""

    def __init__(
        self,
        world: World,
        names: Names,
        questions: list[str],
        rng: Random,
        mix: Mix | None = None,
        unknown: frozenset[tuple[str, str]] = frozenset(),
        articles: Articles | None = None,
        pages: Pages | None = None,
    ) -> None:
        self.articles, self.pages = articles, pages
        self.world, self.names, self.questions, self.rng = world, names, questions, rng
        self.mix = mix or Mix()
        facts = k.everything(world)
        self.known = [f for f in facts if f.key not in unknown]
        self.weights = list(accumulate(f.weight for f in self.known))
        self.not_known = [f for f in facts if f.key in unknown]
        self.by_person: dict[str, list[k.Known]] = {}
        for fact in self.known:
            if fact.topic == "person":
                self.by_person.setdefault(fact.subject, []).append(fact)
        self.people = world.train
        self.topics = Topics(world, names, self.not_known, rng, articles)
        self.library = Library((*self.people, *world.known), names, articles, self.mix.restates)
        self.chains = Chains(world, self.topics, self.library, self.known, rng)

    # -- turns ---------------------------------------------------------------------------------

    def direct(self) -> Turn:
        """A known fact, asked and answered at once."""
        fact = self.rng.choices(self.known, cum_weights=self.weights)[0]
        return Turn(self.ask(fact.attribute, fact.subject), (Said(fact.answer),))

    def ask(self, attribute: Attribute, name: str) -> str:
        """A question in one of its wordings, now and then framed, now and then in haste."""
        return self.asked(attribute, name)[0]

    def asked(self, attribute: Attribute, name: str) -> tuple[str, str]:
        """A question, and what to search for."""
        rng = self.rng
        how = rng.random()
        if how < 0.45:
            put_together = asking.question if how < 0.35 else framed
            question = put_together(attribute, name, rng)
            plain = attribute.unknown.format(n=name)
        else:
            question = plain = attribute.question(name, rng)
        query = attribute.query(name, rng) if attribute.queries else keywords(plain)
        return casual(question, rng), query

    def lookup(self) -> Turn:
        """Search, read, answer with a citation or say that one does not know."""
        rng, m = self.rng, self.mix
        if self.pages and rng.random() < m.pages:
            notice = LAST_CALL if rng.random() < 0.12 else ""
            return self.pages.draw(1 - m.unanswerable, m.distractors).turn(notice)
        subject, attribute, fact = self.topics.draw(m.drills, m.articles, m.tales)
        shown = ""
        if fact is None or rng.random() < m.unanswerable:
            fact = None
            shown = rng.choices(("empty", "others", "missing", "unrelated", "broken"), m.failures)[
                0
            ]
        case = self.library.case(
            subject, rng, wanted=fact, attribute=attribute, shown=shown, most=m.distractors
        )
        question, query = self.asked(attribute, subject.name)
        answer = case.answer
        if question == question.lower() and query != query.lower():
            query = query.lower()
            if fact is None:
                answer = answer.replace(subject.name, subject.name.lower())
        return Turn(question, (Searched(query, case.block), Said(answer)))

    def general(self, tools: bool) -> Turn:
        """A question about anything at all, which nothing at hand can answer."""
        rng = self.rng
        question = rng.choice(self.questions)
        sorry = Said(SORRY)
        if not tools:
            return Turn(question, (sorry,))
        other = [
            self.library.passage(person_subject(rng.choice(self.people), rng), rng)
            for _ in range(rng.randint(0, 2))
        ]
        return Turn(question, (Searched(keywords(question), frame(other)), sorry))

    def off(self) -> Turn:
        """A question about something unknown where there is no search."""
        subject, attribute, _ = self.topics.draw()
        if self.rng.random() < 0.1:
            return self.chains.turn(tools=False)
        return Turn(self.ask(attribute, subject.name), (Said(attribute.missed(subject.name)),))

    def talk(self) -> Turn:
        """Small talk."""
        asked, reply = exchange(self.rng)
        return Turn(asked, (Said(reply),))

    def recall(self, said: list[Turn]) -> Turn:
        """What was just asked, word for word."""
        answer = f'You asked: "{said[-1].user}"' if said else NOTHING_ASKED
        return Turn(casual(self.rng.choice(RECALL), self.rng), (Said(answer),))

    def follow(self) -> list[Turn]:
        """A question about a person, then one with a pronoun."""
        rng = self.rng
        if self.by_person and rng.random() < 0.4:
            facts = rng.choice(list(self.by_person.values()))
            first, second = rng.choice(facts), rng.choice(facts)
            wording = FOLLOW.get(second.attribute.key)
            if wording is None:
                return [self.direct()]
            p, s = ("she", "her") if second.female else ("he", "his")
            return [
                Turn(first.attribute.question(first.subject, rng), (Said(first.answer),)),
                Turn(rng.choice(wording).format(p=p, s=s), (Said(second.answer),)),
            ]
        person = (
            someone(self.topics.stranger(), self.people, rng)
            if rng.random() < 0.6
            else rng.choice(self.people)
        )
        subject, turns = person_subject(person, rng), []
        p, s = ("she", "her") if person.female else ("he", "his")
        for at in range(2):
            attribute = (
                rng.choice((a.WHO, a.BORN, a.CITY))
                if at == 0
                else rng.choice((a.BORN, a.CITY, a.JOB, a.DIED))
            )
            facts_here = [f for f in subject.facts if f.attribute is attribute]
            fact = facts_here[0] if facts_here and rng.random() < 0.8 else None
            case = self.library.case(
                subject,
                rng,
                wanted=fact,
                attribute=attribute,
                shown="" if fact else rng.choice(("empty", "others", "missing")),
                most=1,
            )
            question = (
                attribute.question(person.name, rng)
                if at == 0
                else rng.choice(FOLLOW[attribute.key]).format(p=p, s=s)
            )
            parts: tuple[Said | Searched, ...] = (
                Searched(attribute.query(person.name, rng), case.block),
                Said(case.answer),
            )
            turns.append(Turn(question, parts[1:] if at == 0 and rng.random() < 0.5 else parts))
            if len(turns[0].parts) == 1 and at == 0:
                turns[0] = Turn(question, (Said(case.answer, learn=False),))
        return turns

    def quiz(self) -> Conversation:
        """Several known facts one after the other: the cheapest rehearsal there is."""
        if not self.known:
            return self.conversation()
        turns = tuple(self.direct() for _ in range(self.rng.randint(3, 9)))
        return Conversation(TOOLS_ON if self.rng.random() < 0.8 else TOOLS_OFF, turns)

    # -- conversations -------------------------------------------------------------------------

    def conversation(self, turns: int | None = None, most: int = 2) -> Conversation:
        """A system line and one to five turns, drawn in the shares of the mix."""
        rng, m = self.rng, self.mix
        known = m.known if self.known else 0  # a model may know nothing yet
        tools = rng.random() < 0.80
        system = TOOLS_ON if tools else TOOLS_OFF
        if rng.random() < 0.10:
            system += "\n" + rng.choice(EXTRA)
        if tools:
            shares = {"known": known, "talk": m.talk, "search": m.search}
            shares |= {"general": m.general, "follow": m.follow, "chain": m.chain}
        else:
            shares = {"known": known, "talk": m.talk, "off": m.known * m.off, "general": m.general}
        shares["recall"] = m.recall
        said: list[Turn] = []
        searches = 0
        for _ in range(turns or rng.choice((1, 1, 1, 2, 2, 3, 4, 6))):
            kind = rng.choices(list(shares), list(shares.values()))[0]
            if said and kind == "talk" and rng.random() < 0.25:
                kind = "recall"
            if kind in {"search", "general", "follow", "chain"} and tools:
                searches += 1 + (kind in {"follow", "chain"})
                if searches > most and said:
                    continue
            match kind:
                case "known":
                    said.append(self.direct())
                case "talk":
                    said.append(self.talk())
                case "search":
                    said.append(self.lookup())
                case "off":
                    said.append(self.off())
                case "general":
                    said.append(self.general(tools))
                case "follow":
                    said.extend(self.follow())
                case "chain":
                    said.append(self.chains.turn())
                case "recall":
                    said.append(self.recall(said))
        if rng.random() < 0.4:
            said[:-1] = map(recounted, said[:-1])
        return Conversation(system, tuple(said))


def recounted(turn: Turn) -> Turn:
    """An earlier turn as a client sends it back: its words, without the searches."""
    if not any(isinstance(part, Searched) for part in turn.parts):
        return turn
    words = " ".join(part.text for part in turn.parts if isinstance(part, Said))
    return Turn(turn.user, (Said(words, learn=False),))
