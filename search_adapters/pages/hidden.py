"""Text that a reader of the page doesn't see, taken out before anything is made of it.

Most instructions planted for models stand where people don't look: not displayed, without size,
off the screen, in the colour of the ground. What style sheets do from afar can't all be known
here; inline styles and the page's own plain rules are.
"""

import re
from typing import Any

_BY_ATTRIBUTE = (
    "[hidden], [aria-hidden='true'], template, noscript, script, style, svg, math, object, embed, "
    "iframe, textarea, select, canvas, dialog, input, meta[name='description']"
)
_ZERO = r"(?:0*\.?0+|0)(?:px|em|rem|pt|%|vh|vw)?\s*(?:!important\s*)?(?:;|$)"
_TINY = r"(?:0*\.\d+|[01](?:\.\d+)?)(?:px|pt)\s*(?:!important\s*)?(?:;|$)"
_HIDING = re.compile(
    rf"""(?:^|[;\s])(?:
      display\s*:\s*none
    | visibility\s*:\s*(?:hidden|collapse)
    | content-visibility\s*:\s*hidden
    | opacity\s*:\s*(?:{_ZERO}|0?\.0\d*)
    | font(?:-size)?\s*:\s*(?:{_ZERO}|{_TINY})
    | font\s*:[^;]*(?<![\d.])0(?:px|em|rem|pt|%)?\s*/
    | (?:max-)?(?:width|height)\s*:\s*(?:{_ZERO}|{_TINY})
    | line-height\s*:\s*{_ZERO}
    | (?:left|right|top|bottom|text-indent|margin(?:-left|-top)?)\s*:\s*-\s*\d{{3,}}
    | clip\s*:\s*rect
    | clip-path\s*:\s*(?:inset\(\s*(?:50|100)%|circle\(\s*0|polygon\(\s*0\s+0\s*\))
    | transform\s*:[^;]*(?:scale[xy]?\(\s*0|translate[xy]?\(\s*-\d{{4,}})
    | (?:-webkit-text-fill-)?color\s*:\s*(?:
        transparent | rgba\([^)]*,\s*0(?:\.0+)?\s*\) | \#[0-9a-f]{{6}}00 )
    )""",
    re.VERBOSE,
)
_COLOUR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;!]+)")
_GROUND = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]+)")
_WORDS = {"white": "#ffffff", "black": "#000000"}

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_ESCAPE = re.compile(r"\\([0-9a-f]{1,6})\s?", re.IGNORECASE)
_CONDITIONAL = re.compile(r"@[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"([^{}]{1,400})\{([^{}]{0,2000})\}")
_SIMPLE = re.compile(r"[a-z0-9]*(?:[.#][\w-]{1,80}){1,3}", re.IGNORECASE)
_MAX_RULES = 200
"""Hiding selectors that are applied; each costs a walk over the page."""
_MAX_SHEET = 200_000


def drop_hidden(tree: Any) -> None:
    """Take what can't be seen out of a parsed page."""
    root = tree.body
    if root is None:
        return
    hidden = _selectors(tree)
    for element in root.query_selector_all(_BY_ATTRIBUTE):
        element.decompose()
    for element in root.query_selector_all("[style]"):
        if hides(element.getattr("style") or ""):
            element.decompose()
    for selector in hidden:
        try:
            found = root.query_selector_all(selector)
        except ValueError:
            continue
        for element in found:
            element.decompose()


def hides(style: str) -> bool:
    """Whether declarations keep an element from being seen."""
    plain = _ESCAPE.sub(_unescaped, _COMMENT.sub("", style)).lower()
    if _HIDING.search(plain):
        return True
    colour, ground = _COLOUR.search(plain), _GROUND.search(plain)
    return bool(colour and ground) and _value(colour) == _value(ground)


def _value(match: re.Match[str] | None) -> str:
    value = re.sub(r"\s+", "", match[1]) if match else ""
    if re.fullmatch(r"#[0-9a-f]{3}", value):
        value = "#" + "".join(char * 2 for char in value[1:])
    return _WORDS.get(value, value)


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if 0 < code < 0x110000 else ""


def _selectors(tree: Any) -> list[str]:
    """The page's own rules that hide a class or an id, whatever the screen."""
    found: dict[str, None] = {}
    for sheet in tree.document.query_selector_all("style"):
        rules = _CONDITIONAL.sub("", _COMMENT.sub("", (sheet.text or "")[:_MAX_SHEET]))
        for rule in _RULE.finditer(rules):
            if hides(rule[2]):
                for selector in rule[1].split(","):
                    if _SIMPLE.fullmatch(selector.strip()):
                        found[selector.strip()] = None
    return list(found)[:_MAX_RULES]
