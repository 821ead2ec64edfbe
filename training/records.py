"""The lines that the pipeline's steps hand to each other: questions, verdicts, conversations.

    documents, facts --data questions--> questions.jsonl      Question
    questions        --probe----------> verdicts.jsonl       Verdict: the question, and what the
                                                             model said to it
    verdicts         --data compose---> conversations.jsonl  Conversation

One JSON object a line, in UTF-8. `docs/training.md` describes each field; `training.jsonl` reads
and writes them. Fields that a reader doesn't know are ignored, so that a line may carry more.
"""

from typing import Literal

import msgspec

from app.chat.transcript import Origin

Split = Literal["train", "dev", "test"]
SPLITS: tuple[Split, ...] = ("train", "dev", "test")
KnowsOrNot = Literal["knows", "unsure", "doesn't know"]


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a question comes from."""

    id: str
    """Same for everything out of one document; what is split is documents."""
    title: str = ""
    path: str | None = None
    url: str | None = None


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question with its short answer."""

    id: str
    question: str
    answers: tuple[str, ...]
    """The answer, then other ways to write it; empty when nobody has said what is right."""
    split: Split
    source: Literal["template", "model", "given"]
    """Who worded it: a template, a model, or the file it was read from."""
    subject: str | None = None
    """What it is about, where that is known apart from the question's words."""
    attribute: str | None = None
    """What is asked of the subject, e.g. `birthplace`."""
    document: Source | None = None
    passage: str | None = None
    """The text that holds the answer."""
    statement: str | None = None
    """The answer as a sentence that stands by itself."""
    wordings: tuple[str, ...] = ()
    """Other ways to ask the same."""


class Verdict(Question, frozen=True, kw_only=True, omit_defaults=True):
    """A question, and whether the model knows: what it answered without a search."""

    verdict: KnowsOrNot | None
    """knows: the greedy answer and all samples are right; doesn't know: none is; None: nobody has
    said what is right."""
    greedy: str
    greedy_right: bool | None
    samples: tuple[str, ...]
    right: tuple[bool, ...] | None
    agreement: float
    """The share of samples that mean what most of them mean: 1 is of one mind. Needs no truth."""
    entropy: float
    """Bits of disagreement: the entropy over groups of samples of one meaning."""


class Piece(msgspec.Struct, frozen=True, omit_defaults=True):
    """A run of tokens of one origin."""

    origin: Origin
    text: str
    ids: tuple[int, ...] | None = None


class Turn(msgspec.Struct, frozen=True):
    """A message of the prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class Conversation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One answer as the gateway gives it: the prompt, what the model says, what searches brought.

    A conversation of several turns has everything before the last answer in its prompt, laid out
    as the gateway lays a history out; so each answer to learn is a line of its own.
    """

    id: str
    kind: str
    """What it teaches, e.g. `known`, `found`, `near miss`."""
    split: Split
    messages: tuple[Turn, ...]
    """The prompt before the chat template."""
    segments: tuple[Piece, ...]
    """In order; the first is the prompt. Their ids, put together, are `ids`."""
    ids: tuple[int, ...] | None = None
    mask: tuple[int, ...] | None = None
    """1 exactly on what the model says, the token that ends its turn included."""
    questions: tuple[str, ...] = ()
    """Ids of the questions it is made from."""
