# ruff: noqa: E501
"""Questions made from sentences: "She studied law in Graz." -> "Where did she study law?"

`article_facts` finds a fixed number of kinds of facts in articles; this asks about whatever their
sentences say. A sentence that begins with its subject is taken apart (verb, object, what follows
"in", "at", "by"); one part becomes the answer and the others the question. Each has the subject's
slot {n} and a key of its own kind (`KINDS`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from training.facts import Attribute

KINDS = ("when", "where", "what", "by whom", "with whom", "for what", "as what", "how many")
IRREGULAR = dict(
    pair.split(":")[::-1]
    for pair in [
        "begin:began",
        "become:became",
        "come:came",
        "go:went",
        "grow:grew",
        "win:won",
        "write:wrote",
        "sing:sang",
        "lead:led",
        "leave:left",
        "meet:met",
        "make:made",
        "take:took",
        "give:gave",
        "hold:held",
        "run:ran",
        "rise:rose",
        "fall:fell",
        "fight:fought",
        "teach:taught",
        "spend:spent",
        "build:built",
        "sell:sold",
        "buy:bought",
        "speak:spoke",
        "break:broke",
        "choose:chose",
        "drive:drove",
        "fly:flew",
        "lose:lost",
        "send:sent",
        "sit:sat",
        "swim:swam",
        "find:found",
        "draw:drew",
        "bring:brought",
        "keep:kept",
        "get:got",
        "set:set",
        "shoot:shot",
        "throw:threw",
        "catch:caught",
        "see:saw",
        "flee:fled",
        "feed:fed",
        "hide:hid",
        "ride:rode",
        "steal:stole",
        "withdraw:withdrew",
        "overcome:overcame",
        "undergo:underwent",
        "forgo:forwent",
        "have:had",
        "beat:beat",
        "put:put",
    ]
)
"""Lemmas by past form, where it is not regular."""
PARTICIPLES = frozenset(
    """given made taken sent held chosen written taught brought found sold built shot put won drawn driven seen sung
    thrown stolen forced beaten led lost met paid hired shown known""".split()  # noqa: SIM905
)
MOTION = frozenset(
    [
        "move",
        "emigrate",
        "travel",
        "go",
        "return",
        "flee",
        "come",
        "migrate",
        "relocate",
        "transfer",
        "sail",
        "retire",
    ]
)
PEOPLE = frozenset("marry meet defeat succeed replace beat join follow divorce befriend".split())  # noqa: SIM905
NUMBERS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\\d{1,3}(?:,\\d{3})*|\\d+"
_NAME = r"[A-ZÀ-Þ][\w'’.-]*"
_NAMES = rf"(?:the )?{_NAME}(?:,? (?:(?:of|the|de|von|van|and) (?:the )?)?{_NAME})*"
_SENTENCE = re.compile(
    r"^(?:(?P<lead>In \d{4}|On \d{1,2} [A-Z]\w+ \d{4}|On [A-Z]\w+ \d{1,2}, \d{4}),? )?"
    r"(?:\{n\}|\{last\}|\{first\}|He|She|It|The film) "
    r"(?:(?:also|then|later|first|subsequently|eventually|soon|originally|briefly|initially|once|again|next|finally) )*"
    r"(?P<rest>.+)$"
)
_END = re.compile(
    r"[.;:]$|; |: | [–—-] |, | and (?:he|she|it|was|were|is|has|later|also|then|\w+ed|"
    + "|".join(IRREGULAR)
    + r")\b| (?:before|after|while|when|because|although|who|whom|whose|which|that|where|until|but)\b"
    r"| (?:since|despite|as well)\b"
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a clause answers: how to ask, and the value."""

    attribute: Attribute
    value: str


def lemmas(texts: Iterable[str]) -> dict[str, str]:
    """Regular past forms with their lemmas, as far as both stand in the texts."""
    plain: set[str] = set()
    past: set[str] = set()
    for text in texts:
        plain.update(re.findall(r"\bto ([a-z]{3,})\b", text))
        past.update(re.findall(r"\b([a-z]{3,}ed)\b", text))
    found = {}
    for form in past:
        stem = form[:-2]
        for lemma in (f"{stem}e", stem, stem[:-1], f"{stem[:-1]}y"):
            if lemma in plain:
                found[form] = lemma
                break
    return found | IRREGULAR


def told(sentence: str, lemma: dict[str, str]) -> Iterator[Told]:
    """All that a sentence about {n} answers."""
    for made in _told(sentence, lemma):
        if not re.search(
            r" (?:and|or|of|the|a|an|his|her|in|to|with)[?.]",
            made.attribute.questions[0] + made.attribute.tellings[0],
        ):
            yield made


