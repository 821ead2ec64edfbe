"""A grammar of all texts that do not contain some strings, for an engine that has no `bad_words`.

llama.cpp bans single tokens, and a marker may be several. It also takes a GBNF grammar, so the
ban is written as one: the automaton that looks for the strings (Aho and Corasick's), with the
steps that would complete one left out. Its rules end in a rule, so the parser's stack stays flat
however long the answer.
"""

from collections.abc import Sequence


def grammar(strings: Sequence[str]) -> str:
    """GBNF for every text in which none of `strings` occurs. Each must be non-empty."""
    prefixes = sorted({text[:end] for text in strings for end in range(len(text) + 1)})
    live = [prefix for prefix in prefixes if not _holds(prefix, strings)]
    number = {prefix: place for place, prefix in enumerate(live)}
    letters = sorted({letter for text in strings for letter in text})
    rules = ["root ::= s0"]
    for prefix in live:
        steps = {letter: _step(prefix + letter, prefixes) for letter in letters}
        steps = {letter: to for letter, to in steps.items() if to}
        choices = [
            f"[{_escape(letter)}] s{number[to]}" for letter, to in steps.items() if to in number
        ]
        others = "".join(map(_escape, steps))
        choices.append(f"[^{others}] s0" if others else ". s0")
        rules.append(f's{number[prefix]} ::= "" | ' + " | ".join(choices))
    return "\n".join(rules)


def _step(text: str, prefixes: Sequence[str]) -> str:
    """The longest end of `text` that is a beginning of one of the strings; "" where none is."""
    return next(text[at:] for at in range(len(text) + 1) if text[at:] in prefixes)


def _holds(text: str, strings: Sequence[str]) -> bool:
    return any(string in text for string in strings)


def _escape(letter: str) -> str:
    return f"\\U{ord(letter):08X}"
