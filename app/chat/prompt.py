"""Messages -> the prompt's ids, with outside text made harmless and then proven so on ids."""

from collections.abc import Sequence

from app.chat.ports import Engine
from app.chat.request import Message
from app.chat.vocabulary import Vocabulary
from app.dialect.markers import Lesson
from app.errors import InvalidRequest, PromptTooLong

MAX_SHAPES = 1024
"""Shapes remembered; one per sequence of roles, so ordinary traffic has few."""

MAX_CHARS_PER_TOKEN = 32
"""A conversation with more for each token of the window is refused unread: prose has about 4, code
and runs of white space up to 20. Reading costs time, and other requests wait meanwhile."""


class PromptRenderer:
    """Renders conversations for one engine.

    The proof: the control ids of the rendered conversation must be exactly those of the same
    conversation with every outside text replaced by a plain letter. Those are the template's own.
    """

    def __init__(self, engine: Engine, vocabulary: Vocabulary) -> None:
        self._engine = engine
        self._vocabulary = vocabulary
        self._shapes: dict[tuple[str, ...], list[int]] = {}

    async def __call__(
        self, messages: Sequence[Message], instructions: str, lesson: Lesson | None = None
    ) -> list[int]:
        """The prompt of one answer, in ids.

        Args:
            messages: the conversation; system messages are joined into one, which opens it.
            instructions: the gateway's own words, put first; the only text that may hold markers.
            lesson: how a trained dialect is taught: where those words go, and what else the chat
                template is told.

        Raises:
            InvalidRequest: a text would become control tokens in spite of neutralising.
            PromptTooLong: no room is left in the context window for even one token.
        """
        chars, window = sum(len(m.content) for m in messages), self._engine.context_window
        if chars > window * MAX_CHARS_PER_TOKEN:
            error = PromptTooLong(chars // MAX_CHARS_PER_TOKEN + 1, window)
            error.message += (
                f" (An estimate: {chars} characters, {MAX_CHARS_PER_TOKEN} to a token.)"
            )
            raise error
        harmless = self._vocabulary.neutralise
        system = "\n\n".join(m.content for m in messages if m.role == "system" and m.content)
        turns = [Message(m.role, harmless(m.content)) for m in messages if m.role != "system"]
        ids = await self._render(harmless(system), turns, instructions, lesson)
        if self._control(ids) != await self._shape(turns, instructions, bool(system), lesson):
            raise InvalidRequest(
                "A message contains text that this model would read as control tokens.",
                param="messages",
            )
        if len(ids) >= window:
            raise PromptTooLong(len(ids), window)
        return ids

    async def _render(
        self, system: str, turns: Sequence[Message], instructions: str, lesson: Lesson | None
    ) -> list[int]:
        turns, opening = list(turns), [instructions, system]
        asked = max((at for at, m in enumerate(turns) if m.role == "user"), default=-1)
        if lesson and lesson.place == "user" and asked >= 0:
            opening = [system]
            turns[asked] = Message("user", f"{instructions}{turns[asked].content}")
        first = "\n".join(filter(None, opening))
        laid = [*([Message("system", first)] if first else []), *turns]
        if lesson and lesson.template:
            return await self._engine.render(laid, lesson.template)
        return await self._engine.render(laid)

    async def _shape(
        self,
        turns: Sequence[Message],
        instructions: str,
        has_system: bool,
        lesson: Lesson | None,
    ) -> list[int]:
        taught = str(lesson is not None)
        key = (instructions, str(has_system), taught, *(m.role for m in turns))
        if key not in self._shapes:
            plain = [Message(m.role, "x") for m in turns]
            ids = await self._render("x" if has_system else "", plain, instructions, lesson)
            if len(self._shapes) >= MAX_SHAPES:
                self._shapes.pop(next(iter(self._shapes)))
            self._shapes[key] = self._control(ids)
        return self._shapes[key]

    def _control(self, ids: Sequence[int]) -> list[int]:
        return [token for token in ids if token in self._vocabulary.control]
