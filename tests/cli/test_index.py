"""`orson index`: a folder of one's own, findable afterwards."""

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app
from search_adapters.local import LocalAdapter
from search_adapters.protocol import Query


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "my [notes]"
    (folder / "below").mkdir(parents=True)
    (folder / "boat.txt").write_text("The boat Zwirn lies in the harbour of Kappeln.")
    (folder / "below" / "bees.md").write_text("# Bees\n\nThe Quarzholm hive swarmed in May.")
    (folder / "bread.html").write_text("<h1>Bread</h1><p>The Vrenske loaf needs rye.</p>")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


def index(data: Path, *paths: Path) -> Result:
    return CliRunner().invoke(
        app,
        ["index", *map(str, paths)],
        env={"ORSON_DATA_DIR": str(data), "COLUMNS": "300", "TERM": "dumb"},
    )


async def found(data: Path, text: str) -> list[str]:
    adapter = LocalAdapter({"ORSON_DATA_DIR": str(data)})
    try:
        await adapter.prepare()
        return [passage.url for passage in await adapter.search(Query(text))]
    finally:
        await adapter.aclose()


async def test_a_folder_is_found_again(tmp_path: Path, notes: Path) -> None:
    data = tmp_path / "data"
    result = index(data, notes)
    assert result.exit_code == 0, result.output
    assert "3 added" in result.stdout
    assert "broken.pdf" in result.stdout
    for text, name in (
        ("Where does the Zwirn lie?", "boat.txt"),
        ("Quarzholm hive", "bees.md"),
        ("What does the Vrenske loaf need?", "bread.html"),
    ):
        first, *_ = await found(data, text)
        assert first.endswith(name)


def test_a_second_run_reads_only_what_changed(tmp_path: Path, notes: Path) -> None:
    data = tmp_path / "data"
    index(data, notes)
    (notes / "boat.txt").write_text("The boat Zwirn was sold.")
    (notes / "bread.html").unlink()
    again = index(data, notes)
    assert again.exit_code == 0, again.output
    for part in ("1 changed", "1 removed", "1 unchanged"):
        assert part in again.stdout


def test_nothing_there(tmp_path: Path) -> None:
    result = index(tmp_path / "data", tmp_path / "no [such] folder")
    assert result.exit_code == 1
    assert "no [such] folder" in result.stderr


def test_a_file_that_is_no_index(tmp_path: Path, notes: Path) -> None:
    data = tmp_path / "data"
    assert index(data, notes).exit_code == 0
    (target,) = data.rglob("*notes*")
    for side in data.rglob("*-wal"):
        side.unlink()
    target.write_bytes(b"something else entirely, " * 100)
    result = index(data, notes)
    assert result.exit_code == 1
    assert "delete it and index again" in result.stderr
