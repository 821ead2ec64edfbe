"""A judge model: whether an answer means the same as an accepted one, where words don't settle it.

Any server of OpenAI's chat completions. It sees the question, the accepted answers and the answer,
and replies with one word.
"""

from __future__ import annotations

import asyncio
import os
import re
from typing import Self

import httpx2

from training.evaluation.asking import PATIENCE, NoGateway, Reply
from training.evaluation.marks import plain
from training.evaluation.suite import Question

PROMPT = """\
You grade short answers. Say CORRECT if the answer gives the same fact as one of the accepted
answers, even in other words or with more detail that does not contradict it. Say INCORRECT
otherwise.

Question: {question}
Accepted answers: {accepted}
Answer to grade: {answer}

Reply with one word, CORRECT or INCORRECT."""


class Judge:
    """Asks a judge model, a few answers at a time."""

    def __init__(
        self, url: str, model: str | None = None, api_key: str | None = None, concurrency: int = 4
    ) -> None:
        self._model = model
        key = api_key or os.environ.get("OPENAI_API_KEY") or "none"
        self._client = httpx2.AsyncClient(
            base_url=url.rstrip("/").removesuffix("/v1"),
            headers={"Authorization": f"Bearer {key}"},
            timeout=httpx2.Timeout(10, read=PATIENCE, pool=None),
            trust_env=False,
        )
        self._places = asyncio.Semaphore(concurrency)

    async def __aenter__(self) -> Self:
        """Nothing is asked yet."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def verdicts(self, answers: list[tuple[Question, Reply]]) -> dict[str, bool]:
        """Whether each is right, by the questions' ids.

        Raises:
            NoGateway: the judge does not answer.
        """
        if answers and self._model is None:
            reply = await self._call("GET", "/v1/models", None)
            self._model = str(reply.json()["data"][0]["id"])
        marks = await asyncio.gather(*(self._verdict(*each) for each in answers))
        return {question.id: right for (question, _), right in zip(answers, marks, strict=True)}

    async def _verdict(self, question: Question, reply: Reply) -> bool:
        accepted = "; ".join(question.answers)
        prompt = PROMPT.format(
            question=question.question, accepted=accepted, answer=plain(reply.text)
        )
        body = {
            "model": self._model,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": 0,
            "max_tokens": 512,
        }
        async with self._places:
            said = await self._call("POST", "/v1/chat/completions", body)
        text = str(said.json()["choices"][0]["message"]["content"] or "")
        words = re.findall(r"\b(IN)?CORRECT\b", text.upper())
        return bool(words) and words[-1] == ""

    async def _call(self, method: str, path: str, body: object) -> httpx2.Response:
        try:
            reply = await self._client.request(method, path, json=body)
            reply.raise_for_status()
        except httpx2.HTTPError as error:
            raise NoGateway(f"the judge does not answer: {error or repr(error)}") from error
        return reply
