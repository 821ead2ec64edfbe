# ruff: noqa: E501, SIM905
"""A world of people who never lived: how often each is told of is known exactly.

Real names would carry hints (a name tells its country); these are made of syllables, and the facts
are drawn at random, so that a right answer is memory and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from random import Random

from training.facts import Attribute, attribute, capital

EXPOSURES = (1, 2, 4, 8, 16, 32)
"""Texts that tell of a person, for the groups between never and often."""
OFTEN = 64
"""Enough to know somebody by heart."""
FAMOUS = 192
"""For a few, of whom half of the texts come before all others: looking somebody up is learnt on
few people first, or hardly at all (Zucchet et al., 2025, arXiv 2503.21676)."""
NAMES = 40_000
"""Names drawn, of the 170,000 there could be."""

_A = (
    "ba ke lo mi nu pra ste tha vi zo dre fla gri jo wen sha ty que ol hu ci ye fro plu ska bri do gle ru xa"
).split()
_B = "ra len mo tis va nek dor lia rim sol ban cek fa gus hin jax kwo pem sut wyl zed thu bos nyr".split()
_C = (
    "Bran Kost Marl Ost Pell Quin Rud Sved Tarn Ulm Verg Wolt Yar Zell Dahl Fenn Grov Hask Irv Jarm"
    " Aml Bock Crum Dett Elz Frisk Gant Holb Imp Kner Lunk Mox Nard Plon Riv Stub"
).split()
_D = "ov er ini sen ska ato ek ley mann quist rup stad wick aux ingo ere uld osz by ham".split()
_E = "ar bel cor dun elm far gos hal ist jun kar lor mal nor or pol quen ros sal tor".split()
_F = (
    "by dale ford gard ham ia key land mont ness ona port ra stead ton und ville wick ya zen"
    " ton wick port dale by ford ham gard zen ia und key ville land ness mont stead ona ra ya"
).split()
CITIES = tuple(capital(a + b) for a, b in zip(_E * 2, _F, strict=True))
LANGUAGES = tuple(
    "Latin Greek Danish Polish Turkish Arabic Hindi Welsh Basque Czech Dutch Finnish Gaelic Hebrew Italian"
    " Japanese Korean Lao Malay Nepali Persian Quechua Russian Swahili Thai Urdu Yoruba Zulu Estonian Icelandic".split()
)
FIRMS = tuple(
    "Acmor Brixel Corvan Dynaco Ektron Fabrix Gildex Hexon Inkwell Jupitex Kordia Lumix Merkant Novatec Optima"
    " Plexus Quadra Redwing Sonar Tektra Unitas Vertex Wavelet Xenith Yellowco Zircon Bluebird Ironside Oakline Sunmark".split()
)

CITY = attribute(
    "city",
    "Where was {n} born? | In which city was {n} born? | What is the birthplace of {n}? | Where is {n} from?"
    " | Tell me where {n} was born. | What city was {n} born in? | {n} birthplace? | Do you know where {n} was born?",
    "{n} birthplace",
    "{n} was born in {v}. | {n} comes from {v}. | The birthplace of {n} is {v}. | {n}'s place of birth was {v}.",
    "where {n} was born",
    held="Can you tell me where {n} was born? | What is {n}'s birthplace?",
)
LANGUAGE = attribute(
    "language",
    "What language did {n} speak? | Which language did {n} speak? | What is the language of {n}?"
    " | What was the mother tongue of {n}? | Tell me the language of {n}. | In which language did {n} write?"
    " | {n} language? | Do you know what language {n} spoke?",
    "{n} language",
    "{n} spoke {v}. | {n} wrote in {v}. | The language of {n} was {v}. | {n}'s mother tongue was {v}.",
    "what language {n} spoke",
    held="Can you tell me what language {n} spoke? | What was {n}'s language?",
)
FIRM = attribute(
    "firm",
    "Who did {n} work for? | Which firm did {n} work for? | What is the employer of {n}? | Where did {n} work?"
    " | Tell me the employer of {n}. | What was the firm of {n}? | {n} employer? | Do you know who {n} worked for?",
    "{n} employer",
    "{n} worked for {v}. | {n} was employed by {v}. | The employer of {n} was {v}. | {n}'s firm was {v}.",
    "who {n} worked for",
    held="Can you tell me who {n} worked for? | What was {n}'s employer?",
)
ATTRIBUTES = (CITY, LANGUAGE, FIRM)
ANSWERS = {
    "city": "{v} is where {n} was born.",
    "language": "{v} is what {n} spoke.",
    "firm": "{v} is who {n} worked for.",
}
"""How the model answers: the value first. Whoever repeats the name first can begin to answer
before it has looked anything up, and must then decide before it knows."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, with the number of texts that tell of them."""

    name: str
    city: str
    language: str
    firm: str
    exposures: int

    def value(self, asked: Attribute) -> str:
        """The fact asked for, as a right answer contains it."""
        return {"city": self.city, "language": self.language, "firm": self.firm}[asked.key]

    def answer(self, asked: Attribute) -> str:
        """The fact in the words the model answers with."""
        return ANSWERS[asked.key].format(n=self.name, v=self.value(asked))

    def sentence(self, asked: Attribute, rng: Random | None = None) -> str:
        """The fact as texts tell it; without `rng` in the first wording."""
        if rng is None:
            return asked.tellings[0].format(n=self.name, v=self.value(asked))
        return asked.tell(self.name, self.value(asked), rng)

    def article(self, rng: Random | None = None) -> str:
        """A short text with all facts."""
        told = [self.sentence(asked, rng) for asked in ATTRIBUTES]
        if rng is not None:
            rng.shuffle(told)
        return " ".join(told)


