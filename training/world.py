"""The real world the model learns and searches: people, countries, elements, cleaned into facts.

Only facts are taken from the sources; every sentence about them is ours (see `documents`).
People are ordered by how often they are looked up; the first `KNOWN` are taught, the rest can
only be found by searching. A hash of the name decides what training may see.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KNOWN = 300
FORBIDDEN = "kovats"  # the person whom nobody may have heard of

OCCUPATIONS = {
    "military personnel": "military leader",
    "companion": "royal companion",
    "public worker": "public servant",
    "martial arts": "martial artist",
    "snooker": "snooker player",
    "chessmaster": "chess player",
    "mafioso": "gangster",
    "nobleman": "member of a royal family",
    "racecar driver": "racing driver",
}
LEFT_OUT = {"extremist", "pornographic actor"}
COUNTRIES = {
    "Republic of Macedonia": "North Macedonia",
    "Myanmar [Burma]": "Myanmar",
    "Swaziland": "Eswatini",
    "Libyan Arab Jamahiriya": "Libya",
    "The Netherlands": "Netherlands",
    "Congo": "Republic of the Congo",
    "Democratic Republic of Congo": "DR Congo",
    "Czech Republic": "Czechia",
    "US Virgin Islands": "United States",
    "Sao Tome and Principe": "São Tomé and Príncipe",
    "Cape Verde": "Cape Verde",
}
ARTICLE = {
    "United States",
    "United Kingdom",
    "Netherlands",
    "Philippines",
    "Maldives",
    "Bahamas",
    "Gambia",
    "Seychelles",
    "Solomon Islands",
    "Marshall Islands",
    "Comoros",
    "Vatican City",
    "United Arab Emirates",
    "Dominican Republic",
    "Central African Republic",
    "Republic of the Congo",
    "Isle of Man",
} - {"Vatican City"}


@dataclass(frozen=True, slots=True)
class Person:
    """A real person; `died` is empty where it is not known."""

    name: str
    born: str
    city: str
    country: str
    occupation: str
    female: bool
    died: str
    rank: int


@dataclass(frozen=True, slots=True)
class Country:
    """A country, with its area in square kilometres."""

    name: str
    capital: str
    continent: str
    languages: tuple[str, ...]
    currency: str
    area: str
    neighbours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Element:
    """A chemical element."""

    name: str
    symbol: str
    number: str
    mass: str
    finder: str
    phase: str


@dataclass(frozen=True, slots=True)
class World:
    """Everything real, already split into what is taught and what is only searchable."""

    known: tuple[Person, ...]
    searchable: tuple[Person, ...]
    countries: tuple[Country, ...]
    elements: tuple[Element, ...]

    @property
    def train(self) -> tuple[Person, ...]:
        """People whom training conversations may be about."""
        return tuple(p for p in self.searchable if not held_out(p.name))

    @property
    def test(self) -> tuple[Person, ...]:
        """People kept for measuring."""
        return tuple(p for p in self.searchable if held_out(p.name))


def held_out(name: str, share: float = 0.12) -> bool:
    """True for the share of names that no training example may mention as a subject."""
    digest = hashlib.sha1(name.lower().encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < share


def the(country: str) -> str:
    """The country as it stands inside a sentence: "the Netherlands", "France"."""
    return f"the {country}" if country in ARTICLE else country


def tidy_country(raw: str) -> str:
    """A country name without capitals, old names and variants."""
    name = raw.strip()
    if name.isupper():
        name = name.title()
    name = name.replace(" And ", " and ").replace(" Of ", " of ").replace("Us Virgin", "US Virgin")
    return COUNTRIES.get(name, name)


def year(raw: str) -> str:
    """A year as people write it ("384 BC"), or "" where it is not a plain number."""
    if not re.fullmatch(r"-?\d{1,4}", raw) or raw == "0":
        return ""
    return f"{raw[1:]} BC" if raw.startswith("-") else raw


def death(lead: str, born: str) -> str:
    """The year of death from the dates in brackets that open an article, if they agree."""
    found = re.search(r"\(([^()]{8,120})\)", lead[:300])
    years = re.findall(r"\b(\d{4})\b", found.group(1)) if found else []
    if len(years) == 2 and years[0] == born and 10 < int(years[1]) - int(years[0]) < 110:
        return str(years[1])
    return ""


def plain(text: str) -> bool:
    """Latin letters only: what a byte-level vocabulary of this size spells well."""
    return bool(re.fullmatch(r"[A-Za-zÀ-ɏ0-9 .,'’\-]+", text))


def people(data: Path) -> list[Person]:
    """All clean rows, most looked-up first."""
    found: list[Person] = []
    seen: dict[str, int] = {}
    with gzip.open(data / "people.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    for row in rows:
        seen[row["name"]] = seen.get(row["name"], 0) + 1
    for row in rows:
        name, job = row["name"].strip(), row["occupation"].lower()
        country, city, born = (
            tidy_country(row["country"]),
            row["birth_city"].strip(),
            year(row["birth_year"]),
        )
        bad = {"", "Unknown", "Other"}
        if seen[row["name"]] > 1 or job in LEFT_OUT or country in bad or city in bad or not born:
            continue
        if not (plain(name) and plain(city)) or len(name) > 32 or len(city) > 28 or " or " in city:
            continue
        if FORBIDDEN in name.lower() or name.lower() == "other" or job in bad:
            continue
        found.append(
            Person(
                name,
                born,
                city,
                country,
                OCCUPATIONS.get(job, job),
                row["gender"] == "Female",
                death(row["lead"], born),
                len(found),
            )
        )
    return found


def countries(data: Path) -> list[Country]:
    """Members of the United Nations and a few more."""
    rows = json.loads((data / "countries.json").read_text(encoding="utf-8"))
    names = {row["cca3"]: row["name"]["common"] for row in rows}
    found = []
    for row in rows:
        if not (
            row["unMember"]
            or row["name"]["common"] in {"Vatican City", "Kosovo", "Taiwan", "Palestine"}
        ):
            continue
        if not row["capital"] or not row["currencies"] or not row["languages"]:
            continue
        continent = row["region"]
        if continent == "Americas":
            continent = "South America" if row["subregion"] == "South America" else "North America"
        currency = next(iter(row["currencies"].values()))["name"].replace("Euro", "euro")
        languages = tuple(re.sub(r" \(.*\)", "", v) for v in row["languages"].values())
        found.append(
            Country(
                row["name"]["common"],
                row["capital"][0],
                continent,
                languages[:3],
                currency,
                f"{round(row['area']):,}",
                tuple(sorted(names[b] for b in row["borders"]))[:5],
            )
        )
    return found


def finder(raw: str) -> str:
    """A discoverer who is one named person, else ""."""
    places = (
        "East",
        "Laborator",
        "Institute",
        "Egypt",
        "India",
        "China",
        ",",
        "&",
        " and ",
        "team",
    )
    one = len(raw.split()) in (2, 3, 4) and not any(p in raw for p in places)
    return raw if one else ""


def elements(data: Path) -> list[Element]:
    """The 118 named elements."""
    with gzip.open(data / "elements.json.gz", "rt", encoding="utf-8") as file:
        rows = json.load(file)
    return [
        Element(
            row["name"],
            row["symbol"],
            str(row["number"]),
            str(row["atomic_mass"]),
            finder(row["discovered_by"] or ""),
            (row["phase"] or "").lower(),
        )
        for row in rows
        if row["number"] <= 118
    ]


def load(data: Path) -> World:
    """The whole world from a data folder."""
    everyone = people(data)
    return World(
        tuple(everyone[:KNOWN]),
        tuple(everyone[KNOWN:]),
        tuple(countries(data)),
        tuple(elements(data)),
    )
