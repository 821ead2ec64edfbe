"""`conversations.jsonl` -> ids and labels: loss on what the model says, on nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training import jsonl
from training.records import Conversation

IGNORED = -100
"""The label that torch's cross entropy leaves out."""


@dataclass(frozen=True, slots=True)
class Example:
    """A whole sequence; `labels` are its ids where the model spoke, and IGNORED elsewhere."""

    input_ids: list[int]
    labels: list[int]


ENDING = re.compile(r"(?:<\|[^|\s]{1,40}\|>|</s>|<end_of_turn>)\s*$")
"""The literal by which another tokenizer's template ends a turn."""


def encode(talk: Conversation, tokenizer: Any) -> Example:
    """A conversation in the ids of `tokenizer`, piece by piece, as a server appends them.

    The prompt is laid out by this tokenizer's own chat template, and the last words of the model
    end with the token that ends its turn, whatever tokenizer the file was composed with.
    """
    ids: list[int] = []
    labels: list[int] = []
    for at, piece in enumerate(talk.segments):
        if at == 0 and talk.messages and tokenizer.chat_template:
            messages = [{"role": m.role, "content": m.content} for m in talk.messages]
            text = tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=True
            )
        else:
            text = piece.text
        made = tokenizer.encode(text, add_special_tokens=False)
        if at == len(talk.segments) - 1 and (not made or made[-1] not in tokenizer.all_special_ids):
            made = tokenizer.encode(ENDING.sub("", text), add_special_tokens=False)
            made.append(tokenizer.eos_token_id)
        ids += made
        labels += made if piece.origin == "model" else [IGNORED] * len(made)
    return Example(ids, labels)


def given(talk: Conversation, tokenizer: Any) -> Example | None:
    """A conversation in the ids it came with, if they are this tokenizer's."""
    if talk.ids is None or talk.mask is None:
        return None
    said = "".join(piece.text for piece in talk.segments)
    if max(talk.ids) >= len(tokenizer) or tokenizer.decode(list(talk.ids)) != said:
        return None
    pairs = zip(talk.ids, talk.mask, strict=True)
    return Example(list(talk.ids), [token if learnt else IGNORED for token, learnt in pairs])


@dataclass(slots=True)
class Tally:
    """What became of the lines of a file."""

    used: int = 0
    too_long: int = 0
    tokens: int = 0
    learnt: int = 0


def examples(
    path: Path,
    tokenizer: Any,
    longest: int,
    tally: Tally,
    *,
    split: str = "train",
    again: bool = True,
) -> Iterator[Example]:
    """The conversations of one split. One that is too long is left out whole: cut, it would teach
    to stop in the middle.

    Args:
        path: conversations.jsonl.
        tokenizer: of the model to be trained.
        longest: tokens a conversation may have.
        tally: counts what was read.
        split: train, dev or test.
        again: encode the texts again; else take the ids given, where they are this tokenizer's.
    """
    for talk in jsonl.read(path, Conversation):
        if talk.split != split:
            continue
        made = None if again else given(talk, tokenizer)
        example = made or encode(talk, tokenizer)
        if len(example.input_ids) > longest:
            tally.too_long += 1
            continue
        tally.used += 1
        tally.tokens += len(example.input_ids)
        tally.learnt += sum(label != IGNORED for label in example.labels)
        yield example
