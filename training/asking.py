# ruff: noqa: E501
"""Questions put together from parts: the noun or the clause of an attribute, and what surrounds it.

"the year of {n}'s birth" and "what year {n} was born" go into some sixty frames each, so that a
wording never met is one of a family that was. Whatever the suites or `attributes` keep for
measuring is left out, by comparing letters: nobody who writes these parts need have read them.
"""

from __future__ import annotations

import re
from functools import cache
from random import Random

from training.facts import Attribute, capital
from training.suites import sources

NOUNS = {
    "born": "the birth year of {n}|{n}'s year of birth|the year of {n}'s birth|the year {n} was born|the year in which {n} was born|the birth date of {n}, the year",
    "city": "the birthplace of {n}|{n}'s place of birth|the town where {n} was born|the city of {n}'s birth|the place {n} was born in|{n}'s birth town",
    "country": "the home country of {n}|{n}'s native country|the country where {n} was born|the nationality of {n}|{n}'s country of origin",
    "job": "the occupation of {n}|{n}'s profession|the job of {n}|the line of work of {n}|{n}'s trade|the thing {n} is famous for",
    "died": "the year of {n}'s death|the death year of {n}|the year {n} died|{n}'s year of death",
    "capital": "the capital of {n}|{n}'s capital|the capital city of {n}|the seat of government of {n}",
    "continent": "the continent of {n}|{n}'s continent|the continent where {n} lies|the part of the world where {n} is",
    "language": "the language of {n}|{n}'s language|the language spoken in {n}|the tongue people speak in {n}|the official language of {n}",
    "currency": "the currency of {n}|{n}'s currency|the money used in {n}|the money of {n}|the coin people pay with in {n}",
    "capital_of": "the country whose capital is {n}|the country that has {n} as its capital|the country with the capital {n}|the country governed from {n}",
    "symbol": "the chemical symbol of {n}|the symbol for {n}|{n}'s symbol|the abbreviation for {n}|the letters that stand for {n}",
    "number": "the atomic number of {n}|{n}'s atomic number|the number of protons in {n}|the place of {n} in the periodic table",
    "symbol_of": "the element with the symbol {n}|the element written {n}|the element that {n} stands for|the chemical element {n}",
    "number_of": "the element with the atomic number {n}|the element with {n} protons|the element at number {n}|element number {n}",
    "spouse": "the spouse of {n}|{n}'s partner|the name of {n}'s wife or husband",
    "height": "the height of {n}|{n}'s height",
    "children": "the number of {n}'s children|the children of {n}",
    "home": "the home of {n}|the place where {n} lives|{n}'s address",
    "school": "the school of {n}|{n}'s university|the place where {n} studied",
    "worth": "the wealth of {n}|{n}'s fortune",
    "prize": "the prize that {n} won|the awards of {n}",
    "employer": "the employer of {n}|the firm {n} works for",
    "mother": "the mother of {n}|{n}'s mother",
    "hobby": "the hobby of {n}|{n}'s favourite pastime",
    "area": "the area of {n}|the size of {n}|{n}'s surface",
    "neighbours": "the neighbours of {n}|the countries around {n}",
    "mass": "the atomic mass of {n}|{n}'s atomic weight",
    "finder": "the discoverer of {n}|the person who discovered {n}",
    "population": "the population of {n}|the number of people in {n}",
    "leader": "the head of state of {n}|the president of {n}",
}
"""What is asked for, as a noun."""
CLAUSES = {
    "who": "who {n} is|who {n} was|who this {n} is|what sort of person {n} is|who {n} might be",
    "born": "when {n} was born|in what year {n} was born|what year {n} was born in|when {n} came into the world|since what year {n} has been on earth",
    "city": "where {n} was born|in which city {n} was born|what city {n} is from|which town {n} comes from|where {n} grew out of the cradle",
    "country": "which country {n} is from|what country {n} comes from|in which country {n} was born|where, in which country, {n} was born",
    "job": "what {n} does|what {n} did|what {n} does for a living|what {n} worked as|what {n} is known for|what job {n} had",
    "died": "when {n} died|in what year {n} died|what year {n} passed away in",
    "capital": "what the capital of {n} is|which city is the capital of {n}|which city {n} is governed from|what {n} has for a capital",
    "continent": "where {n} is|on which continent {n} is|what continent {n} belongs to|in which part of the world {n} lies",
    "language": "what people speak in {n}|which language is spoken in {n}|what language they speak in {n}|what the people of {n} speak",
    "currency": "what people pay with in {n}|which currency {n} has|what money is used in {n}|what the currency of {n} is called",
    "capital_of": "which country has the capital {n}|what country {n} is the capital of|of which country {n} is the capital",
    "symbol": "what the symbol of {n} is|how {n} is written in chemistry|which symbol {n} has|which letters stand for {n}",
    "number": "what the atomic number of {n} is|how many protons {n} has|which number {n} has in the periodic table",
    "symbol_of": "which element has the symbol {n}|what {n} stands for in the periodic table|which element is written {n}|what element {n} is",
    "number_of": "which element has the atomic number {n}|which element has {n} protons|what element is number {n}",
    "spouse": "who {n} is married to|whom {n} married",
    "height": "how tall {n} is",
    "children": "how many children {n} has",
    "home": "where {n} lives|in which town {n} lives",
    "school": "where {n} studied|where {n} went to school",
    "worth": "how rich {n} is",
    "prize": "which prize {n} won",
    "employer": "where {n} works|who {n} works for",
    "mother": "who the mother of {n} is",
    "hobby": "what {n} likes to do",
    "area": "how large {n} is|how big {n} is",
    "neighbours": "which countries {n} borders on",
    "mass": "how heavy an atom of {n} is",
    "finder": "who discovered {n}|who found {n} first",
    "population": "how many people live in {n}",
    "leader": "who leads {n}|who governs {n}",
}
"""What is asked for, as a clause."""
AROUND_NOUN = """
What is {u}?|What's {u}?|What was {u}?|Tell me {u}.|Give me {u}.|Name {u}.|{u}?|{u}|I need {u}.|I'm looking for {u}.
|Can you tell me {u}?|Could you give me {u}?|Please tell me {u}.|Please give me {u}.|Do you know {u}?|I'd like to know {u}.
|What would {u} be?|What do you have for {u}?|Look for {u}.|I want to know {u}.|I forgot {u}.|{u}, please.|{u}, please?
|I have to write down {u}.|What should I write for {u}?|Would you tell me {u}?|May I ask {u}?|Question: {u}?|My question is {u}.
|Help me find {u}.|Find {u}.|Say {u}.|Remind me of {u}.|Do you happen to know {u}?|Any idea about {u}?|In one sentence, what is {u}?
|Someone asked me for {u}.|For my homework I need {u}.|We are looking for {u}.|How about {u}?|So what is {u}?|And what is {u}?
|Well, what is {u}?|Sorry, what is {u}?|Hey, what is {u}?|Quick: {u}?|What exactly is {u}?|What, please, is {u}?
"""
AROUND_CLAUSE = """
Tell me {u}.|Do you know {u}?|Can you tell me {u}?|Could you tell me {u}?|Could you say {u}?|Please tell me {u}.|Please say {u}.
|I'd like to know {u}.|I would love to know {u}.|I want to know {u}.|I have no idea {u}.|I don't know {u}. Do you?|I wonder {u}.
|Do you have an idea {u}?|Does anybody know {u}?|Can anybody tell me {u}?|Someone asked me {u}.|My son asks {u}.|We were asked {u}.
|I keep forgetting {u}.|It would help me to know {u}.|Explain to me {u}.|Find out {u}.|Look up {u}.|Check {u}.|Say in one sentence {u}.
|Question: {u}?|My question is {u}.|Quick one: {u}?|I must know {u}.|Tell us {u}.|Will you tell me {u}?|Might you know {u}?
|You surely know {u}?|Let's see if you know {u}.|First of all, {u}?|Remember {u}?|Is it known {u}?|Just tell me {u}.|Now tell me {u}.
"""


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def folded(text: str) -> str:
    """The words of a wording, without signs, for comparing."""
    return " ".join(re.findall(r"\w+|\{n\}", text.lower()))


