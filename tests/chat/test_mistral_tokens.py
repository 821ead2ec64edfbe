"""The sequence of an answer, token for token what Mistral's own tokenizer makes of the same talk.

Runs where `mistral_common` is installed, as it is beside vLLM; its wheel brings the vocabularies.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest

from app.dialect.markers import Dialect
from app.dialect.tool_calls import MISTRAL_NEMO
from tests.fakes.engine import ScriptedEngine
from tests.fakes.scene import Scene, ask
from tests.fakes.search import FakeSearch, Find, passage
from tests.fakes.tokenizer import ToyTokenizer

mistral = pytest.importorskip("mistral_common")
from mistral_common.protocol.instruct import messages as said  # noqa: E402
from mistral_common.protocol.instruct.request import ChatCompletionRequest  # noqa: E402
from mistral_common.protocol.instruct.tool_calls import FunctionCall, ToolCall  # noqa: E402
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer  # noqa: E402

VOCABULARIES = Path(mistral.__file__).parent / "data"
CALL = "VvvODy9mT"
QUERY = "Harwick Prize 2031"
FOUND = "[1] Harwick Prize (harwick.example, 2031-05-02): Ana Lindqvist won it."
SPECIAL = ("<s>", "</s>", "[INST]", "[/INST]", "[TOOL_CALLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]")


class RealTokens(ToyTokenizer):
    """Mistral's vocabulary, with control tokens read in text as servers do."""

    def __init__(self, vocabulary: str, dialect: Dialect) -> None:
        super().__init__(dialect=dialect, end="</s>", added=SPECIAL)
        self.own = MistralTokenizer.from_file(str(VOCABULARIES / vocabulary))
        self._real = self.own.instruct_tokenizer.tokenizer
        self.id = {literal: self._real.get_special_token(literal) for literal in SPECIAL}
        self.added = SPECIAL
        self.end = self.id["</s>"]
        self._literal = {id_: literal for literal, id_ in self.id.items()}
        self.said: dict[str, int] = {}
        """What the model says, by its own ids."""

    def encode(self, text: str) -> list[int]:
        ids: list[int] = []
        for part in filter(None, self._split.split(text)):
            if part in self.id:
                ids.append(self.id[part])
            else:
                ids += self._real.encode(part, bos=False, eos=False)
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        return self._real.decode(list(ids))

    def sampled(self, piece: str) -> int:
        return self.id.get(piece) or self.said[piece]


def talk(own: "MistralTokenizer", *, answered: bool) -> list[int]:
    """Mistral's own encoding: the question, and then the call and what it brought."""
    turns: list[object] = [said.UserMessage(content="Who?")]
    if answered:
        call = FunctionCall(name="web_search", arguments=f'{{"query": "{QUERY}"}}')
        turns += [
            said.AssistantMessage(content=None, tool_calls=[ToolCall(id=CALL, function=call)]),
            said.ToolMessage(tool_call_id=CALL, name="web_search", content=FOUND),
        ]
    return own.encode_chat_completion(ChatCompletionRequest(messages=turns)).tokens


async def test_a_search_in_nemos_tokens() -> None:
    dialect = MISTRAL_NEMO
    tokens = RealTokens("tekken_240911.json", dialect)
    prompt, whole = (talk(tokens.own, answered=answered) for answered in (False, True))
    results = whole.index(tokens.id["[TOOL_RESULTS]"])
    call = whole[len(prompt) : results]  # up to the end of the turn, as the model says it
    pieces = [tokens._literal.get(id_) or tokens.decode([id_]) for id_ in call]
    answer = tokens.encode("Ana.")
    words = [tokens.decode([id_]) for id_ in answer]
    tokens.said = dict(zip([*pieces, *words], [*call, *answer], strict=True))

    fake = ScriptedEngine(pieces[:-1], words, dialect=dialect, end="</s>")
    fake.tokenizer = tokens
    outcome = await Scene(fake, FakeSearch(Find((passage(),))), dialect=dialect).play(ask())

    assert outcome.queries == [(QUERY,)]
    leg = outcome.history[1].leg
    assert outcome.text == "Ana."
    assert list(leg.prompt[outcome.usage.prompt :]) == whole[len(prompt) :]
