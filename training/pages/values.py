# ruff: noqa: SIM905
"""What the slots of a page may hold: all that can be drawn is, and nothing is learnt by heart."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from training import note_values
from training.facts import an
from training.lexicon import JOBS
from training.names import Names
from training.note_values import DAYS, MONTHS, SMALL, WORDS, word
from training.nouns import noun

TIMES = (
    "half past {s}",
    "quarter past {s}",
    "quarter to {s}",
    "{s} o'clock",
    "{s} in the evening",
    "{s} in the morning",
    "{h}:{q}",
    "{h}:{q}",
    "{h}.{q}",
    "{h12} pm",
    "{h12} am",
)
STREETS = "Street Lane Road Square Alley Row Quay Hill Avenue Court".split()
NOUNS = tuple(
    """trade instrument sport bird fish breed vegetable dish fabric tool furniture shade drink tree
    vehicle garment flower game""".split()
)
"""Kinds of `training.nouns`."""
KINDS = frozenset(
    """n o m p q r town country village street year date weekday month time small num big money
    percent job atrade company word code phone colour food animal subject language hobby spot
    room""".split()
).union(NOUNS)
"""All that a slot can hold; "atrade" is a trade with its article."""
CURRENCIES = ("euros", "dollars", "pounds", "francs", "crowns")


class Values:
    """Draws values of slots.

    Args:
        names: invented people; with `test` those that no training has.
        towns, countries, jobs: real ones.
    """

    def __init__(
        self,
        names: Names,
        towns: list[str],
        countries: list[str],
        jobs: list[str],
        rng: Random,
        test: bool = False,
    ) -> None:
        self.rng, self.towns, self.countries = rng, towns, countries
        self.jobs = [*jobs, *JOBS]

        def note(kind: str) -> str:
            return note_values.value(kind, names, rng, test)

        def kind_of(kind: str) -> Callable[[], str]:
            return lambda: noun(kind, rng)

        self.kinds: dict[str, Callable[[], str]] = {
            **{kind: kind_of(kind) for kind in NOUNS},
            "atrade": lambda: an(noun("trade", rng)),
            **dict.fromkeys("nompqr", lambda: names.invent(rng, test)),
            "town": lambda: word(rng) if rng.random() < 0.25 else rng.choice(self.towns),
            "country": lambda: rng.choice(self.countries),
            "village": lambda: word(rng),
            "street": lambda: f"{self._called()} {rng.choice(STREETS)}",
            "year": lambda: str(rng.randrange(1820, 2026)),
            "date": self._day,
            "weekday": lambda: rng.choice(DAYS),
            "month": lambda: rng.choice(MONTHS),
            "time": self._time,
            "small": lambda: rng.choice(SMALL),
            "num": lambda: str(rng.randrange(13, 990)),
            "big": lambda: f"{rng.randrange(1, 980)},{rng.randrange(1000):03}",
            "money": self._money,
            "percent": lambda: f"{rng.randrange(2, 98)} per cent",
            "job": lambda: noun("trade", rng) if rng.random() < 0.5 else rng.choice(self.jobs),
            "company": lambda: note("company"),
            "word": self._called,
            "code": lambda: note(rng.choice(("pin", "secret"))),
            "phone": self._phone,
            "colour": lambda: (
                noun("shade", rng) if rng.random() < 0.3 else rng.choice(note_values.COLOURS)
            ),
            "food": lambda: (
                noun(rng.choice(("dish", "vegetable")), rng)
                if rng.random() < 0.5
                else rng.choice(note_values.FOODS)
            ),
            "animal": lambda: (
                noun(rng.choice(("bird", "breed")), rng)
                if rng.random() < 0.4
                else rng.choice(note_values.ANIMALS)
            ),
            "subject": lambda: rng.choice(note_values.SUBJECTS),
            "language": lambda: rng.choice(note_values.TONGUES),
            "hobby": lambda: (
                noun("sport", rng) if rng.random() < 0.5 else rng.choice(note_values.HOBBIES)
            ),
            "spot": lambda: note("spot"),
            "room": lambda: note("room"),
        }

    def draw(self, kind: str) -> str:
        """A value of a kind; KeyError."""
        return self.kinds[kind]()

    def _called(self) -> str:
        rng = self.rng
        return word(rng) if rng.random() < 0.5 else rng.choice(WORDS).capitalize()

    def _day(self) -> str:
        day, month = self.rng.randrange(1, 29), self.rng.choice(MONTHS)
        return f"{day} {month}" if self.rng.random() < 0.75 else f"{month} {day}"

    def _time(self) -> str:
        d = self.rng.randrange
        return self.rng.choice(TIMES).format(
            s=SMALL[d(10)], h=d(7, 23), q=("00", "15", "30", "45", "10", "20")[d(6)], h12=d(1, 12)
        )

    def _money(self) -> str:
        d = self.rng.randrange
        amount = self.rng.choice(
            (str(d(2, 990)), f"{d(1, 990)},{d(10) * 100:03}", f"{d(2, 99)}.50")
        )
        return f"{amount} {self.rng.choice(CURRENCIES)}"

    def _phone(self) -> str:
        d = self.rng.randrange
        return self.rng.choice(
            (
                f"{d(200, 999)} {d(1000, 9999)}",
                f"0{d(10, 99)} {d(100, 999)} {d(100, 999)}",
                f"{d(1000, 9999)}",
            )
        )
