"""Random texts to read, and questions put together: true, and of nothing that measures."""

import re
from pathlib import Path
from random import Random

import pytest

from training import absent, asking, hops, lexicon, names, prose, weave, world
from training import attributes as a
from training.chat import Said, Searched
from training.drills import Drills
from training.facts import Attribute
from training.hops import Hops
from training.known import everything
from training.lexicon import Lexicon
from training.reading import Library, without
from training.topics import Topics
from training.unseen import Unseen

KINDS = [thing for thing in vars(a).values() if isinstance(thing, Attribute)]


def test_verbs_that_measure_are_trained_nowhere() -> None:
    assert not set(lexicon.TRAINED) & set(lexicon.HELD)
    assert len(lexicon.HELD) >= 10
    assert len(lexicon.TRAINED) > 150
    assert {v.past for v in lexicon.TRAINED} >= {"repaired", "carried", "bought", "dropped"}


@pytest.mark.parametrize("test", [False, True])
def test_a_page_says_what_it_answers_and_not_what_it_leaves_open(data: Path, test: bool) -> None:
    rng = Random(3)
    drills = Drills(names.load(data), rng, test)
    kinds = set()
    for _ in range(400):
        page = drills.subject()
        text = page.text()
        kinds.add(page.facts[0].attribute.key.split(":")[0].split(" of ")[0][:4])
        for fact in page.facts:
            assert fact.sentence in page.sentences
            assert fact.value.lower() in fact.sentence.lower()
            assert fact.sentence not in without(page, fact.attribute).text()
            assert "{" not in fact.attribute.question(page.name, rng) + text
        keys = [fact.attribute.key for fact in page.facts]
        assert len(keys) == len(set(keys))
        assert not set(keys) & {attribute.key for attribute in page.missing}


def test_what_may_mislead_asks_for_the_same_property(data: Path) -> None:
    rng = Random(4)
    drills = Drills(names.load(data), rng)
    page = drills.described("lantern")
    rival = drills.subject(page.facts[0].attribute)
    assert any("lantern" in line.lower() for line in rival.lines)


def test_sentences_put_together_keep_their_slots_and_spare_the_measured_ones(data: Path) -> None:
    words = Lexicon(names.load(data), Random(5))
    made = {weave.shape(words) for _ in range(2000)}
    assert len(made) > 1500
    for shape in made:
        assert re.search(r"\{ns?\}", shape)
        assert prose.slots(shape) & set(prose.TOLD)
        assert shape.endswith(".")
    writer = prose.Prose(names.load(data), Random(5))
    assert not {writer._shape() for _ in range(2000)} & set(prose.HELD)
    filler = weave.filler(words)
    assert "{n" in filler
    assert not prose.slots(filler) & set(prose.TOLD)


@pytest.mark.parametrize("attribute", KINDS, ids=lambda each: each.key)
def test_no_question_put_together_is_one_that_measures(attribute: Attribute) -> None:
    kept_out = asking.measured() | {asking.folded(way) for way in attribute.held}
    ways = asking.wordings(attribute.key, attribute.held)
    assert not kept_out & {asking.folded(way) for way in ways}
    if attribute.key in asking.NOUNS:
        assert len(ways) > 60
    rng = Random(6)
    for _ in range(50):
        made = asking.nested(attribute, "the friend of {n}", "Ada", rng)
        assert "Ada" in made
        assert "{" not in made
        assert "Ada's" not in made


@pytest.mark.parametrize("kind", ["person", "country", "element"])
def test_what_nobody_wrote_down_can_be_asked_and_missed(kind: str) -> None:
    found = absent.attributes(kind)
    assert len(found) > 30
    for attribute in found:
        asked = attribute.question("Ada", Random(7))
        assert "Ada" in asked
        assert attribute.missed("Ada").startswith("I don't know ")
        assert not {asking.folded(way) for way in attribute.questions} & asking.measured()


def test_the_facts_of_two_steps_are_invented_where_only_the_encyclopedia_has_them(
    data: Path,
) -> None:
    rng, real, made = Random(8), world.load(data), names.load(data)
    finders = {element.finder for element in real.elements}
    areas = {country.area for country in real.countries}
    facts = everything(real)
    draws = Hops(real, made, Library(real.train, made), facts)
    shapes = set()
    for _ in range(300):
        turn = draws.turn(rng, tools=rng.random() < 0.8)
        shapes.add(tuple(type(part).__name__ for part in turn.parts))
        said = hops.said(turn.parts)
        assert not any(finder and finder in said for finder in finders)
        assert not any(area in said for area in areas)
        for part in turn.parts:
            if isinstance(part, Said) and (cited := re.search(r" \[(\d+)\]\.$", part.text)):
                blocks = "".join(p.block for p in turn.parts if isinstance(p, Searched))
                line = next(ln for ln in blocks.splitlines() if ln.startswith(f"[{cited[1]}]"))
                assert part.text[: cited.start()] in line
    assert ("Searched", "Said", "Searched", "Said") in shapes
    assert ("Said", "Searched", "Said") in shapes


def test_pages_never_seen_are_asked_about(data: Path) -> None:
    rng, real, made = Random(9), world.load(data), names.load(data)
    asked = Unseen(real, made, rng).drill()
    assert asked.file is not None
    assert asked.value.lower() in asked.file[1].lower()
    assert asked.source in asked.file[1]


def test_searches_are_about_such_pages_in_the_share_asked_for(data: Path) -> None:
    rng, real, made = Random(10), world.load(data), names.load(data)
    topics = Topics(real, made, [], rng)
    drawn = [topics.draw(0.5)[0].kind for _ in range(400)]
    assert 140 < drawn.count("drill") < 260
    assert "drill" not in [topics.draw()[0].kind for _ in range(200)]
