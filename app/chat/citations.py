"""`[n]` in the answer -> a citation with offsets, checked against what was really injected.

Reads the answer as it streams. Only what may be a citation is held back: a bracket, digits, and
the space in front of it. A number that names an injected passage stays in the text and yields
`Cited`; a number that names none is taken out of the text, with the space before it, and counted.

Left alone, as ordinary text: anything in code (inline or fenced), and, as long as nothing was
injected, brackets that touch a word (`row[1]`) or begin a line (`[1] First`), which are indexing
and lists and no citations.
"""

import re
from collections.abc import Iterator, Mapping

from app.chat.events import Cited, TextDelta
from app.dialect.results import Numbered

_CITATION = re.compile(r" ?\[(\d{1,3}(?:, ?\d{1,3}){0,7})\]")
_BEGINNING = re.compile(r"(?: ?\[(?:\d{1,3}(?:, ?\d{0,3}){0,7})?| )\Z")
"""What a citation may begin with, at the end of the text so far."""


class CitationReader:
    """Turns one answer's prose into text and citations."""

    def __init__(self) -> None:
        self.sources: Mapping[int, Numbered] = {}
        """The passages injected so far, by number; the caller sets it anew after each search."""
        self.dropped = 0
        """Numbers that named no injected passage."""
        self.length = 0
        """Code points of answer given out so far."""
        self._held = ""
        self._before = "\n"
        self._code: int | None = None  # length of the run of backticks that opened it
        self._ticks = 0  # length of the run being read

    def feed(self, text: str) -> Iterator[TextDelta | Cited]:
        """What `text` adds to the answer."""
        if not self._held and "[" not in text and "`" not in text and not text.endswith(" "):
            if text:
                yield self._emit(text)
            return
        yield from self._read(self._held + text, final=False)

    def finish(self) -> Iterator[TextDelta | Cited]:
        """Release what was held back."""
        yield from self._read(self._held, final=True)

    def _read(self, text: str, *, final: bool) -> Iterator[TextDelta | Cited]:
        self._held = ""
        if not final and (held := _BEGINNING.search(text)):
            self._held = held.group()
            text = text[: held.start()]
        out: list[str] = []
        cited: list[Cited] = []
        position, offset = 0, self.length
        for match in _CITATION.finditer(text):
            before = text[position : match.start()]
            out.append(before)
            offset += len(before)
            self._track_code(before)
            position = match.end()
            replacement = self._resolve(match, text[: match.start()])
            if replacement is None:
                replacement = match.group()
            else:
                start = offset + (1 if replacement.startswith(" ") else 0)
                cited += self._citations(match, start, offset + len(replacement))
            out.append(replacement)
            offset += len(replacement)
        out.append(text[position:])
        self._track_code(text[position:])
        if shown := "".join(out):
            yield self._emit(shown)
        yield from cited

    def _resolve(self, match: re.Match[str], before: str) -> str | None:
        """What stands in the citation's place; None when it is no citation."""
        self._end_run()
        if self._code is not None:
            return None
        touching = "" if match.group().startswith(" ") else (before[-1:] or self._before)
        if not self.sources and (
            touching == "\n" or touching.isalnum() or touching in (")", "]", "_")
        ):
            return None
        numbers = [int(number) for number in match[1].split(",")]
        valid = [number for number in numbers if number in self.sources]
        self.dropped += len(numbers) - len(valid)
        if len(valid) == len(numbers):
            return match.group()
        space = " " if match.group().startswith(" ") else ""
        return f"{space}[{', '.join(map(str, valid))}]" if valid else ""

    def _citations(self, match: re.Match[str], start: int, end: int) -> Iterator[Cited]:
        for number in dict.fromkeys(int(number) for number in match[1].split(",")):
            if source := self.sources.get(number):
                yield Cited(source, start, end)

    def _track_code(self, text: str) -> None:
        """Follow backticks: a run opens code, a run of the same length closes it."""
        if "`" not in text and not self._ticks and self._code is None:
            return
        for char in text:
            if char == "`":
                self._ticks += 1
                continue
            self._end_run()
            if char == "\n" and self._code == 1:
                self._code = None  # An inline span does not outlive its line.

    def _end_run(self) -> None:
        run, self._ticks = self._ticks, 0
        if run and self._code is None:
            self._code = run
        elif run and self._code == run:
            self._code = None

    def _emit(self, text: str) -> TextDelta:
        self.length += len(text)
        self._before = text[-1]
        return TextDelta(text)
