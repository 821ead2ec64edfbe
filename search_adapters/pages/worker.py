"""The process that takes pages apart: run as a program, one job after another, until its pipe ends.

Parsers hold the interpreter's lock, and a page can be built to keep one busy for minutes or to
fill the memory. Here that costs this process: whoever gave the job kills it, and starts another.
It is started without the gateway's environment, so it holds no keys, and bounds its own memory.
"""

import os
import re
import resource
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from search_adapters.pages.decoding import decompress, to_text
from search_adapters.pages.document import Document, cut, read_markup, read_plain
from search_adapters.pages.paper import read_paper
from search_adapters.pages.refusal import Refused
from search_adapters.pages.wire import (
    LENGTHS,
    MOST_PASSAGES,
    Counted,
    Job,
    Page,
    pack_page,
    unpack_job,
)
from search_adapters.terms import tokens

MEMORY = 1024 * 1024 * 1024
"""Bytes of address space, libraries included. A page of 4 MB takes a tenth."""
MAX_PASSAGES = 500
_NICE = 5
"""A neighbour's tokens come first."""


def read(job: Job, body: bytes) -> Page:
    """The page in a body. Raises Refused when there is none that can be read."""
    data, all_of_it = decompress(body, job.encoding)
    if data.startswith(b"%PDF-") or job.type == "application/pdf":
        if not (all_of_it and job.whole):
            raise Refused("the PDF is too large")
        document = read_paper(data)
    else:
        markup = job.type in ("text/html", "application/xhtml+xml") or (
            not job.type and data[:512].lstrip().startswith(b"<")
        )
        text = to_text(data, job.charset, markup=markup)
        document = read_markup(text) if markup else read_plain(text)
    return count(document, job.words)


def count(document: Document, words: tuple[str, ...]) -> Page:
    """The document's passages that hold most of `words`, with what ranking needs of all."""
    occurrences, held, found = _counter(words), Counter[str](), list[Counted]()
    for position, text in enumerate(cut(document)):
        if position >= MAX_PASSAGES:
            break
        counts = occurrences(text)
        held.update(counts.keys())
        # Scripts without spaces have about a word for two characters.
        length = text.count(" ") + 1 if text.isascii() else max(text.count(" ") + 1, len(text) // 8)
        found.append(Counted(text, position, length, counts))
    if not found:
        raise Refused("no text in it")
    # Rare words tell more; the beginning stays, for it says what the page is about.
    weight = {word: 1 / number for word, number in held.items()}
    found.sort(key=lambda each: (each.position > 0, -sum(weight[word] for word in each.counts)))
    best = sorted(found[:MOST_PASSAGES], key=lambda each: each.position)
    return Page(document.title, document.day, tuple(best), len(found), dict(held))


def _counter(words: tuple[str, ...]) -> Callable[[str], dict[str, int]]:
    """Counts `words` in texts. A page has thousands of other ones, so few are looked at closely."""
    wanted = frozenset(words)
    # Folding changes no more than a word's end: cities, city. Only `c++` and `c#` are spelled out.
    stems = {word: word.removesuffix("y") for word in words if word.isascii()}
    likely = [(word, stem, re.compile(rf"{re.escape(stem)}\w*")) for word, stem in stems.items()]
    same: dict[tuple[str, str], bool] = {}
    spelled = any(word.endswith(("plusplus", "sharp")) for word in wanted)

    def count_in(text: str) -> dict[str, int]:
        if spelled or not text.isascii():
            return dict(Counter(word for word in tokens(text) if word in wanted))
        folded, counts = text.casefold(), dict[str, int]()
        for word, stem, pattern in likely:
            if stem not in folded:
                continue
            number = 0
            for match in pattern.finditer(folded):
                start = match.start()
                if start and folded[start - 1].isalnum():
                    continue
                key = (word, match.group())
                if key not in same:
                    same[key] = tokens(key[1]) == [word]
                number += same[key]
            if number:
                counts[word] = number
        return counts

    return count_in


def main() -> None:
    """Serve jobs on the socket that is standard input, answers going back the same way."""
    os.nice(_NICE)
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with suppress(ValueError, OSError):  # macOS has no limit of the first kind
            resource.setrlimit(limit, (value, value))
    jobs = os.fdopen(0, "rb")
    while len(lengths := jobs.read(LENGTHS.size)) == LENGTHS.size:
        head_size, body_size = LENGTHS.unpack(lengths)
        job, body = unpack_job(jobs.read(head_size)), jobs.read(body_size)
        try:
            answer = pack_page(read(job, body))
        except Refused as refused:
            answer = pack_page(str(refused))
        except Exception:  # whatever a parser raises on what a stranger wrote
            answer = pack_page("can't be read")
        while answer:
            answer = answer[os.write(1, answer) :]


if __name__ == "__main__":
    main()
