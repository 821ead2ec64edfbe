"""Search results around a question: the right passage or none, among ones that almost fit.

About 45 of 100 blocks hold no answer, in every way that a search can fail, so that the model
learns to check the name and the attribute before it copies a sentence.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from random import Random

from search_adapters.passages import TARGET
from training import articles, chat, drills, notes
from training.articles import Articles
from training.attributes import JOB
from training.chat import Passage
from training.documents import person_subject
from training.drills import Drills
from training.facts import Attribute, Fact, Subject, an, capital
from training.names import Names, near
from training.nouns import noun
from training.prose import Prose
from training.world import Person

SITES = (
    ("encyclopedia",) * 5
    + ("notes",) * 4
    + (
        "example.org",
        "handbook",
        "wiki",
        "local",
        "docs",
        "intranet",
        "news.example",
        "files",
        "site.example",
    )
)
TITLES = (
    "Notes",
    "Meeting notes",
    "Handbook",
    "Office",
    "Todo",
    "Info",
    "List",
    "notes.md",
    "Household",
    "Team page",
    "Wiki",
    "Log",
)
"""Of pages that are not titled by what they are about."""
SAME = {"city": ("country",), "country": ("city",), "who": ("job",), "job": ("who",)}
"""Facts that answer for each other: without the one a text must not tell the other either."""
SNIPPETS = 0.15
"""Share of the passages that are a single sentence, as search engines show them."""
FAILURES = (
    "Search failed: timed out.",
    "Search failed: rate limited.",
    "Search failed: unavailable.",
)


def day(rng: Random) -> str:
    """A date of a page, as the index has it."""
    return f"{rng.randrange(2015, 2027)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"


def someone(name: str, people: tuple[Person, ...], rng: Random) -> Person:
    """A person who never lived, with a life borrowed from several who did."""
    home, work = rng.choice(people), rng.choice(people)
    born = str(rng.randrange(1700, 2006))
    died = str(int(born) + rng.randrange(25, 95)) if rng.random() < 0.4 else ""
    return Person(
        name,
        born,
        home.city,
        home.country,
        noun("trade", rng) if rng.random() < 0.5 else work.occupation,
        rng.random() < 0.5,
        died if died and int(died) < 2025 else "",
        0,
    )


@dataclass(frozen=True, slots=True)
class Case:
    """A question about a subject, with the sentence that answers it, if any passage holds one."""

    name: str
    attribute: Attribute
    value: str  # "" where the block must not contain an answer
    block: str
    answer: str
    passages: tuple[Passage, ...]


class Library:
    """Finds passages that share words with a name, as full-text search would."""

    def __init__(
        self,
        people: tuple[Person, ...],
        names: Names,
        articles: Articles | None = None,
        restates: bool = False,
    ) -> None:
        self.people, self.names, self.articles = people, names, articles
        self.restates = restates
        self.by_word: defaultdict[str, list[Person]] = defaultdict(list)
        for person in people:
            for word in person.name.lower().split():
                self.by_word[word].append(person)

    def namesakes(self, name: str, rng: Random, count: int) -> list[Person]:
        """Up to `count` real people who share a word of the name."""
        found = [p for w in name.lower().split() for p in self.by_word.get(w, ()) if p.name != name]
        return rng.sample(found, min(count, len(found)))

    def passage(self, subject: Subject, rng: Random, keep: Fact | None = None) -> Passage:
        """A passage about a subject: an article, or a note that may not be titled by its name."""
        sentences = list(subject.sentences)
        if subject.lines:
            sentences = [window(sentences, keep.sentence if keep else sentences[0], rng)]
        elif keep is not None and len(sentences) > 3:
            others = [s for s in sentences[1:] if s != keep.sentence]
            chosen = {sentences[0], keep.sentence, *rng.sample(others, min(1, len(others)))}
            sentences = [s for s in sentences if s in chosen]
        if subject.kind != drills.KIND and rng.random() < SNIPPETS:
            sentences = snippet(subject, sentences, keep, rng)
        title = capital(subject.name)
        if subject.kind == drills.KIND and rng.random() < 0.5:
            title = capital(self.names.phrase(rng))
        if subject.kind and subject.name.lower() in sentences[0].lower() and rng.random() < 0.3:
            title = rng.choice((*TITLES, f"{title} notes"))
        site = rng.choice(SITES if subject.kind else SITES[:7])
        date = day(rng) if rng.random() < (0.6 if subject.kind else 0.1) else None
        text = " ".join(sentences)
        if subject.kind and rng.random() < 0.10:
            text = f"{title} {text}"  # the first line of a plain text file stands in its text too
        return Passage(title, "", text, site, date)

    def rival(self, subject: Subject, attribute: Attribute, rng: Random, test: bool) -> Subject:
        """Another subject that could be mistaken for this one, told with the same attribute."""
        if subject.kind == articles.KIND and self.articles:
            name = near(subject.name, self.names, rng, test)
            return self.articles.subject(attribute.key, name)
        if subject.kind == "prose":
            name = near(subject.name, self.names, rng, test)
            return Prose(self.names, rng, test).subject(someone(name, self.people, rng), most=3)
        if subject.kind == drills.KIND:
            return Drills(self.names, rng, test).subject(attribute)
        if subject.kind:
            other = notes.subject(self.names, rng, test, 3, kind=subject.kind, must=attribute.key)
            if subject.kind != "someone" or rng.random() < 0.4:
                return other
        kin = self.namesakes(subject.name, rng, 1)
        if kin and rng.random() < 0.5:
            return person_subject(kin[0], rng)
        return person_subject(
            someone(near(subject.name, self.names, rng, test), self.people, rng), rng
        )

    def case(
        self,
        subject: Subject,
        rng: Random,
        *,
        wanted: Fact | None,
        attribute: Attribute,
        shown: str = "",
        test: bool = False,
        most: int = 2,
        start: int = 1,
    ) -> Case:
        """A block for a question; `wanted` None means that nothing in it may answer.

        `shown` picks how the search fails: empty, others, missing, unrelated or broken.
        """
        found: list[Passage] = []
        if wanted is not None:
            found.append(self.passage(subject, rng, wanted))
        elif shown == "missing":
            rest = without(subject, attribute)
            if rest.sentences:
                found.append(self.passage(rest, rng))
        if shown == "broken":
            failure = rng.choice(FAILURES)
            return Case(
                subject.name,
                attribute,
                "",
                f"\n{failure}\n",
                f"I could not search, so {lower(attribute.missed(subject.name))}",
                (),
            )
        if shown != "empty":
            for _ in range(rng.randint(1 if not found else 0, most)):
                if shown == "unrelated" or rng.random() < 0.3:
                    other = (
                        notes.subject(self.names, rng, test, 2)
                        if rng.random() < 0.5
                        else person_subject(rng.choice(self.people), rng)
                    )
                else:
                    other = self.rival(subject, attribute, rng, test)
                if other.name.lower() != subject.name.lower():
                    found.append(
                        self.passage(
                            other,
                            rng,
                            next(
                                (f for f in other.facts if f.attribute.key == attribute.key), None
                            ),
                        )
                    )
        if rng.random() < 0.8:
            rng.shuffle(found)
        notice = chat.LAST_CALL if rng.random() < 0.12 else ""
        block = chat.frame(found, start, notice)
        if wanted is None:
            return Case(
                subject.name, attribute, "", block, attribute.missed(subject.name), tuple(found)
            )
        at = next(i for i, p in enumerate(found, start) if wanted.sentence in p.text)
        return Case(
            subject.name,
            attribute,
            wanted.value,
            block,
            chat.cite(restated(subject, wanted) if self.restates else wanted.sentence, at),
            tuple(found),
        )


def restated(subject: Subject, fact: Fact) -> str:
    """The fact in the words of the question; articles of the encyclopedia speak in them already."""
    attribute, value = fact.attribute, fact.value
    if not subject.kind or attribute.key == "is":
        return fact.sentence
    if attribute.key in ("who", "job"):
        attribute = JOB
        value = value if value.startswith(("a ", "an ", "the ")) else an(value)
    return attribute.said(subject.name, value) or fact.sentence


def without(subject: Subject, attribute: Attribute) -> Subject:
    """The subject with every sentence left out that tells an attribute."""
    alike = {attribute.key, *SAME.get(attribute.key, ())}
    telling = {f.sentence for f in subject.facts if f.attribute.key in alike}
    facts = tuple(f for f in subject.facts if f.sentence not in telling)
    lines = tuple(line for line in subject.lines if line not in telling)
    if subject.lines and not (facts or any(subject.name in line for line in lines)):
        lines = ()
    return Subject(subject.name, facts, (), subject.kind, lines)


def snippet(subject: Subject, sentences: list[str], keep: Fact | None, rng: Random) -> list[str]:
    """The sentence with the fact, where it names its subject; any sentence, if none is wanted."""
    if keep is None:
        return [rng.choice(sentences)]
    alone = keep.sentence in sentences and subject.name.split()[-1] in keep.sentence
    return [keep.sentence] if alone else sentences


def window(sentences: list[str], keep: str, rng: Random) -> str:
    """As much of a text as one passage holds, around the sentence `keep`."""
    start = sentences.index(keep)
    if rng.random() < 0.6:
        whole = (n for n in range(start + 1) if len(" ".join(sentences[n : start + 1])) <= TARGET)
        start = next(whole, start)
    end = start + 1
    while end < len(sentences) and len(" ".join(sentences[start : end + 1])) <= TARGET:
        end += 1
    return " ".join(sentences[start:end])


def lower(text: str) -> str:
    """The sentence as it goes on after "so": only "I" keeps its capital."""
    return text if text.startswith("I ") else text[:1].lower() + text[1:]
