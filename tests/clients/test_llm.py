"""A stock chat client that knows nothing of Orson holds a conversation with searches through it.

`llm` (https://llm.datasette.io) is told a base URL and a model, as for any server that speaks
OpenAI.
"""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.stage import Engine, Gateway
from tests.clients.conftest import HERE

INSTALLED = HERE.parents[1] / "build" / "clients" / "bin"
MODELS = """\
- model_id: orson
  model_name: scripted
  api_base: {url}/v1
"""


@pytest.fixture
def llm(
    program: Callable[..., str], served: Gateway, tmp_path: Path
) -> Callable[..., tuple[str, str]]:
    path = program("llm", INSTALLED)
    (tmp_path / "extra-openai-models.yaml").write_text(MODELS.format(url=served.url))

    def run(*arguments: str, said: str = "") -> tuple[str, str]:
        """What it prints, and what it complains of."""
        done = subprocess.run(
            [path, *arguments],
            input=said,
            env={**os.environ, "LLM_USER_PATH": str(tmp_path), "OPENAI_API_KEY": "none"},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip(), done.stderr.strip()

    return run


def test_a_conversation_with_searches(
    llm: Callable[..., tuple[str, str]], served: Gateway, clients_engine: Engine
) -> None:
    served.search.history.clear()
    first, _ = llm("-m", "orson", "Who is Orson Kovats?")
    assert first == "Let me look. He wrote “Ähren” [1]. Yes."
    second, _ = llm("--continue", "When was he born?")
    assert second == "In 1911 [1]."
    assert [query.text for query in served.search.history] == ["Orson Kovats", "his birthday"]
    prompt = clients_engine.text(clients_engine.legs[-1].prompt)
    assert prompt.index("Who is Orson Kovats?") < prompt.index(first) < prompt.index("When was he")


def test_a_chat_at_the_terminal(llm: Callable[..., tuple[str, str]], served: Gateway) -> None:
    served.search.history.clear()
    shown, _ = llm("chat", "-m", "orson", said="The capital?\nWhen was he born?\nexit\n")
    assert "Paris is the capital." in shown
    assert "In 1911 [1]." in shown
    assert [query.text for query in served.search.history] == ["his birthday"]
