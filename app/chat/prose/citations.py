"""`[n]` in the answer -> a citation with offsets, checked against what was really injected.

Reads the answer as it streams. Only what may be a citation is held back: a bracket, digits, and
the space in front of it. A number that names an injected passage stays in the text and yields
`Cited`; a number that names none is taken out of the text, with the space before it, and counted.

Left alone, as ordinary text:

- anything in code (inline or fenced);
- as long as nothing was injected, brackets that touch a word (`row[1]`) or begin a line
  (`[1] First`), which are indexing and lists and no citations;
- numbers that are all of four digits and name no passage, which are years (`[1999]`);
- a number of more digits, or more than 64 numbers: what is held back must be bounded, and no
  answer has that many passages.

White space that opens an answer is an accident of tokenization and is left out here, since only
here is known what else was.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from app.chat.events import Cited, TextDelta
from app.dialect.neutralise import JOINER
from app.dialect.results import Numbered

_CITATION = re.compile(r" ?\[(\d{1,4}(?:, ?\d{1,4}){0,63})\]")
_BEGINNING = re.compile(r"(?: ?\[(?:\d{1,4}(?:, ?\d{0,4}){0,63})?| )\Z")
"""What a citation may begin with, at the end of the text so far: 384 characters at most."""
_OPEN = re.compile(r"[\[<][^\]>\s]*\Z")
"""A bracket still open: taking a citation out behind it must not close the text up to a marker."""
_TAIL = 32
"""Characters of the answer remembered: more than the longest marker."""


class CitationReader:
    """Turns one answer's prose into text and citations."""

    __slots__ = ("_before", "_code", "_held", "_ticks", "dropped", "length", "sources")

    def __init__(self) -> None:
        self.sources: Mapping[int, Numbered] = {}
        """The passages injected so far, by number; the caller sets it anew after each search."""
        self.dropped = 0
        """Numbers that named no injected passage."""
        self.length = 0
        """Code points of answer given out so far."""
        self._held = ""
        self._before = "\n"  # the last characters given out
        self._code: int | None = None  # length of the run of backticks that opened it
        self._ticks = 0  # length of the run being read

    def feed(self, text: str) -> Iterable[TextDelta | Cited]:
        """What `text` adds to the answer."""
        plain = self.length and not self._held and self._code is None and not self._ticks
        if plain and "[" not in text and "`" not in text and not text.endswith(" "):
            return (self._emit(text),) if text else ()
        return self._read(self._held + text, final=False)

    def finish(self) -> Iterator[TextDelta | Cited]:
        """Release what was held back."""
        yield from self._read(self._held, final=True)

    def _read(self, text: str, *, final: bool) -> Iterator[TextDelta | Cited]:
        self._held = ""
        if not final and (held := _BEGINNING.search(text)):
            self._held = held.group()
            text = text[: held.start()]
        shown = ""
        cited: list[Cited] = []
        position = 0
        for match in _CITATION.finditer(text):
            shown += self._plain(text[position : match.start()], shown)
            position = match.end()
            instead = self._resolve(match, (self._before + shown[-_TAIL:])[-_TAIL:])
            if instead is None:
                shown += self._opening(match.group(), shown)
            else:
                shown += self._opening(instead, shown)
                start = len(shown) - len(instead.lstrip())
                cited += self._citations(match, self.length + start, self.length + len(shown))
        shown += self._plain(text[position:], shown)
        if shown:
            yield self._emit(shown)
        yield from cited

    def _plain(self, text: str, shown: str) -> str:
        self._track_code(text)
        return self._opening(text, shown)

    def _opening(self, text: str, shown: str) -> str:
        return text if self.length or shown else text.lstrip()

    def _resolve(self, match: re.Match[str], before: str) -> str | None:
        """What stands in the citation's place; None when it is no citation."""
        self._end_run()
        if self._code is not None:
            return None
        touching = "" if match.group().startswith(" ") else before[-1:]
        if not self.sources and (
            touching == "\n" or touching.isalnum() or touching in (")", "]", "_")
        ):
            return None
        numbers = [int(number) for number in match[1].split(",")]
        valid = [number for number in numbers if number in self.sources]
        if not valid and min(numbers) >= 1000:
            return None
        self.dropped += len(numbers) - len(valid)
        if len(valid) == len(numbers):
            return match.group()
        space = " " if match.group().startswith(" ") else ""
        if valid:
            return f"{space}[{', '.join(map(str, valid))}]"
        return JOINER if _OPEN.search(before) else ""

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
        self._before = (self._before + text)[-_TAIL:]
        return TextDelta(text)
