# ruff: noqa: E501
"""A tiny data folder in the layout that `training` reads."""

import gzip
import json
from pathlib import Path
from random import Random

import pytest

FIRST = [
    "Ada",
    "Bela",
    "Cleo",
    "Dario",
    "Emil",
    "Fenna",
    "Goran",
    "Hana",
    "Ilse",
    "Jonas",
    "Kira",
    "Lea",
    "Milo",
    "Nadia",
    "Otto",
    "Petra",
    "Rana",
    "Sven",
    "Tilda",
    "Ugo",
]
LAST = [
    "Brankov",
    "Castel",
    "Dorner",
    "Elmas",
    "Farkas",
    "Gruber",
    "Hollis",
    "Ivanic",
    "Jansen",
    "Keller",
    "Lindt",
    "Moreau",
    "Novak",
    "Olsen",
    "Perrin",
]
JOBS = ["PHYSICIST", "PAINTER", "SINGER", "ACTOR", "WRITER"]
PLACES = [("Oslo", "NORWAY"), ("Lyon", "France"), ("Turin", "ITALY"), ("Boston", "UNITED STATES")]


def _lines(path: Path, rows: list[dict]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, rng = tmp_path_factory.mktemp("data"), Random(3)
    people = []
    for at in range(900):
        city, country = rng.choice(PLACES)
        name = f"{rng.choice(FIRST)} {rng.choice(LAST)}{rng.choice(['', 'er', 'son', 'ov', 'ini'])} {at:03}".rsplit(
            " ", 1
        )[0]
        name += "abcdefghij"[at // 90] + "klmnopqrst"[at % 90 // 9] + "uvwxyzabc"[at % 9]
        year = str(1500 + at // 2)
        people.append(
            {
                "name": name,
                "birth_year": year,
                "birth_city": city,
                "country": country,
                "gender": "Female",
                "occupation": rng.choice(JOBS),
                "domain": "ARTS",
                "lead": f"{name} ({year} – {int(year) + 60}) was",
            }
        )
    people.append(people[0] | {"name": "Unclean", "country": "Unknown"})
    _lines(folder / "people.jsonl.gz", people)
    country = {
        "region": "Europe",
        "subregion": "Western Europe",
        "unMember": True,
        "area": 357114.0,
        "languages": {"a": "German"},
        "currencies": {"EUR": {"name": "Euro"}},
    }
    (folder / "countries.json").write_text(
        json.dumps(
            [
                country
                | {
                    "name": {"common": "Germany"},
                    "capital": ["Berlin"],
                    "cca3": "DEU",
                    "borders": ["FRA"],
                },
                country
                | {
                    "name": {"common": "France"},
                    "capital": ["Paris"],
                    "cca3": "FRA",
                    "borders": ["DEU"],
                },
            ]
        )
    )
    element = {"atomic_mass": 196.97, "discovered_by": "Maria Sol", "phase": "Solid"}
    with gzip.open(folder / "elements.json.gz", "wt") as out:
        json.dump(
            [
                element | {"name": "Gold", "symbol": "Au", "number": 79},
                element | {"name": "Iron", "symbol": "Fe", "number": 26},
            ],
            out,
        )
    names = [
        f"{a}{b}{c}"
        for a in ("Bor", "Kel", "Mar", "Tor", "Vel")
        for b in "aeiou"
        for c in ("n", "ra", "sk", "ld")
    ]
    (folder / "first_names.txt").write_text("\n".join(names))
    (folder / "surnames.txt").write_text("\n".join(n + "dsen" for n in names) + "\nKovats")
    asked = [f"who wrote the song number {n} of the year" for n in range(60)]
    (folder / "nq_open.jsonl").write_text("\n".join(json.dumps({"question": q}) for q in asked))
    (folder / "simpleqa.jsonl").write_text(
        json.dumps({"problem": "Who won the small prize of 1971?"})
    )
    return folder
