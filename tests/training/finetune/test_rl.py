"""Learning from one's own answers: rollouts are the serving loop's, results are masked, it ends."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("trl")

import torch

from app.chat.budget import Limits
from search_adapters.protocol import Passage, Query
from tests.fakes.tiny_model import build
from training.composing.exchanges import Found
from training.finetune import markers
from training.finetune.rl import practise, rows
from training.finetune.rollouts import Batched, Stage
from training.finetune.settings import Practice
from training.pretrained import opened
from training.records import Question

pytestmark = pytest.mark.filterwarnings("default")  # the trainer's libraries deprecate their own


class Shelf:
    """A search that has one text."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, query: Query, adapters: tuple[str, ...] = ()) -> Found:
        self.asked.append(query.text)
        return Found((Passage("Ada Brankovic", "", "Ada Brankovic was a chemist.", "shelf"),))


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """A tiny model that has the markers, to which every token is as likely as any other."""
    tokenizer, model = opened(str(build(tmp_path / "plain", tied=False)))
    new = markers.add(tokenizer, model)
    with torch.no_grad():
        model.get_output_embeddings().weight.zero_()
    model.save_pretrained(tmp_path / "marked")
    tokenizer.save_pretrained(tmp_path / "marked")
    assert len(new) == 4
    return tmp_path / "marked"


def questions(split: str, count: int) -> list[Question]:
    return [
        Question(
            id=f"{split}{at}", question="Who is Ada Brankovic?", answers=("a chemist",),
            split=split, source="given",
        )
        for at in range(count)
    ]  # fmt: skip


async def test_rollouts_are_the_loops_and_results_are_masked(marked: Path) -> None:
    tokenizer, model = opened(str(marked))
    shelf = Shelf()
    torch.manual_seed(2)
    engine = Batched(marked, model, tokenizer, None)
    stage = await Stage.set(engine, shelf, Limits(results_tokens=64, answer_reserve=16))
    # Every token is as likely as any other, so that in so many some searches are opened and closed.
    made = await stage.play([("Who is Ada Brankovic?", at % 2 == 0) for at in range(200)], 1.0, 60)
    start = tokenizer.convert_tokens_to_ids("[RESULTS_START]")
    searched = [r for r in made if r.searches]
    assert searched
    assert shelf.asked
    for rollout in made:
        assert len(rollout.completion) == len(rollout.mask)
        assert rollout.mask[0] == 1
    for rollout in searched:
        shown = tokenizer.decode(
            [i for i, own in zip(rollout.completion, rollout.mask, strict=True) if not own]
        )
        assert "Ada Brankovic was a chemist." in shown
        assert start in rollout.completion
    assert all(r.searches == 0 for at, r in enumerate(made) if at % 2)


async def test_a_model_without_the_markers_is_refused(tmp_path: Path) -> None:
    tokenizer, model = opened(str(build(tmp_path / "m")))
    with pytest.raises(ValueError, match="sft"):
        await Stage.set(Batched(tmp_path / "m", model, tokenizer, None), Shelf(), Limits())


def test_some_prompts_may_not_search() -> None:
    made = rows(questions("train", 8), 4)
    assert [len(p) for p in made["prompt"]] == [1, 1, 1, 2] * 2


def test_it_trains_measures_and_writes(marked: Path, tmp_path: Path) -> None:
    @asynccontextmanager
    async def search() -> AsyncIterator[Shelf]:
        yield Shelf()

    plan = Practice(
        str(marked), tmp_path / "out", steps=2, prompts=2, group=2, tokens=12, results_tokens=64,
        rate=1e-3, gguf=False,
    )  # fmt: skip
    done = practise(plan, questions("train", 4), questions("dev", 2), search())
    assert done["steps"] == 2
    for when in ("before", "after"):
        for how in ("search", "no search"):
            parts = [done[when][f"{how}: {k}"] for k in ("right", "refused", "wrong")]
            assert sum(parts) == pytest.approx(1)
    lines = [json.loads(line) for line in (tmp_path / "out/log.jsonl").read_text().splitlines()]
    assert any("reward" in line for line in lines)
    assert opened(done["written"]["model"])[1].num_parameters() > 0
