"""Other words for the same value, so that an answer is not wrong for saying "footballer"."""

from __future__ import annotations

COUNTRIES = {
    "United States": ("USA", "US", "America", "United States of America", "U.S."),
    "United Kingdom": ("UK", "Britain", "Great Britain", "England", "Scotland", "Wales"),
    "Netherlands": ("Holland",),
    "Czechia": ("Czech Republic",),
    "Türkiye": ("Turkey",),
    "Turkey": ("Türkiye",),
    "Russia": ("Soviet Union", "Russian Empire"),
    "Myanmar": ("Burma",),
    "Ivory Coast": ("Côte d'Ivoire",),
    "DR Congo": ("Democratic Republic of the Congo",),
}
JOBS = (
    ("soccer player", "footballer", "football player"),
    ("musician", "singer", "songwriter", "rapper"),
    ("actor", "actress"),
    ("politician", "statesman", "president", "monarch", "king", "queen", "emperor"),
    ("writer", "author", "novelist", "poet", "playwright"),
    ("film director", "filmmaker", "director"),
    ("physicist", "scientist"),
    ("chemist", "scientist"),
    ("biologist", "naturalist", "scientist"),
    ("racing driver", "race car driver", "Formula One driver", "Formula 1 driver"),
    ("religious figure", "priest", "saint", "prophet", "pope", "religious leader"),
    ("computer scientist", "programmer"),
    ("businessperson", "businessman", "businesswoman", "entrepreneur"),
    ("military leader", "general", "soldier", "officer"),
    ("athlete", "sprinter", "runner"),
    ("american football player", "football player"),
    ("mathematician", "scientist"),
    ("astronomer", "scientist"),
    ("social activist", "activist"),
    ("comedian", "actor"),
    ("composer", "musician"),
)
CAPITALS = {
    "Washington D.C.": ("Washington, D.C.", "Washington"),
    "Nur-Sultan": ("Astana",),
    "Kyiv": ("Kiev",),
    "City of San Marino": ("San Marino",),
    "Sri Jayawardenepura Kotte": ("Colombo",),
    "Ulan Bator": ("Ulaanbaatar",),
    "Pretoria": ("Cape Town", "Bloemfontein"),
    "Lobamba": ("Mbabane",),
    "La Paz": ("Sucre",),
    "Sucre": ("La Paz",),
    "Porto-Novo": ("Cotonou",),
    "Naypyidaw": ("Nay Pyi Taw",),
}
ELEMENTS = {
    "aluminium": ("aluminum",),
    "caesium": ("cesium",),
    "cesium": ("caesium",),
    "sulfur": ("sulphur",),
}
CONTINENTS = {
    "North America": ("America", "the Americas", "Central America", "Caribbean"),
    "South America": ("America", "the Americas"),
    "Oceania": ("Australia",),
}
CURRENCIES = {
    "United States dollar": ("US dollar", "dollar", "American dollar"),
    "British pound": ("pound sterling", "pound"),
    "Japanese yen": ("yen",),
}


def country(name: str) -> tuple[str, ...]:
    """The name as it is and as others say it."""
    return (name, *COUNTRIES.get(name, ()))


def job(name: str) -> tuple[str, ...]:
    """The occupation and what means much the same."""
    return next((row for row in JOBS if row[0] == name), (name,))


def capital(name: str) -> tuple[str, ...]:
    """The city, and its other names."""
    return (name, *CAPITALS.get(name, ()))


def continent(name: str) -> tuple[str, ...]:
    """The continent, and what else it is called or part of."""
    return (name, *CONTINENTS.get(name, ()))


def element(name: str) -> tuple[str, ...]:
    """The element in both spellings."""
    return (name, *ELEMENTS.get(name, ()))


def currency(name: str) -> tuple[str, ...]:
    """The currency with and without its country: "Swiss franc", "franc"."""
    parts = name.split()
    last = (parts[-1],) if len(parts) > 1 else ()
    return (name, *CURRENCIES.get(name, ()), *last)
