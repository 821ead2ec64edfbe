# ruff: noqa: E501, SIM905
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

from training import lexicon
from training.article_facts import NAME
from training.facts import Attribute
from training.note_values import SMALL

KINDS = ("when", "where", "what", "by whom", "with whom", "for what", "as what", "how many")
_IRREGULAR = (*lexicon.irregular(lexicon.IRREGULAR), *lexicon.irregular(lexicon.MORE_IRREGULAR))
PASTS = {verb.past: verb.base for verb in _IRREGULAR}
"""Lemmas by past form, where it is not regular."""
PARTICIPLES = frozenset(verb.done for verb in _IRREGULAR)
MOTION = frozenset(
    "move emigrate travel go return flee come migrate relocate transfer sail retire".split()
)
PEOPLE = frozenset("marry meet defeat succeed replace beat join follow divorce befriend".split())
NUMBERS = rf"{'|'.join(SMALL)}|\d{{1,3}}(?:,\d{{3}})*|\d+"
_NAMES = rf"(?:the )?{NAME}(?:,? (?:(?:of|the|de|von|van|and) (?:the )?)?{NAME})*"
_THEN = r"(?= (?:in|on|from|at)\b|$)"
_DATE = r"\d{1,2} [A-Z]\w+ \d{4}|[A-Z]\w+ \d{1,2}, \d{4}"
_PARTS = (
    (r"(in) (\d{4})\b", "when", "when"),
    (rf"(on) ({_DATE})\b", "when", "when"),
    (rf"(in|at) ({_NAMES})(?= (?:in|on|from) \d|$)", "where", "where"),
    (rf"(with) ({_NAMES}){_THEN}", "with whom", "with whom"),
    (rf"(under) ({_NAMES}){_THEN}", "with whom", "under whom"),
    (rf"(for) ({_NAMES}|the \w+(?: \w+){{0,3}}){_THEN}", "for what", "for what"),
    (
        r"(as) ((?:a|an|the) [\w -]+?)(?= (?:in|on|from|at|for|of|with|by|to|under)\b|$)",
        "as what",
        "as what",
    ),
)
"""What may follow a verb, of any verb: how it begins and what it is; its kind; what asks for it."""
_AGENT = (rf"(by) ({_NAMES})(?= (?:in|on|from|at|as|to|for)\b|$)", "by whom", "by whom")
_GOAL = (rf"(to) ({_NAMES})(?= (?:in|on|from|at|with)\b|$)", "where", "where")
_SENTENCE = re.compile(
    rf"^(?:(?P<lead>In \d{{4}}|On (?:{_DATE})),? )?"
    r"(?:\{n\}|\{last\}|\{first\}|He|She|It|The film) "
    r"(?:(?:also|then|later|first|subsequently|eventually|soon|originally|briefly|initially|once|again|next|finally) )*"
    r"(?P<rest>.+)$"
)
_END = re.compile(
    r"[.;:]$|; |: | [–—-] |, | and (?:he|she|it|was|were|is|has|later|also|then|\w+ed|"
    + "|".join(PASTS)
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
    return found | PASTS


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
    parts = [*_PARTS]
    if verb.passive:
        parts.append(_AGENT)
    if verb.lemma in MOTION:
        parts.append(_GOAL)
    for pattern, kind, asks in parts:
        if found := re.search(rf"(?:^| ){pattern}", tail):
            left = " ".join((tail[: found.start()] + " " + tail[found.end() :]).split())
            yield _made(kind, verb, left, f"{found[1]} {{v}}", found[2], asks)
    if not verb.passive:
        yield from _objects(verb, tail)


def _objects(verb: Verb, tail: str) -> Iterator[Told]:
    counted = re.match(rf"({NUMBERS}) ([a-z]+(?: [a-z]+)?s)(?= |$)(.*)$", tail)
    if counted:
        value, things, left = counted.groups()
        yield _plain("how many", f"how many {things}", verb, left, f" {{v}} {things}", value)
        return
    found = re.match(
        rf"({_NAMES}|(?:a|an|the) [\w' -]+?)"
        r"((?: (?:in|on|at|from|with|for|by|to|as|under|during|against)\b.*)?)$",
        tail,
    )
    if found and len(found[1].split()) <= 7 and verb.lemma != "have":
        what = "whom" if verb.lemma in PEOPLE else "what"
        yield _plain("what", what, verb, found[2], " {v}", found[1])


def _plain(kind: str, asks: str, verb: Verb, left: str, value_said: str, value: str) -> Told:
    """A question about what stands right behind the verb."""
    asked = f"{asks.capitalize()} {verb.asked}{left}?"
    said, unknown = f"{verb.said}{value_said}{left}.", f"{asks} {verb.said}{left}"
    return Told(Attribute(kind, (asked,), (), (), (said,), unknown), value)


def _made(kind: str, verb: Verb, left: str, behind: str, value: str, asks: str) -> Told:
    left = f" {left}" if left else ""
    ways = [f"{asks.capitalize()} {verb.asked}{left}?"]
    if asks == "when" and re.fullmatch(r"\d{4}", value):
        ways += [f"In what year {verb.asked}{left}?", f"In which year {verb.asked}{left}?"]
    elif asks == "when":
        ways.append(f"On what date {verb.asked}{left}?")
    elif asks == "where":
        way = "to" if behind.startswith("to ") else "in"
        ways.append(f"{way.capitalize()} which place {verb.asked}{left}?")
    else:
        word, what = asks.split()
        ways.append(f"{'Who' if what == 'whom' else 'What'} {verb.asked}{left} {word}?")
    unknown = f"{asks} {verb.said}{left}"
    return Told(
        Attribute(kind, tuple(ways), (), (), (f"{verb.said}{left} {behind}.",), unknown), value
    )
