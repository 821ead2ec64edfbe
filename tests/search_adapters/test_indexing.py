import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from local_files import pdf

from search_adapters.index_writer import IndexWriter
from search_adapters.indexing import FileIndexed, index_paths
from search_adapters.local_index import IndexReader, WrongVersion


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "wiki"
    (folder / "deep").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "one.txt").write_text("Varn lies by the sea.")
    (folder / "deep" / "two.md").write_text("# Tarn\n\nTarn lies on the river Or.")
    (folder / "three.html").write_text("<title>Or</title><p>The Or is a river.</p>")
    (folder / ".git" / "config.txt").write_text("hidden")
    (folder / ".hidden.txt").write_text("hidden")
    return folder


def texts(index: Path, *words: str) -> set[str]:
    with closing(IndexReader(index)) as reader:
        return {hit.text for hit in reader.hits(words, 50)}


def test_a_folder_is_read_with_its_sub_folders(folder: Path, tmp_path: Path) -> None:
    pdf(folder / "four.pdf", "The lens was ground in Tarn.")
    index, events = tmp_path / "n.db", list[FileIndexed]()
    report = index_paths([folder], index, events.append)
    assert report.counts == {"added": 4}
    assert report.passages == 4
    assert [(event.done, event.total) for event in events] == [(n, 4) for n in range(1, 5)]
    with closing(IndexReader(index)) as reader:
        (hit,) = reader.hits(["sea"], 5)
    assert (hit.title, hit.site) == ("one", "wiki")
    assert hit.url == (folder / "one.txt").as_uri()
    assert len(hit.date or "") == 10
    assert texts(index, "hidden") == set()


def test_a_second_run_does_only_what_changed(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "n.db"
    index_paths([folder], index)
    assert index_paths([folder], index).counts == {"unchanged": 3}

    os.utime(folder / "one.txt", (1, 1))
    assert index_paths([folder], index).counts == {"unchanged": 3}

    (folder / "one.txt").write_text("Varn lies by the lake.")
    (folder / "three.html").unlink()
    (folder / "five.txt").write_text("Five.")
    report = index_paths([folder], index)
    assert report.counts == {"added": 1, "changed": 1, "removed": 1, "unchanged": 1}
    assert texts(index, "sea") == set()
    assert texts(index, "lake") == {"Varn lies by the lake."}
    assert not any("The Or is" in text for text in texts(index, "or"))


def test_other_folders_are_left_alone(folder: Path, tmp_path: Path) -> None:
    index, other = tmp_path / "n.db", tmp_path / "other.txt"
    other.write_text("Elsewhere.")
    index_paths([folder, other], index)
    index_paths([folder / "deep"], index)
    assert texts(index, "elsewhere", "sea") == {"Elsewhere.", "Varn lies by the sea."}


def test_paths_that_are_gone_are_removed_or_reported(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "n.db"
    index_paths([folder], index)
    for file in (folder / "deep").iterdir():
        file.unlink()
    (folder / "deep").rmdir()
    assert index_paths([folder / "deep"], index).counts == {"removed": 1}
    report = index_paths([tmp_path / "nowhere"], index)
    assert [(event.path.name, event.reason) for event in report.skipped] == [
        ("nowhere", "no such file or folder")
    ]


def test_bad_files_are_reported_and_the_rest_is_read(folder: Path, tmp_path: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 no")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")
    (folder / "zeros.txt").write_bytes(b"\x00" * 50)
    (folder / "dangling.txt").symlink_to(folder / "nothing")
    report = index_paths([folder], tmp_path / "n.db")
    assert report.counts == {"added": 3, "skipped": 4}
    reasons = {event.path.name: event.reason for event in report.skipped}
    assert "broken PDF" in reasons["broken.pdf"]
    assert "jpg" in reasons["photo.jpg"]
    assert "binary" in reasons["zeros.txt"]
    assert "No such file" in reasons["dangling.txt"]


def test_a_file_that_became_unreadable_is_no_longer_quoted(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "n.db"
    index_paths([folder], index)
    (folder / "one.txt").write_bytes(b"\x00" * 50)
    assert index_paths([folder], index).counts == {"skipped": 1, "unchanged": 2}
    assert texts(index, "sea") == set()


def test_a_reader_sees_whole_files_while_one_writes(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "n.db"
    index_paths([folder / "one.txt"], index)
    seen: list[set[str]] = []
    index_paths([folder], index, lambda event: seen.append(texts(index, "sea", "or")))
    assert [len(found) for found in seen] == sorted(len(found) for found in seen)
    assert len(seen[-1]) == 3


def test_the_index_does_not_index_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A.")
    for _ in range(2):
        assert index_paths([tmp_path], tmp_path / "n.txt").skipped == ()


def test_a_file_that_is_no_index_is_left_alone(tmp_path: Path) -> None:
    diary = tmp_path / "diary.db"
    diary.write_text("Dear diary, " * 100)
    with pytest.raises(WrongVersion, match=r"diary\.db"):
        index_paths([], diary)
    assert diary.read_text().startswith("Dear diary")
    with pytest.raises(WrongVersion):
        IndexReader(diary)
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as database:
        database.execute("CREATE TABLE t (x)")
    with pytest.raises(WrongVersion):
        index_paths([], other)
    with pytest.raises(WrongVersion):
        IndexReader(other)


def test_an_interrupted_document_leaves_nothing(tmp_path: Path) -> None:
    index = tmp_path / "n.db"

    def interrupted(writer: IndexWriter) -> None:
        with writer.transaction():
            writer.note("x", "y")
            raise KeyboardInterrupt

    with closing(IndexWriter(index)) as writer, pytest.raises(KeyboardInterrupt):
        interrupted(writer)
    with closing(IndexReader(index)) as reader:
        assert reader.meta("x") is None
        assert reader.size() == 0


def test_a_read_only_folder_can_be_searched(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "image"
    place.mkdir()
    index_paths([folder], place / "n.db")
    place.chmod(0o555)
    try:
        assert len(texts(place / "n.db", "sea")) == 1
    finally:
        place.chmod(0o755)
