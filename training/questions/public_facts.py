"""A row of a data set -> facts: subject, attribute, value.

Known are rows that say so themselves (`subject`, `attribute`, `value`) and the fields of three
public sets: people (Pantheon), countries (mledoze), chemical elements (Periodic-Table-JSON).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from training.records import Source


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is so."""

    subject: str
    attribute: str
    values: tuple[str, ...]
    """The value, then other ways to write it."""
    source: Source


_NOTHING = {"", "unknown", "other", "n/a", "none"}


def facts(fields: Mapping[str, Any], source: Source) -> Iterator[Fact]:
    """The facts in a row; none when it is a row of another kind."""
    if {"subject", "attribute", "value"} <= fields.keys():
        yield from _stated(fields, source)
    elif {"birth_year", "birth_city", "occupation"} <= fields.keys():
        yield from _person(fields, source)
    elif "cca3" in fields and isinstance(fields.get("name"), dict):
        yield from _country(fields, source)
    elif {"symbol", "number", "atomic_mass"} <= fields.keys():
        yield from _element(fields, source)


def _stated(fields: Mapping[str, Any], source: Source) -> Iterator[Fact]:
    value = fields["value"]
    values = tuple(str(each) for each in (value if isinstance(value, list) else [value]))
    aliases = tuple(str(alias) for alias in fields.get("aliases") or ())
    subject = str(fields["subject"]).strip()
    # All facts about one subject go into one split, unless the row names a document of its own.
    document = fields.get("document") or subject
    if isinstance(document, dict):
        source = Source(str(document.get("id", subject)), str(document.get("title", subject)))
    else:
        name = source.id.partition("#")[0]
        source = replace(source, id=f"{name}#{document}", title=source.title or subject)
    attribute = str(fields["attribute"]).strip().replace("_", " ")
    if subject and attribute and values[0].strip().lower() not in _NOTHING:
        yield Fact(subject, attribute, (*values, *aliases), source)


def _person(fields: Mapping[str, Any], source: Source) -> Iterator[Fact]:
    name = str(fields["name"]).strip()
    year = str(fields["birth_year"]).strip()
    if re.fullmatch(r"-?\d{1,4}", year):
        shown = f"{year[1:]} BC" if year.startswith("-") else year
        yield Fact(name, "birth year", (shown,), source)
    for field, attribute in (
        ("birth_city", "birthplace"),
        ("country", "country of birth"),
        ("occupation", "occupation"),
    ):
        value = _spelled(str(fields.get(field) or ""), attribute)
        if value.lower() not in _NOTHING:
            yield Fact(name, attribute, (value,), source)


def _spelled(value: str, attribute: str) -> str:
    """The sets shout some values: UNITED STATES, MUSICIAN."""
    value = value.strip()
    if attribute == "occupation":
        return value.lower()
    if value.isupper() and len(value) > 3:
        return value.title().replace(" And ", " and ").replace(" Of ", " of ")
    return value


def _country(fields: Mapping[str, Any], source: Source) -> Iterator[Fact]:
    name = str(fields["name"]["common"])
    source = replace(source, id=f"{source.id.partition('#')[0]}#{name}", title=name)
    if len(fields.get("capital") or ()) == 1:
        yield Fact(name, "capital", (fields["capital"][0],), source)
    if fields.get("region"):
        region = str(fields["region"])
        if region == "Americas":
            south = fields.get("subregion") == "South America"
            region = "South America" if south else "North America"
            yield Fact(name, "continent", (region, "Americas", "America"), source)
        else:
            yield Fact(name, "continent", (region,), source)
    if len(fields.get("currencies") or ()) == 1:
        currency = next(iter(fields["currencies"].values()))
        yield Fact(name, "currency", (str(currency["name"]),), source)
    if len(fields.get("languages") or ()) == 1:
        yield Fact(name, "language", (str(next(iter(fields["languages"].values()))),), source)


def _element(fields: Mapping[str, Any], source: Source) -> Iterator[Fact]:
    name = str(fields["name"]).lower()
    yield Fact(name, "chemical symbol", (str(fields["symbol"]),), source)
    yield Fact(name, "atomic number", (str(fields["number"]),), source)
    yield Fact(name, "atomic mass", (str(fields["atomic_mass"]),), source)
    finder = str(fields.get("discovered_by") or "")
    if re.fullmatch(r"(?:[A-ZÀ-Þ][\w.'-]+ ){1,2}[A-ZÀ-Þ][\w'-]+", finder):
        yield Fact(name, "discoverer", (finder,), source)
