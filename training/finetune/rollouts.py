"""Answers of a model in training, made by the loop that serves: searches, results, stops and all.

Many answers are made side by side. Each asks for its next leg; whoever asks in the same moment is
answered by one batch of the model. What comes back is the transcript: ids, and where the model
spoke.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from app.chat.answer import answer
from app.chat.budget import Limits
from app.chat.events import Failed, SearchStarted, TextDelta
from app.chat.ports import Chunk, Leg, Search, Stopped, Take
from app.chat.progress import Means
from app.chat.prompt import PromptRenderer
from app.chat.request import ChatRequest, Message, Sampling, SearchOptions
from app.chat.searching.injection import ResultsBlock
from app.chat.transcript import Transcript
from app.chat.vocabulary import learn
from app.dialect.instructions import instructions
from app.dialect.markers import ORSON
from training.composing.reader import FolderReader

LEG = 96
"""Tokens of one leg at most; a longer one is cut, and its answer with it."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """One answer."""

    prompt: list[int]
    completion: list[int]
    mask: list[int]
    """1 where the model spoke."""
    text: str
    """What a client would see."""
    searches: int


class Batched(FolderReader):
    """Implements `app.chat.ports.Engine` on a Hugging Face model, a batch of legs at a time."""

    def __init__(self, folder: Path, model: Any, tokenizer: Any, context: int | None) -> None:
        super().__init__(folder, context=context)
        self.weights, self.tokens = model, tokenizer
        self._waiting: list[tuple[Leg, asyncio.Future[Chunk]]] = []
        self._working: asyncio.Task[None] | None = None

    def generate(self, leg: Leg) -> LegReads:  # type: ignore[override]
        """Its next words."""
        return LegReads(self, leg)

    async def ask(self, leg: Leg) -> Chunk:
        """Wait for the batch that this leg is in."""
        mine: asyncio.Future[Chunk] = asyncio.get_running_loop().create_future()
        self._waiting.append((leg, mine))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await mine

    async def _work(self) -> None:
        while self._waiting:
            await asyncio.sleep(0.005)  # whoever is about to ask may join
            batch, self._waiting = self._waiting, []
            try:
                chunks = self._batch([leg for leg, _ in batch])
            except Exception as error:
                for _, waiting in batch:
                    waiting.set_exception(error)
                raise
            for (_, waiting), chunk in zip(batch, chunks, strict=True):
                waiting.set_result(chunk)

    @torch.no_grad()
    def _batch(self, legs: Sequence[Leg]) -> list[Chunk]:
        pad, end = self.tokens.pad_token_id, self.tokens.eos_token_id
        width = max(len(leg.prompt) for leg in legs)
        rows = [[pad] * (width - len(leg.prompt)) + list(leg.prompt) for leg in legs]
        mask = [[0] * (width - len(leg.prompt)) + [1] * len(leg.prompt) for leg in legs]
        sampled = bool(legs[0].sampling.temperature)
        how = {"temperature": legs[0].sampling.temperature, "top_k": 0} if sampled else {}
        stops = sorted({i for leg in legs for i in leg.stop_ids})
        out = self.weights.generate(
            torch.tensor(rows, device=self.weights.device),
            attention_mask=torch.tensor(mask, device=self.weights.device),
            max_new_tokens=min(LEG, *(leg.max_tokens for leg in legs)),
            do_sample=sampled,
            eos_token_id=[end, *stops],
            pad_token_id=pad,
            logits_processor=[_Forbid([leg.forbid_ids for leg in legs])],
            **how,
        )
        return [self._chunk(row, {end}, set(stops)) for row in out[:, width:].tolist()]

    def _chunk(self, row: list[int], ends: set[int], stops: set[int]) -> Chunk:
        for at, token in enumerate(row):
            if token in ends:
                return Chunk(tuple(row[: at + 1]), self._text(row[:at]), Stopped("end"))
            if token in stops:
                stop = Stopped("stop_token", token)
                return Chunk(tuple(row[: at + 1]), self._text(row[:at]), stop)
        return Chunk(tuple(row), self._text(row), Stopped("length"))

    def _text(self, ids: list[int]) -> str:
        text: str = self.tokens.decode(ids, clean_up_tokenization_spaces=False)
        return text


class _Forbid:
    """Ids that a row may not sample; each leg has its own."""

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        self._rows = rows

    def __call__(self, ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        for at, forbidden in enumerate(self._rows):
            if forbidden:
                scores[at, list(forbidden)] = -torch.inf
        return scores


class LegReads:
    """The stream of one leg: all of it in one read."""

    def __init__(self, engine: Batched, leg: Leg) -> None:
        self._engine, self._leg, self._done = engine, leg, False

    async def pour(self, take: Take) -> bool:
        """Give `take` the whole leg."""
        if not self._done:
            self._done = True
            take(await self._engine.ask(self._leg))
        return False

    async def aclose(self) -> None:
        """Nothing runs on."""
        self._done = True


class Stage:
    """What answers are made with."""

    def __init__(self, engine: Batched, means: Means, prompts: PromptRenderer) -> None:
        self.engine, self._means, self._prompts = engine, means, prompts

    @classmethod
    async def set(cls, engine: Batched, search: Search, limits: Limits) -> Stage:
        """Learn from the tokenizer what the gateway learns.

        Raises:
            ValueError: the markers are no single tokens of this model yet.
        """
        vocabulary = await learn(engine, ORSON, engine.added)
        if not vocabulary.single:
            raise ValueError(
                "the model doesn't have the markers yet: `orson train sft` comes first"
            )
        means = Means(engine, search, vocabulary, limits, ResultsBlock(engine, vocabulary))
        return cls(engine, means, PromptRenderer(engine, vocabulary))

    async def play(
        self, asked: Sequence[tuple[str, bool]], temperature: float, tokens: int
    ) -> list[Rollout]:
        """An answer to each question, with or without the means to search."""
        return list(
            await asyncio.gather(*(self._one(q, may, temperature, tokens) for q, may in asked))
        )

    async def _one(self, question: str, may: bool, temperature: float, tokens: int) -> Rollout:
        messages = (Message("user", question),)
        taught = instructions(ORSON, "trained", may_search=may, today="")
        prompt = await self._prompts(messages, taught)
        request = ChatRequest(
            messages,
            Sampling(max_tokens=tokens, temperature=temperature),
            SearchOptions(policy="auto" if may else "never"),
        )
        transcript, text, searches = Transcript(), "", 0
        async with aclosing(answer(request, prompt, self._means, transcript)) as batches:
            async for batch in batches:
                for event in batch:
                    match event:
                        case TextDelta(text=more):
                            text += more
                        case SearchStarted():
                            searches += 1
                        case Failed(error=error):
                            raise error
        said = [int(own) for own in transcript.mask()[len(prompt) :]]
        return Rollout(prompt, transcript.ids[len(prompt) :], said, text.strip(), searches)
