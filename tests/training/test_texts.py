"""Texts to read: true to their facts, silent on the rest, and cleanly split for measuring."""

import re
from pathlib import Path
from random import Random

import pytest

from search_adapters.passages import TARGET
from training import attributes as a
from training import names, notes, plain, prose, world
from training.chains import STEPS, Chains
from training.chat import Said, Searched
from training.compose import Composer
from training.facts import Attribute
from training.known import everything
from training.paraphrases import framed
from training.plain import Plain
from training.prose import Prose
from training.reading import Library, someone, window, without
from training.topics import Topics
from training.wordings import HOPS, HOPS_HELD, RECALL, RECALL_HELD, general_questions

KINDS = [thing for thing in vars(a).values() if isinstance(thing, Attribute)]


def test_what_is_held_out_is_trained_nowhere() -> None:
    assert not set(prose.TRAINED) & set(prose.HELD)
    assert not set(prose.FILL) & set(prose.FILL_HELD)
    assert not set(plain.FRAMES) & set(plain.FRAMES_HELD)
    assert not set(RECALL) & set(RECALL_HELD)
    assert not {q for key in HOPS for q in HOPS[key]} & {q for key in HOPS for q in HOPS_HELD[key]}
    assert min(map(len, (prose.HELD, plain.FRAMES_HELD, prose.FILL_HELD))) >= 5


@pytest.mark.parametrize("attribute", KINDS, ids=lambda each: each.key)
def test_no_held_out_wording_is_asked_in_training(attribute: Attribute) -> None:
    rng, name = Random(2), "Ada Brankov"
    held = {wording.format(n=name).lower() for wording in attribute.held}
    asked = {wording.format(n=name).lower() for wording in attribute.questions}
    asked |= {framed(attribute, name, rng).lower() for _ in range(300)}
    assert not held & asked


@pytest.mark.parametrize("test", [False, True])
def test_a_text_about_a_person_tells_its_facts_and_leaves_the_rest_open(
    data: Path, test: bool
) -> None:
    rng, people, made = Random(5), world.load(data).train, names.load(data)
    writer = Prose(made, rng, test)
    for _ in range(400):
        person = someone(made.invent(rng, test), people, rng)
        subject = (
            writer.subject(person)
            if rng.random() < 0.7
            else writer.together(person, [someone(made.invent(rng, test), people, rng)])
        )
        assert subject.name == person.name
        told = {fact.attribute.key for fact in subject.facts}
        assert not told & {attribute.key for attribute in subject.missing}
        for fact in subject.facts:
            assert fact.sentence in subject.lines
            assert fact.value in fact.sentence
        assert not re.search(r"\bthe the\b|\b[Tt]he \w+ (?:he|she)\b", subject.text())


def test_notes_in_plain_styles_stay_true(data: Path) -> None:
    rng, made = Random(6), names.load(data)
    writer = Plain(made, rng)
    for _ in range(300):
        note = notes.subject(made, rng)
        told = writer.page(writer.retold(note), [writer.retold(notes.subject(made, rng))])
        assert [f.value for f in told.facts] == [f.value for f in note.facts]
        for fact in told.facts:
            assert fact.sentence in told.lines
            assert fact.value.lower() in fact.sentence.lower()


def test_a_passage_holds_the_sentence_it_is_made_around() -> None:
    rng, lines = Random(7), [f"Sentence {n} says {'something ' * 6}." for n in range(12)]
    for keep in lines:
        text = window(lines, keep, rng)
        assert keep in text
        assert len(text) <= TARGET


def test_a_text_without_an_attribute_does_not_tell_it(data: Path) -> None:
    rng, people, made = Random(8), world.load(data).train, names.load(data)
    for _ in range(200):
        subject = Prose(made, rng).subject(someone(made.invent(rng), people, rng))
        for fact in subject.facts:
            assert fact.sentence not in without(subject, fact.attribute).text()


def test_the_second_search_asks_about_what_the_first_one_found(data: Path) -> None:
    rng, real, made = Random(9), world.load(data), names.load(data)
    known = everything(real)
    chains = Chains(real, Topics(real, made, [], rng), Library(real.train, made), known, rng)
    both = 0
    for _ in range(200):
        match chains.turn().parts:
            case (Searched(), Said(one), Searched(query, block), Said(two)):
                assert query.split()[0].lower() in one.lower()
                about_country = query.rsplit(" ", 1)[1] in STEPS
                assert about_country or query.rsplit(" ", 1)[0].rsplit(" ", 1)[0] in one
                if cited := re.search(r" \[(\d+)\]\.$", two):
                    line = next(ln for ln in block.splitlines() if ln.startswith(f"[{cited[1]}]"))
                    assert two[: cited.start()] in line
                    both += 1
            case (Said(one), Searched(query), Said(two)):  # the first step from memory
                assert query.split()[0].lower() in one.lower()
            case (Said(text),) | (Searched(), Said(text)):
                assert "I don't know" in text or "[" not in text or "could not search" in text
            case other:
                raise AssertionError(other)
    assert both > 50


def test_what_was_asked_is_said_again(data: Path) -> None:
    questions, _ = general_questions(data)
    composer = Composer(world.load(data), names.load(data), questions, Random(10))
    asked = composer.direct()
    (said,) = composer.recall([asked]).parts
    assert isinstance(said, Said)
    assert said.text == f'You asked: "{asked.user}"'
    (nothing,) = composer.recall([]).parts
    assert isinstance(nothing, Said)
    assert "not asked" in nothing.text
