"""Markdown as a person would read it aloud: marks removed, words kept."""

import re

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*\n", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.{0,10000}?-->", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_UNDERLINED = re.compile(r"^(\S.*)\n(?:={3,}|-{3,})[ \t]*$", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*[|:*_=-][ \t|:*_=-]*$", re.MULTILINE)
# A span ends at the next mark of its kind and has a longest length: a line of a million asterisks
# must not take hours.
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,300})\]\([^()\n]{0,2000}\)")
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\](?:\([^()\n]{0,2000}\)|\[[^\[\]\n]{0,300}\])")
_STRONG = re.compile(r"(\*{1,3}|~~)(?=\S)([^*~\n]{1,500})(?<=\S)\1")
_UNDERSCORE = re.compile(r"(?<!\w)(__?)(?=\S)([^_\n]{1,500})(?<=\S)\1(?!\w)")
_CODE = re.compile(r"(`{1,3})([^`\n]{1,500})\1")
_QUOTE = re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE)


def read_markdown(source: str) -> tuple[str, str]:
    """Title (front matter or first heading, else empty) and the text under it."""
    text = source.replace("\r\n", "\n")
    title = ""
    if front := _FRONT_MATTER.match(text):
        if named := _FRONT_TITLE.search(front[1]):
            title = named[1]
        text = text[front.end() :]
    text = _FENCE.sub("", _COMMENT.sub("", text))
    text = _UNDERLINED.sub(r"# \1", text)
    if not title and (heading := _HEADING.search(text)):
        title = _plain(heading[1])
        below = text[heading.end() :]
        if below.strip() and not text[: heading.start()].strip():
            text = below  # every passage is shown under its title anyway
    text = _RULE.sub("", _HEADING.sub(r"\n\1\n", text))
    return title, _plain(_QUOTE.sub("", text))


def _plain(text: str) -> str:
    text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    text = _CODE.sub(r"\2", text)
    for _ in range(2):  # the inner mark of **bold *and slanted* text**, then the outer
        text = _UNDERSCORE.sub(r"\2", _STRONG.sub(r"\2", text))
    return text
