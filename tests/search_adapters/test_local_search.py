import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from local_files import ARTICLES, encyclopedia

from search_adapters import local, shipped
from search_adapters.errors import TimedOut, Unavailable
from search_adapters.indexing import index_paths
from search_adapters.local import LocalAdapter, notes_index
from search_adapters.local_index import IndexReader
from search_adapters.protocol import Passage, Query


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> LocalAdapter:
    """The sample encyclopedia, with enough other articles that words have a rarity."""
    place = tmp_path_factory.mktemp("shared")
    articles = encyclopedia(place / "articles.jsonl.gz", extra=300)
    adapter = LocalAdapter({"ORSON_DATA_DIR": str(place)}, articles=articles)
    shipped.ensure_index(articles, place / "encyclopedia.db")
    return adapter


async def titles(adapter: LocalAdapter, text: str, **how: object) -> list[str]:
    return [p.title for p in await adapter.search(Query(text, **how))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Ada Brankovic birthplace", "Ada Brankovic"),
        ("Where was Ada Brankovic born?", "Ada Brankovic"),
        ("ada brankovic's first opera", "Ada Brankovic"),
        ("capital of Velia", "Velia"),
        ("What is the capital city of Velia?", "Velia"),
        ("mercury", "Mercury (planet)"),
        ("Mercury planet", "Mercury (planet)"),
        ("Freddie Mercury birthplace", "Freddie Mercury"),
        ("chateau de breze", "Château de Brézé"),
        ("CHÂTEAU BRÉZÉ moats", "Château de Brézé"),
        ("東京の人口", "東京"),
        ("日本の首都", "東京"),
        ("c++", "C++"),
        ("who made lenses", "Tarn"),
        ("the who", "The Who"),
    ],
)
async def test_the_article_that_is_asked_about_comes_first(
    shared: LocalAdapter, query: str, first: str
) -> None:
    assert (await titles(shared, query))[:1] == [first]


@pytest.mark.parametrize(
    "query",
    [
        "Who is Orson Kovats?",
        "Kovats",
        "where was born",
        "what is the of",
        "xqzv",
        "?!",
        "👩‍🚀",
        '"',
        "c",
    ],
)
async def test_what_is_not_there_is_not_found(shared: LocalAdapter, query: str) -> None:
    assert await titles(shared, query) == []


async def test_a_passage_says_where_it_is_from(shared: LocalAdapter) -> None:
    (passage,) = await shared.search(Query("Ada Brankovic birthplace", limit=1))
    assert passage == Passage(
        "Ada Brankovic",
        "https://encyclopedia.example/Ada_Brankovic",
        passage.text,
        "encyclopedia",
    )
    assert "born in Tarn" in passage.text
    assert len(passage.text) <= 430


async def test_no_document_fills_the_results(shared: LocalAdapter) -> None:
    found = await titles(shared, "Ada Brankovic operas museum", limit=10)
    assert found.count("Ada Brankovic") <= 3


async def test_domains_are_sites_or_hosts(shared: LocalAdapter) -> None:
    assert await titles(shared, "Velia", allowed_domains=("encyclopedia",))
    assert await titles(shared, "Velia", allowed_domains=("encyclopedia.example",))
    assert await titles(shared, "Velia", allowed_domains=("example.org",)) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=60) | st.sampled_from([t for t, _ in ARTICLES]))
def test_no_query_breaks_the_search(shared: LocalAdapter, text: str) -> None:
    shared._search(Query(text))


@pytest.fixture
def own(tmp_path: Path) -> dict[str, str]:
    """An environment whose notes are indexed, with the sample encyclopedia beside them."""
    notes = tmp_path / "garden"
    notes.mkdir()
    (notes / "velia.md").write_text("# Velia\n\nVelia is a country. We went to Velia in June.")
    (notes / "mint.txt").write_text("The mint grows behind the shed.")
    environment = {"ORSON_DATA_DIR": str(tmp_path / "var")}
    index_paths([notes], notes_index(environment))
    return environment


async def test_notes_and_encyclopedia_are_one(own: dict[str, str], tmp_path: Path) -> None:
    adapter = LocalAdapter(own, articles=encyclopedia(tmp_path / "a.gz"))
    assert await titles(adapter, "mint") == ["mint"]
    sites = [passage.site for passage in await adapter.search(Query("Velia"))]
    assert sites[0] == "garden"
    assert "encyclopedia" in sites
    assert (await titles(adapter, "June in Velia"))[0] == "Velia"
    await adapter.aclose()