def _told(sentence: str, lemma: dict[str, str]) -> Iterator[Told]:
    found = _SENTENCE.match(re.sub(r" ?\([^()]*\)", "", sentence))
    if found is None:
        return
    rest = found["rest"]
    end = _END.search(rest)
    rest = (rest[: end.start()] if end else rest).strip()
    lead = (found["lead"] or "").split(" ", 1)
    first, _, tail = rest.partition(" ")
    if "{" in rest or '"' in rest or not 2 <= len(rest.split()) <= 15:
        return
    if first in ("was", "were", "is", "are"):
        done, _, tail = tail.partition(" ")
        if not (done.endswith("ed") or done in PARTICIPLES) or done in ("married",):
            return
        verb = Verb(f"{first} {{n}} {done}", f"{{n}} {first} {done}", done, True)
    elif first in lemma:
        verb = Verb(f"did {{n}} {lemma[first]}", f"{{n}} {first}", lemma[first], False)
    else:
        return
    yield from _parts(verb, tail, lead[-1] if len(lead) == 2 else "", lead[0].lower())


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb in a question, in a statement and by itself."""

    asked: str
    said: str
    lemma: str
    passive: bool


def _parts(verb: Verb, tail: str, lead: str, lead_word: str) -> Iterator[Told]:
    if lead:
        yield _made("when", verb, tail, f"{lead_word} {{v}}", lead, "when")
    for pattern, kind, asks in (
        (r"(in) (\d{4})\b", "when", "when"),
        (r"(on) (\d{1,2} [A-Z]\w+ \d{4}|[A-Z]\w+ \d{1,2}, \d{4})\b", "when", "when"),
        (rf"(in|at) ({_NAMES})(?= (?:in|on|from) \d|$)", "where", "where"),
        (rf"(with) ({_NAMES})(?= (?:in|on|from|at)\b|$)", "with whom", "with whom"),
        (rf"(under) ({_NAMES})(?= (?:in|on|from|at)\b|$)", "with whom", "under whom"),
        (
            rf"(for) ({_NAMES}|the \w+(?: \w+){{0,3}})(?= (?:in|on|from|at)\b|$)",
            "for what",
            "for what",
        ),
        (
            r"(as) ((?:a|an|the) [\w -]+?)(?= (?:in|on|from|at|for|of|with|by|to|under)\b|$)",
            "as what",
            "as what",
        ),
    ):
        if (found := re.search(rf"(?:^| ){pattern}", tail)) and "{" not in found[2]:
            left = " ".join((tail[: found.start()] + " " + tail[found.end() :]).split())
            yield _made(kind, verb, left, f"{found[1]} {{v}}", found[2], asks)
    if verb.passive and (
        found := re.search(rf"(?:^| )by ({_NAMES})(?= (?:in|on|from|at|as|to|for)\b|$)", tail)
    ):
        left = " ".join((tail[: found.start()] + " " + tail[found.end() :]).split())
        yield _made("by whom", verb, left, "by {v}", found[1], "by whom")
    if verb.lemma in MOTION and (
        found := re.search(rf"(?:^| )to ({_NAMES})(?= (?:in|on|from|at|with)\b|$)", tail)
    ):
        left = " ".join((tail[: found.start()] + " " + tail[found.end() :]).split())
        yield _made("where", verb, left, "to {v}", found[1], "where")
    if not verb.passive:
        yield from _objects(verb, tail)


def _objects(verb: Verb, tail: str) -> Iterator[Told]:
    found = re.match(rf"({NUMBERS}) ([a-z]+(?: [a-z]+)?s)(?= |$)(.*)$", tail)
    if found:
        left = f"{found[2]}{found[3]}"
        asked = f"How many {found[2]} {verb.asked}{found[3]}?"
        yield Told(
            Attribute(
                "how many",
                (asked,),
                (),
                (),
                (f"{verb.said} {{v}} {left}.",),
                f"how many {found[2]} {verb.said}{found[3]}",
            ),
            found[1],
        )
        return
    value = rf"({_NAMES}|(?:a|an|the|his|her) [\w' -]+?)"
    found = re.match(
        rf"{value}(?P<left>(?: (?:in|on|at|from|with|for|by|to|as|under|during|against)\b.*)?)$",
        tail,
    )
    if (
        found
        and len(found[1].split()) <= 7
        and not found[1].startswith(("his ", "her "))
        and verb.lemma != "have"
    ):
        what = "whom" if verb.lemma in PEOPLE else "what"
        asked = f"{what.capitalize()} {verb.asked}{found['left']}?"
        yield Told(
            Attribute(
                "what",
                (asked,),
                (),
                (),
                (f"{verb.said} {{v}}{found['left']}.",),
                f"{what} {verb.said}{found['left']}",
            ),
            found[1],
        )


def _made(kind: str, verb: Verb, left: str, behind: str, value: str, asks: str) -> Told:
    left = f" {left}" if left else ""
    ways = [f"{asks.capitalize()} {verb.asked}{left}?"]
    if asks == "when" and re.fullmatch(r"\d{4}", value):
        ways += [f"In what year {verb.asked}{left}?", f"In which year {verb.asked}{left}?"]
    elif asks == "when":
        ways.append(f"On what date {verb.asked}{left}?")
    elif asks == "where":
        ways.append(
            f"In which place {verb.asked}{left}?"
            if not behind.startswith("to ")
            else f"To which place {verb.asked}{left}?"
        )
    elif asks in ("for what", "as what"):
        ways.append(f"What {verb.asked}{left} {asks.split()[0]}?")
    elif asks in ("by whom", "with whom", "under whom"):
        ways.append(f"Who {verb.asked}{left} {asks.split()[0]}?")
    unknown = f"{asks} {verb.said}{left}"
    return Told(
        Attribute(kind, tuple(ways), (), (), (f"{verb.said}{left} {behind}.",), unknown), value
    )
