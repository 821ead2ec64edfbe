"""Pages as documents on disk and questions about them: something to practise on or to be asked.

    python -m training.pages.handout --data DIR --out DIR

    OUT/documents/*.md     each page once, its slots filled
    OUT/questions.jsonl    what they tell, and what they don't (no answers: nobody knows)

Only questions that name somebody or something that was invented, so that no other page answers
them. Pages that no training shows are the split `test`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

from training import jsonl, names, world
from training.facts import capital
from training.pages.drawing import Filled, Pages
from training.pages.parsing import SLOT, Page, load
from training.records import Question, Source
from training.wordings import casual

INVENTED = frozenset(("n", "o", "m", "p", "q", "r", "company", "village", "word"))
"""Slots whose values are drawn from so many that a question with one is about one page."""


def telling(page: Page, wording: str) -> bool:
    """Whether a question says which page is meant."""
    return any(page.alias.get(kind, kind) in INVENTED for kind, _, _ in SLOT.findall(wording))


def asked(filled: Filled, number: int, test: bool, rng: Random) -> list[Question]:
    """The questions of a page that can stand alone, each in one of its wordings."""
    made = []
    for at, each in enumerate(filled.page.asked):
        ways = [way for way in each.wordings if telling(filled.page, way)]
        if ways:
            made.append(
                Question(
                    id=f"page-{number}-{at}",
                    question=casual(capital(filled.said(rng.choice(ways))), rng),
                    answers=(filled.said(each.value),) if each.told else (),
                    split="test" if test else "train",
                    source="template",
                    document=Source(f"{number:04}.md"),
                    statement=capital(filled.said(each.sentence)),
                )
            )
    return made


def main() -> None:
    """Write both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=3, help="questions of a page at most")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng, made = Random(args.seed), list[Question]()
    invented, real, every = names.load(args.data), world.load(args.data), load()
    folder = args.out / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    for test in (False, True):
        pages = Pages(every, invented, real, rng, test)
        for page in pages.pages:
            number += 1
            filled = pages.fill(page)
            title = capital(filled.said(page.title)) or f"Page {number}"
            text = f"# {title}\n\n{capital(filled.said(page.text))}\n"
            (folder / f"{number:04}.md").write_text(text, encoding="utf-8")
            questions = asked(filled, number, test, rng)
            made += rng.sample(questions, min(args.each, len(questions)))
    rng.shuffle(made)
    jsonl.write(args.out / "questions.jsonl", made)
    told = sum(bool(each.answers) for each in made)
    print(f"{number} documents, {len(made)} questions, {told} of them answered by one")


if __name__ == "__main__":
    main()