async def test_the_encyclopedia_can_be_left_out(own: dict[str, str], tmp_path: Path) -> None:
    articles = encyclopedia(tmp_path / "a.gz")
    adapter = LocalAdapter({**own, "ORSON_ENCYCLOPEDIA": "off"}, articles=articles)
    assert await titles(adapter, "Ada Brankovic") == []
    assert await titles(adapter, "mint") == ["mint"]
    assert not (tmp_path / "var" / "encyclopedia.db").exists()


async def test_a_new_note_is_found_at_once(own: dict[str, str], tmp_path: Path) -> None:
    adapter = LocalAdapter({**own, "ORSON_ENCYCLOPEDIA": "off"})
    assert await titles(adapter, "basil") == []
    (tmp_path / "basil.txt").write_text("The basil died.")
    index_paths([tmp_path / "basil.txt"], notes_index(own))
    assert await titles(adapter, "basil") == ["basil"]


async def test_nothing_to_search_is_said(tmp_path: Path) -> None:
    adapter = LocalAdapter({"ORSON_DATA_DIR": str(tmp_path), "ORSON_ENCYCLOPEDIA": "off"})
    with pytest.raises(Unavailable, match="orson index"):
        await adapter.search(Query("x"))
    (tmp_path / "notes.db").write_text("not an index")
    with pytest.raises(Unavailable, match="delete it"):
        await adapter.search(Query("x"))


async def test_a_query_that_takes_too_long_stops_by_itself(
    own: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "SECONDS", -1.0)
    monkeypatch.setattr(
        IndexReader,
        "size",
        lambda reader: reader._db.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        ),
    )
    with pytest.raises(TimedOut):
        await LocalAdapter({**own, "ORSON_ENCYCLOPEDIA": "off"}).search(Query("mint"))


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    adapter = LocalAdapter(
        {"ORSON_DATA_DIR": str(tmp_path / "file")}, articles=encyclopedia(tmp_path / "a.gz")
    )
    for _ in range(2):
        with pytest.raises(Unavailable, match="ORSON_DATA_DIR"):
            await adapter.search(Query("x"))
    await adapter.aclose()


async def test_concurrent_first_searches_build_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[Path] = []

    def counted(articles: Path, index_file: Path) -> None:
        built.append(index_file)
        shipped.ensure_index(articles, index_file)

    monkeypatch.setattr(local, "ensure_index", counted)
    environment = {"ORSON_DATA_DIR": str(tmp_path / "var")}
    adapter = LocalAdapter(environment, articles=encyclopedia(tmp_path / "a.gz"))
    impatient = asyncio.create_task(adapter.search(Query("Velia")))
    await asyncio.sleep(0)
    impatient.cancel()
    found = await asyncio.gather(*(adapter.search(Query("Velia")) for _ in range(4)))
    assert all(found)
    assert len(built) == 1
    await adapter.aclose()


def test_the_index_is_built_anew_for_other_articles_only(tmp_path: Path) -> None:
    articles, index = encyclopedia(tmp_path / "a.gz"), tmp_path / "e.db"
    shipped.ensure_index(articles, index)
    first = index.stat().st_ino
    shipped.ensure_index(articles, index)
    assert index.stat().st_ino == first
    encyclopedia(articles, extra=1)
    shipped.ensure_index(articles, index)
    with closing(IndexReader(index)) as reader:
        assert reader.hits(["village"], 5)
    index.write_text("garbage")
    shipped.ensure_index(articles, index)
    with closing(IndexReader(index)) as reader:
        assert reader.hits(["velia"], 5)


def test_a_build_that_fails_leaves_the_old_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles, index = encyclopedia(tmp_path / "a.gz"), tmp_path / "var" / "e.db"
    shipped.ensure_index(articles, index)
    encyclopedia(articles, extra=1)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(shipped, "_build", full)
    with pytest.raises(sqlite3.OperationalError):
        shipped.ensure_index(articles, index)
    assert [file.name for file in index.parent.iterdir()] == ["e.db"]
