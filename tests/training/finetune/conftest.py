"""A tiny base model and a file of conversations, for the tests of fine-tuning."""

from pathlib import Path

import pytest

from tests.fakes.tiny_model import build, conversation
from training import jsonl


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return build(tmp_path / "base")


@pytest.fixture
def conversations(tmp_path: Path) -> Path:
    path = tmp_path / "conversations.jsonl"
    made = [conversation(at, "dev" if at % 5 == 4 else "train") for at in range(20)]
    jsonl.write(path, made)
    return path
