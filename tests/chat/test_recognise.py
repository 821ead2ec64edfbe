"""Which dialect a model speaks, told by its tokens and its template; and what is wrong with it."""

from collections.abc import Mapping, Sequence

import pytest

from app.chat.examination.inspection import inspect
from app.chat.examination.recognise import spoken
from app.chat.request import Message
from app.chat.vocabulary import learn
from app.dialect import registry
from app.dialect.harmony import HARMONY
from app.dialect.markers import ORSON, Dialect
from app.dialect.tags import RE_SEARCH, SEARCH_O1, SEARCH_R1
from app.dialect.tool_calls import HERMES, LLAMA3, MISTRAL, MISTRAL_V3, QWEN
from app.errors import EngineRefused, InvalidRequest
from tests.fakes.engine import ScriptedEngine
from tests.fakes.tokenizer import END

EVERY = registry.every()


class Templated(ScriptedEngine):
    """A template that tells the model of tools, and may refuse shapes of conversations."""

    def __init__(self, *tokens: str, tools: bool = True, refuses: str = "", **options) -> None:
        super().__init__(single=False, added=tokens, **options)
        self._tools, self._refuses = tools, refuses

    async def render(
        self, messages: Sequence[Message], template: Mapping[str, object] | None = None
    ) -> list[int]:
        if any(message.role == self._refuses for message in messages):
            raise InvalidRequest(f"no role {self._refuses}")
        told = self.tokenizer.encode(str(template)) if template and self._tools else []
        return [*told, *await super().render(messages, template)]


CHATML = ("<|im_start|>", "<|im_end|>", "<|endoftext|>")
TOKENS = {
    "bundled": (ORSON.signature, ORSON),
    "qwen 2.5": ((*QWEN.signature, "<tool_response>"), QWEN),
    "hermes 3": ((*HERMES.signature, "<|begin_of_text|>", "<|eot_id|>"), HERMES),
    "hermes on a llama": ((*HERMES.signature, *LLAMA3.signature), HERMES),
    "llama 3.1": ((*LLAMA3.signature, "<|eot_id|>"), LLAMA3),
    "mistral small": ((*MISTRAL.signature, "[ARGS]", "</s>"), MISTRAL),
    "mistral v0.3": ((*MISTRAL_V3.signature, "</s>"), MISTRAL_V3),
    "gpt-oss": ((*HARMONY.signature, "<|end|>", "<|constrain|>"), HARMONY),
    "a qwen that was trained on our markers": ((*QWEN.signature, *ORSON.signature), ORSON),
    "search-o1's markers added": ((*CHATML, *SEARCH_O1.signature), SEARCH_O1),
    "nothing known": (("<bos>", "<start_of_turn>"), ORSON),
    "chatml without tools": (CHATML, ORSON),
}


@pytest.mark.parametrize("name", TOKENS)
async def test_told_by_its_tokens(name: str) -> None:
    tokens, dialect = TOKENS[name]
    assert await spoken(Templated(*tokens), "auto", EVERY) is dialect


@pytest.mark.parametrize("dialect", [QWEN, LLAMA3, MISTRAL, HARMONY], ids=lambda d: d.name)
async def test_a_template_without_tools(dialect: Dialect) -> None:
    """The tokens are there, and nobody tells the model of a tool: it is taught our dialect."""
    fake = Templated(*dialect.signature, tools=False)
    assert await spoken(fake, "auto", EVERY) is ORSON
    with pytest.raises(EngineRefused, match="shows no form of tool call that we know"):
        await spoken(fake, "tool-call", EVERY)


async def test_tool_calls_are_wanted() -> None:
    fake = Templated(*QWEN.signature, *ORSON.signature)
    assert await spoken(fake, "tool-call", EVERY) is QWEN


async def test_tags_are_no_tokens() -> None:
    """Such models are named by their settings."""
    for dialect in (SEARCH_R1, RE_SEARCH):
        assert not dialect.signature


async def look(fake: ScriptedEngine, dialect: Dialect, *enders: str):
    vocabulary = await learn(fake, dialect, fake.tokenizer.added)
    return await inspect(fake, vocabulary, enders)


async def test_all_is_well() -> None:
    found = await look(Templated(*QWEN.signature), QWEN, "<|im_end|>")
    assert found.faults == ()
    assert found.template.teaches is True
    assert found.template.ends == (END,)
    single = {one.literal: one.single for one in found.markers}
    assert single == {"<tool_call>": True, "</tool_call>": True, "<tool_response>": False,
                      "</tool_response>": False, "<think>": True, "</think>": False}  # fmt: skip


async def test_a_template_that_refuses() -> None:
    found = await look(Templated(refuses="system"), ORSON)
    assert found.faults == ("The template can't lay out a system message: no role system",)


async def test_a_template_that_says_nothing_of_tools() -> None:
    found = await look(Templated(tools=False), QWEN)
    assert found.faults == ("The template says nothing of tools.",)


async def test_a_template_that_opens_the_thought() -> None:
    assert (await look(Templated(opens="<think>"), ORSON)).template.opens_reasoning
    assert not (await look(Templated(), ORSON)).template.opens_reasoning


async def test_a_marker_that_ends_the_turn() -> None:
    """Where the dialect means it so, it is well; elsewhere the model would be cut for good."""
    found = await look(Templated("</s>"), MISTRAL, "</s>", "<|unheard|>")
    assert {one.literal: one.note for one in found.markers}["</s>"] == "ends the turn, as it should"
    assert not found.faults
    colliding = Dialect("end", "<find>", END, "<found>", "</found>")
    found = await look(Templated(), colliding)
    assert found.faults == (f"{END} ends the turn: a model that says it is stopped for good",)


async def test_markers_that_the_tokenizer_can_t_tell_apart() -> None:
    class Unknowing(Templated):
        async def encode(self, text: str) -> list[int]:
            return [0] if text in ORSON.markers else await super().encode(text)

    found = await look(Unknowing(), ORSON)
    assert "[SEARCH_END] has the same tokens as [SEARCH_START]: this tokenizer knows neither" in (
        found.faults
    )
