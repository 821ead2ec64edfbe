from hypothesis import given
from hypothesis import strategies as st

from search_adapters.passages import paragraphs, sentences, split

TEXT = (
    "Dr. J. K. Vell came to Tarn in 1871, e.g. by boat. He built the lighthouse! Was it tall? "
    "It was 31.5 m tall... Nobody knows why. “It shines.” So he said."
)


def test_sentences_end_where_they_end() -> None:
    assert sentences(TEXT) == [
        "Dr. J. K. Vell came to Tarn in 1871, e.g. by boat.",
        "He built the lighthouse!",
        "Was it tall?",
        "It was 31.5 m tall...",
        "Nobody knows why.",
        "“It shines.”",
        "So he said.",
    ]
    assert sentences("東京は首都である。人口は多い。") == ["東京は首都である。", "人口は多い。"]


def test_passages_are_whole_sentences_of_about_the_target() -> None:
    text = " ".join(f"Sentence number {n} says that the sea is wide." for n in range(60))
    passages = split(text)
    assert all(200 < len(passage) <= 350 for passage in passages[:-1])
    assert all(passage.endswith("wide.") and passage.startswith("S") for passage in passages)
    assert " ".join(passages) == text


def test_only_a_sentence_that_is_too_long_by_itself_is_broken() -> None:
    long = "word " * 200 + "end."
    passages = split("Short one. " + long + " Another short one.")
    assert passages[0].startswith("Short one.")
    assert max(map(len, passages)) <= 350 + 80
    assert all(
        part in {"word", "end.", "Short", "one.", "Another", "short"}
        for p in passages
        for part in p.split()
    )
    assert max(map(len, split("長" * 2000))) <= 350


def test_paragraphs_join_wrapped_lines_and_keep_items_apart() -> None:
    wrapped = (
        "This line was broken by an editor at about seventy characters, and goes\n"
        "on here.\n\nMilk\nEggs\n"
        "- item one that is quite long, longer than sixty characters in all\n- two\n"
    )
    assert paragraphs(wrapped) == [
        "This line was broken by an editor at about seventy characters, and goes on here.",
        "Milk",
        "Eggs",
        "- item one that is quite long, longer than sixty characters in all",
        "- two",
    ]


def test_a_short_rest_joins_the_passage_before() -> None:
    passages = split(
        " ".join(["A sentence that takes up some sixty characters of the passage."] * 5) + " End."
    )
    assert len(passages) == 1
    assert split("") == split(" \n ") == []


@given(st.text())
def test_no_text_is_lost_and_no_passage_is_blank(text: str) -> None:
    passages = split(text)
    assert "".join("".join(passages).split()) == "".join(text.split())
    assert all(passage.strip() for passage in passages)
