"""Documents with questions whose answers are known, and as many other documents as one likes.

wanted      the articles of XQuAD, and a few people and films: what questions are about
distractors short encyclopedia articles, people, films and countries; when they run out, new
            ones are put together from their sentences, so that words stay as frequent as in
            real text
"""

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from search_adapters.documents import Document
from search_adapters.passages import sentences, split

SEED = 11
EACH = 60
"""People, and films, that are asked about."""

Kind = Literal["reading", "naming", "nobody"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what tells the passage that answers it."""

    kind: Kind
    text: str
    title: str = ""
    answers: tuple[str, ...] = ()
    """Empty: nobody knows, and nothing should be found."""

    def answered_by(self, title: str, text: str) -> bool:
        """Whether the passage is of the right document and says the answer."""
        folded = text.casefold()
        return title == self.title and any(each.casefold() in folded for each in self.answers)


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is asked about, what isn't, and the questions."""

    wanted: tuple[Document, ...]
    distractors: tuple[Document, ...]
    questions: tuple[Question, ...]

    def documents(self, passages: int) -> Iterator[tuple[Document, int]]:
        """Documents with about so many passages in all (the wanted ones always), each with its."""
        total = 0
        for document in self.wanted:
            total += (held := len(split(document.text)))
            yield document, held
        others: Iterator[Document] = iter(self.distractors)
        invented = self._invented()
        while total < passages:
            document = next(others, None) or next(invented)
            total += (held := len(split(document.text)))
            yield document, held

    def _invented(self) -> Iterator[Document]:
        rng = random.Random(SEED)
        pool = [each for document in self.distractors for each in sentences(document.text)]
        titles = [document.title.split() for document in self.distractors if document.title]
        for number in range(10**9):
            title = f"{rng.choice(titles)[0]} {rng.choice(titles)[-1]}"
            text = " ".join(rng.choices(pool, k=rng.randint(2, 8)))
            yield _document(title, text, f"invented/{number}")


def read(folder: Path, per_kind: int) -> Corpus:
    """The corpus from the data in `folder`, with at most `per_kind` questions of each kind."""
    rng = random.Random(SEED)
    articles, reading = _xquad(folder)
    people = [each for each in _lines(folder / "people.jsonl.gz") if each.get("lead")]
    films = [each for each in _lines(folder / "movies.jsonl.gz") if each.get("extract")]
    rng.shuffle(people)
    rng.shuffle(films)
    born = [each for each in people if each["birth_year"] in each["lead"]][:EACH]
    starred = [each for each in films if each["cast"] and each["cast"][0] in each["extract"]][:EACH]
    wanted = [
        *articles,
        *(_document(each["name"], each["lead"], "people") for each in born),
        *(_document(each["title"], each["extract"], "films") for each in starred),
    ]
    naming = [
        Question("naming", f"When was {each['name']} born?", each["name"], (each["birth_year"],))
        for each in born
    ] + [
        Question("naming", f"Who starred in {each['title']}?", each["title"], (each["cast"][0],))
        for each in starred
    ]
    taken = {document.title for document in wanted}
    distractors = [
        each
        for each in _distractors(folder, people, films)
        if each.title not in taken and each.text
    ]
    rng.shuffle(distractors)
    rng.shuffle(reading)
    rng.shuffle(naming)
    nobody = _nobody(folder, rng, per_kind, [*wanted, *distractors])
    questions = [*reading[:per_kind], *naming[:per_kind], *nobody]
    rng.shuffle(questions)
    return Corpus(tuple(wanted), tuple(distractors), tuple(questions))


def _xquad(folder: Path) -> tuple[list[Document], list[Question]]:
    documents, questions = [], []
    for article in _json(folder / "xquad.en.json.gz")["data"]:
        title = article["title"].replace("_", " ")
        text = "\n\n".join(each["context"] for each in article["paragraphs"])
        documents.append(_document(title, text, "xquad"))
        questions += [
            Question("reading", qa["question"], title, tuple(a["text"] for a in qa["answers"]))
            for paragraph in article["paragraphs"]
            for qa in paragraph["qas"]
        ]
    return documents, questions


def _distractors(folder: Path, people: list[Any], films: list[Any]) -> Iterator[Document]:
    for each in _json(folder / "2wikimultihopqa_corpus.json.gz"):
        yield _document(each["title"], each["text"], "2wiki")
    for each in people:
        yield _document(each["name"], each["lead"], "people")
    for each in films:
        yield _document(each["title"], each["extract"], "films")
    for each in _lines(folder / "factbook.jsonl.gz"):
        yield _document(each["name"], each["background"], "factbook")


def _nobody(
    folder: Path, rng: random.Random, count: int, documents: list[Document]
) -> list[Question]:
    """People who never lived and whom no document names."""
    first = (folder / "first_names.txt").read_text().split("\n")
    last = (folder / "surnames.txt").read_text().split("\n")
    text = "\n".join(f"{each.title}\n{each.text}" for each in documents).casefold()
    found: list[Question] = []
    while len(found) < count:
        name = f"{rng.choice(first).strip()} {rng.choice(last).strip()}".title()
        if name.casefold() not in text:
            asked = f"Who is {name}?" if len(found) % 2 else f"When was {name} born?"
            found.append(Question("nobody", asked))
    return found


def _document(title: str, text: str, site: str) -> Document:
    return Document(title, f"bench://{site}", text, site, None)


def _json(file: Path) -> Any:
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        return json.load(stream)


def _lines(file: Path) -> Iterator[Any]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
