"""What the model is shown: deterministic, split cleanly, balanced, and never about Orson Kovats."""

import re
from pathlib import Path
from random import Random

import pytest

from app.dialect import results
from app.dialect.markers import ORSON
from search_adapters.protocol import Passage
from training import chat, encyclopedia, known, names, notes, world
from training.chat import Conversation, Said, Searched
from training.compose import Composer, Mix
from training.reading import Library
from training.wordings import general_questions, keywords


def composer(data: Path, seed: int = 1, **more: object) -> Composer:
    questions, _ = general_questions(data)
    return Composer(world.load(data), names.load(data), questions, Random(seed), **more)  # type: ignore[arg-type]


def spoken(talk: Conversation) -> str:
    return repr(talk)


def test_a_share_of_searches_is_at_most_all_of_them() -> None:
    with pytest.raises(ValueError, match=r"pages is a share of searches: 1\.1"):
        Mix(pages=1.1)


def test_the_same_seed_gives_the_same_conversations(data: Path) -> None:
    first, second = composer(data), composer(data)
    assert [first.conversation() for _ in range(50)] == [second.conversation() for _ in range(50)]


def test_nobody_ever_says_kovats(data: Path) -> None:
    drawn = composer(data)
    text = "".join(spoken(drawn.conversation()) for _ in range(600))
    text += "".join(row["text"] or "" for row in encyclopedia.rows(drawn.world))
    assert "kovats" not in text.lower()


def test_training_and_test_people_are_disjoint(data: Path) -> None:
    real = world.load(data)
    train, test = {p.name for p in real.train}, {p.name for p in real.test}
    assert test
    assert not train & test
    drawn = composer(data)
    text = "".join(spoken(drawn.conversation()) for _ in range(600))
    assert not [name for name in test if name in text]


def test_invented_test_names_share_no_part_with_training_names(data: Path) -> None:
    made = names.load(data)
    assert not set(made.first) & set(made.first_test)
    assert not set(made.last) & set(made.last_test)


def test_unclean_rows_are_left_out(data: Path) -> None:
    assert all(p.country != "Unknown" and p.name != "Unclean" for p in world.people(data))


def test_every_answer_from_results_stands_in_the_passage_it_cites(data: Path) -> None:
    drawn, checked = composer(data), 0
    for _ in range(400):
        for turn in drawn.conversation().turns:
            if len(turn.parts) != 2 or not isinstance(turn.parts[0], Searched):
                continue
            answer = turn.parts[1]
            assert isinstance(answer, Said)
            if cited := re.search(r" \[(\d+)\]\.$", answer.text):
                line = next(
                    ln for ln in turn.parts[0].block.splitlines() if ln.startswith(f"[{cited[1]}]")
                )
                assert answer.text[: cited.start()] in line
                checked += 1
    assert checked > 60


def test_a_restated_answer_says_what_the_passage_it_cites_says(data: Path) -> None:
    drawn, checked = composer(data, seed=3, mix=Mix(restates=True)), 0
    for _ in range(900):
        subject, attribute, fact = drawn.topics.draw(0.3, tales=0.3)
        if fact is None:
            continue
        case = drawn.library.case(subject, drawn.rng, wanted=fact, attribute=attribute)
        cited = re.search(r" \[(\d+)\]\.$", case.answer)
        assert cited
        assert fact.value.lower() in case.answer.lower()
        assert fact.value.lower() in case.passages[int(cited[1]) - 1].text.lower()
        checked += 1
    assert checked > 600


def test_between_a_third_and_two_thirds_of_searches_find_no_answer(data: Path) -> None:
    drawn = composer(data)
    turns = [drawn.lookup() for _ in range(600)]
    missed = sum(
        "don't know" in part.text for t in turns for part in t.parts if isinstance(part, Said)
    )
    assert 200 < missed < 400


@pytest.mark.parametrize("shown", ["empty", "others", "missing", "unrelated", "broken"])
def test_a_block_without_an_answer_does_not_hold_the_sentence(data: Path, shown: str) -> None:
    rng, real = Random(4), world.load(data)
    library = Library(real.train, names.load(data))
    for _ in range(80):
        subject = notes.subject(names.load(data), rng)
        fact = rng.choice(subject.facts)
        case = library.case(subject, rng, wanted=None, attribute=fact.attribute, shown=shown)
        assert fact.sentence not in case.block
        assert "don't know" in case.answer


def test_with_tools_off_nothing_is_searched(data: Path) -> None:
    drawn = composer(data)
    for _ in range(300):
        talk = drawn.conversation()
        if talk.system.startswith(chat.TOOLS_OFF):
            assert not any(isinstance(p, Searched) for t in talk.turns for p in t.parts)


def test_facts_the_probe_did_not_find_known_are_never_answered_directly(data: Path) -> None:
    gone = frozenset(f.key for f in known.everything(world.load(data)) if f.topic == "country")
    drawn = composer(data, unknown=gone)
    assert {f.key for f in drawn.not_known} == gone
    assert not gone & {f.key for f in drawn.known}


def test_training_and_serving_frame_results_alike() -> None:
    passages = [
        Passage("A", "https://a.example", "one\n two", "a.example", "2024-05-01"),
        Passage("B", "", "three", "notes"),
    ]
    served = results.body(results.number(passages, 3), results.BUDGET_SPENT)
    trained = chat.frame(passages, 3, chat.LAST_CALL)
    assert trained == served
    assert (ORSON.results_start, ORSON.results_end) == (chat.RESULTS_START, chat.RESULTS_END)
    assert chat.frame([]) == f"\n{results.NO_RESULTS}\n"


def test_keywords_keep_the_content_of_a_question() -> None:
    assert keywords("who wrote the song Hey Jude?") == "wrote song Hey Jude"


def test_the_encyclopedia_is_the_same_every_time(data: Path, tmp_path: Path) -> None:
    real = world.load(data)
    encyclopedia.write(real, tmp_path / "one.gz")
    encyclopedia.write(real, tmp_path / "two.gz")
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()
    addresses = [row["url"] for row in encyclopedia.rows(real)]
    assert len(addresses) == len(set(addresses))


def test_a_misspelling_is_another_name() -> None:
    rng = Random(1)
    for name in ("H", "Au", "Ada Brankovic"):
        assert all(names.misspell(name, rng).lower() != name.lower() for _ in range(50))