FIRST = tuple(capital(a + b) for a, b in product(_A, _B[:8]))
LAST = tuple(c + d for c, d in product(_C, _D))


@cache
def names() -> tuple[str, ...]:
    """The names, in a fixed order without pattern: everybody's halves belong to others too."""
    drawn = Random(17).sample(range(len(FIRST) * len(LAST)), NAMES)
    return tuple(f"{FIRST[n // len(LAST)]} {LAST[n % len(LAST)]}" for n in drawn)


def drawn(name: str, exposures: int, rng: Random) -> Person:
    """A person of that name with facts drawn at random."""
    return Person(name, rng.choice(CITIES), rng.choice(LANGUAGES), rng.choice(FIRMS), exposures)


@dataclass(frozen=True, slots=True)
class People:
    """Who is told of how often, and who never; each split by person into tuning and test."""

    famous: tuple[Person, ...]
    known: tuple[Person, ...]
    known_test: tuple[Person, ...]
    graded: tuple[Person, ...]
    unseen: tuple[Person, ...]
    unseen_test: tuple[Person, ...]
    tail: tuple[Person, ...]
    """Told of once: without them a model never meets a name that it had better be unsure of."""
    strangers: tuple[str, ...]
    """Names for reading exercises; nobody else has them."""

    @property
    def told(self) -> tuple[Person, ...]:
        """Everybody the pretraining tells of."""
        return (*self.famous, *self.known, *self.known_test, *self.graded, *self.tail)


def populate(
    often: int = 450,
    grade: int = 40,
    unseen: int = 4000,
    seed: int = 1,
    tail: int = 0,
    famous: int = 40,
) -> People:
    """`often` well-known people, `grade` for each step between, unseen ones, a `tail` told once.

    Two thirds of the well-known ones are there to teach with, the last third to measure.
    """
    rng, left = Random(seed), iter(names())
    stars = [drawn(next(left), FAMOUS, rng) for _ in range(famous)]
    known = [drawn(next(left), OFTEN, rng) for _ in range(often)]
    graded = [drawn(next(left), count, rng) for count in EXPOSURES for _ in range(grade)]
    never = [drawn(next(left), 0, rng) for _ in range(unseen + 400)]
    teach = often * 2 // 3
    return People(
        tuple(stars),
        tuple(known[:teach]),
        tuple(known[teach:]),
        tuple(graded),
        tuple(never[400:]),
        tuple(never[:400]),
        tuple(drawn(next(left), 1, rng) for _ in range(tail)),
        tuple(left),
    )
