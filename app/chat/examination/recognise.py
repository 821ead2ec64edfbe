"""Which dialect a served model speaks, told by its tokenizer and its chat template.

A tokenizer shows what its model was trained on by the tokens it was given: a dialect is recognised
when all of its signature are single tokens, and of several the one that says the most. A model that
calls tools is one only if its chat template teaches them; else it is taught our own dialect.
"""

import logging
from collections.abc import Iterable

from app.chat.ports import Engine
from app.chat.request import Message
from app.chat.vocabulary import encoded
from app.dialect.markers import ORSON, Dialect
from app.errors import EngineRefused, OrsonError

logger = logging.getLogger(__name__)

_ASKED = (Message("user", "x"),)


async def recognise(engine: Engine, dialects: Iterable[Dialect]) -> Dialect | None:
    """The dialect that this engine's model was trained on, None where nothing shows one.

    Raises:
        OrsonError: the engine can't be asked.
    """
    shown = [dialect for dialect in dialects if dialect.signature]
    ids = await encoded(
        engine, dict.fromkeys(literal for dialect in shown for literal in dialect.signature)
    )
    spoken = [
        dialect for dialect in shown if all(len(ids[literal]) == 1 for literal in dialect.signature)
    ]
    # Our own comes first: a model that has its markers as tokens was trained on nothing else.
    spoken.sort(key=lambda dialect: (dialect.name == ORSON.name, len(dialect.signature)))
    for dialect in reversed(spoken):
        if await template_teaches(engine, dialect):
            return dialect
        logger.info("The chat template does not teach %s.", dialect.name)
    return None


async def template_teaches(engine: Engine, dialect: Dialect) -> bool:
    """Whether the chat template does something with what the dialect gives it."""
    lesson = dialect.lesson
    if lesson is None or not lesson.template:
        return True
    try:
        return await engine.render(_ASKED, lesson.template) != await engine.render(_ASKED)
    except OrsonError:
        return False


async def spoken(engine: Engine, wanted: str, dialects: Iterable[Dialect]) -> Dialect:
    """The dialect of the engine's model, where the settings name none.

    Args:
        engine: what is served.
        wanted: `auto`, or `tool-call` for one of the forms of tool calls.
        dialects: those to choose from.

    Raises:
        EngineRefused: `tool-call` is wanted and the model shows no form of it.
        OrsonError: the engine can't be asked.
    """
    every = tuple(dialects)
    if wanted != "tool-call":
        return await recognise(engine, every) or ORSON
    calling = [dialect for dialect in every if dialect.structured]
    found = await recognise(engine, calling)
    if found is None:
        forms = ", ".join(dialect.name for dialect in calling)
        raise EngineRefused(
            f"ORSON_DIALECT=tool-call: the tokenizer or the chat template of {engine.model} shows "
            f"no form of tool call that we know. Name one ({forms}), or 'orson'."
        )
    return found
