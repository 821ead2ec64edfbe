import pytest
from virtual_time import run

from search_adapters.errors import RateLimited, SearchError
from search_adapters.mock import REMEMBERED, MockAdapter
from search_adapters.protocol import Passage, Query


def test_the_same_query_brings_the_same_made_up_results() -> None:
    first = run(MockAdapter().search(Query("Varn lighthouse")))
    again = run(MockAdapter().search(Query("Varn lighthouse")))
    other = run(MockAdapter().search(Query("Tarn harbour")))
    assert first == again != other
    assert all("Varn lighthouse" in passage.text and "made-up" in passage.text for passage in first)
    assert len({passage.url for passage in first}) == len(first) > 2


def test_it_misbehaves_as_its_environment_says() -> None:
    limited = MockAdapter({"ORSON_MOCK_FAIL": "RateLimited", "ORSON_MOCK_RETRY_AFTER": "30"})
    with pytest.raises(RateLimited) as caught:
        run(limited.search(Query("x")))
    assert caught.value.retry_after == 30.0
    assert run(MockAdapter({"ORSON_MOCK_EMPTY": "1"}).search(Query("x"))) == ()


@pytest.mark.parametrize("kind", SearchError.__subclasses__())
def test_every_error_can_be_asked_for_by_name(kind: type[SearchError]) -> None:
    with pytest.raises(kind):
        run(MockAdapter({"ORSON_MOCK_FAIL": kind.__name__}).search(Query("x")))


def test_it_can_be_late() -> None:
    import asyncio

    async def late() -> float:
        clock = asyncio.get_running_loop().time
        start = clock()
        await MockAdapter(delay=3.0).search(Query("x"))
        return clock() - start

    assert run(late()) == pytest.approx(3.0)


def test_it_follows_a_script_and_remembers() -> None:
    async def scripted() -> None:
        mock = MockAdapter()
        told = Passage("T", "https://example.com", "text")
        mock.enqueue([[told], RateLimited(retry_after=1.0), []])
        assert await mock.search(Query("one")) == (told,)
        with pytest.raises(RateLimited):
            await mock.search(Query("two"))
        assert await mock.search(Query("three")) == ()
        assert await mock.search(Query("four"))
        assert [query.text for query in mock.history] == ["one", "two", "three", "four"]

    run(scripted())


def test_it_remembers_the_last_queries_only() -> None:
    async def many() -> None:
        mock = MockAdapter(empty=True)
        for number in range(REMEMBERED + 5):
            await mock.search(Query(str(number)))
        assert [query.text for query in mock.history] == [
            str(number) for number in range(5, REMEMBERED + 5)
        ]

    run(many())