@cache
def measured() -> frozenset[str]:
    """The wordings that the bundled suite asks in."""
    return frozenset(folded(way) for ways in sources.wordings().values() for way in ways)


@cache
def wordings(key: str, held: tuple[str, ...]) -> tuple[str, ...]:
    """All that can be put together for an attribute's key; empty for one without parts."""
    made = [
        frame.replace("{u}", part)
        for frames, parts in ((AROUND_NOUN, NOUNS), (AROUND_CLAUSE, CLAUSES))
        for part in _split(parts.get(key, ""))
        for frame in _split(frames)
    ]
    kept_out = measured() | {folded(wording) for wording in held}
    return tuple(wording for wording in dict.fromkeys(made) if folded(wording) not in kept_out)


@cache
def _frames() -> tuple[tuple[str, ...], tuple[str, ...]]:
    return _split(AROUND_NOUN), _split(AROUND_CLAUSE)


def question(attribute: Attribute, name: str, rng: Random) -> str:
    """A question put together: of the attribute's own parts, or around what it calls unknown."""
    ways = wordings(attribute.key, attribute.held)
    if ways and rng.random() < 0.8:
        return capital(rng.choice(ways).format(n=name))
    nouns, clauses = _frames()
    frames = nouns if attribute.unknown.startswith("the ") else clauses
    kept_out = {folded(wording) for wording in attribute.held} | measured()
    while True:
        made = rng.choice(frames).replace("{u}", attribute.unknown)
        if folded(made) not in kept_out:
            return capital(made.format(n=name))


def nested(
    attribute: Attribute, inner: str, name: str, rng: Random, held: tuple[str, ...] = ()
) -> str:
    """A question about what `inner` describes in terms of a name: "the discoverer of {n}"."""
    kept_out = measured() | {folded(wording) for wording in held}
    while True:
        drawn = question if rng.random() < 0.6 else Attribute.question
        made = drawn(attribute, "{}", rng)
        if "{}'s" in made:  # "the one who found gold's birthplace"
            continue
        made = made.replace("{}", inner)
        if folded(made) not in kept_out:
            return capital(made.format(n=name))
