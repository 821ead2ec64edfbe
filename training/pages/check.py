"""Say what is wrong with files of pages.

python -m training.pages.check FILE...
"""

from __future__ import annotations

import sys
from pathlib import Path

from training.pages.parsing import SLOT, Malformed, Page, parse
from training.pages.values import KINDS


def faults(page: Page) -> list[str]:
    """What is wrong with a page, each in a line."""
    found = []
    if not any(each.told for each in page.asked):
        found.append("no question that it answers")
    text = " ".join(f"{page.title}. {page.text}".split())
    for kind, number in dict.fromkeys(page.slots()):
        if page.alias.get(kind, kind) not in KINDS and kind not in page.lists:
            found.append(f"unknown slot {{{kind}{number}}}")
    for key, values in page.lists.items():
        if len(values) < 3:
            found.append(f"@ {key}: fewer than three values")
        if any(SLOT.search(value) for value in values):
            found.append(f"@ {key}: a value holds a slot")
    if "{" in SLOT.sub("", text) or "}" in SLOT.sub("", text):
        found.append("a brace that is no slot")
    told = set(SLOT.findall(text))
    names = {(kind, number) for kind, number, _ in told}
    for each in page.asked:
        where = each.wordings[0]
        if each.told and each.value.lower() not in text.lower():
            found.append(f"{where}: [{each.value}] is not in the text letter by letter")
        for part in (*each.wordings, each.answer, each.query):
            for kind, number, _ in SLOT.findall(part):
                if (kind, number) not in names:
                    found.append(f"{where}: {{{kind}{number}}} is not in the text")
        if each.told and len(each.wordings) < 2:
            found.append(f"{where}: give two wordings or more")
    return found


def main() -> None:
    """Check the files."""
    pages, bad = 0, 0
    for name in sys.argv[1:]:
        try:
            found = parse(Path(name).read_text(encoding="utf-8"), name)
        except Malformed as error:
            print(error)
            bad += 1
            continue
        for page in found:
            pages += 1
            for fault in faults(page):
                bad += 1
                print(f"{name} === {page.title} ({page.text[:30]}): {fault}")
    print(f"{pages} pages, {bad} faults")
    raise SystemExit(bad > 0)


if __name__ == "__main__":
    main()
