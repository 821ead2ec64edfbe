"""Warm-up documents: something, then the same again. They start the habit of copying."""

from __future__ import annotations

from random import Random

from training import note_values, notes
from training.names import Names


def document(names: Names, rng: Random) -> str:
    """A few names, words, numbers or sentences, repeated once or twice."""
    kind = rng.random()
    if kind < 0.4:
        items = [names.invent(rng) for _ in range(rng.randint(2, 6))]
    elif kind < 0.6:
        items = [
            rng.choice(
                (
                    note_values.word(rng),
                    rng.choice(note_values.WORDS),
                    str(rng.randrange(10, 99999)),
                )
            )
            for _ in range(rng.randint(4, 12))
        ]
    else:
        items = list(dict.fromkeys(f.sentence for f in notes.subject(names, rng).facts))
    text = " ".join(items) if kind >= 0.6 else ", ".join(items) + "."
    return " | ".join([text] * rng.choice((2, 2, 3)))
