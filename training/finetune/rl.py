"""Learning from one's own answers: TRL's GRPO on rollouts of the loop that serves.

Results are masked out of the loss (`env_mask`); what counts is `training.finetune.reward`. Before
and after, questions kept back are answered greedily, so that what it changed can be read.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers.trainer_utils import get_last_checkpoint
from trl import GRPOConfig, GRPOTrainer

from app.chat.budget import Limits
from app.chat.ports import Search
from training import made_with
from training.finetune import saving
from training.finetune.reward import outcome, reward
from training.finetune.rollouts import Batched, Stage
from training.finetune.settings import Practice
from training.finetune.sft import Log, on_this_machine
from training.pretrained import opened
from training.records import Question

OFF = "off"
"""The system message of a prompt that may not search; the loop writes the model's own."""


def rows(questions: Sequence[Question], without: int) -> Dataset:
    """Prompts for the trainer; every `without`-th may not search (0: all may)."""
    made = []
    for at, q in enumerate(questions):
        off = bool(without) and at % without == without - 1
        prompt = [{"role": "system", "content": OFF}] if off else []
        prompt.append({"role": "user", "content": q.question})
        made.append({"prompt": prompt, "answers": list(q.answers)})
    return Dataset.from_list(made)


def asked(prompt: Sequence[dict[str, str]]) -> tuple[str, bool]:
    """The question of a prompt, and whether it may be searched for."""
    return prompt[-1]["content"], prompt[0]["content"] != OFF


def configured(plan: Practice) -> GRPOConfig:
    """The trainer's settings."""
    return GRPOConfig(
        output_dir=str(plan.out / "checkpoints"),
        max_steps=plan.steps,
        learning_rate=plan.rate,
        per_device_train_batch_size=plan.prompts * plan.group,
        num_generations=plan.group,
        max_completion_length=plan.tokens,
        temperature=plan.temperature,
        beta=plan.beta,
        lr_scheduler_type="constant",
        save_strategy="steps",
        save_steps=plan.checkpoint_steps,
        save_total_limit=2,
        logging_steps=1,
        seed=plan.seed,
        report_to=[],
        **on_this_machine(),
    )


def measured(
    runner: asyncio.Runner, stage: Stage, questions: Sequence[Question], tokens: int
) -> dict[str, float]:
    """Greedy answers to questions kept back: with the means to search, and without."""
    found: dict[str, float] = {"questions": len(questions)}
    for name, may in (("search", True), ("no search", False)):
        made = runner.run(stage.play([(q.question, may) for q in questions], 0.0, tokens))
        marks = Counter(outcome(r.text, q.answers) for r, q in zip(made, questions, strict=True))
        for kind in ("right", "refused", "wrong"):
            found[f"{name}: {kind}"] = round(marks[kind] / len(questions), 4)
        if may:
            found["searches per answer"] = round(sum(r.searches for r in made) / len(made), 4)
    return found


def practise(
    plan: Practice,
    questions: Sequence[Question],
    kept: Sequence[Question],
    search: AbstractAsyncContextManager[Search],
) -> dict[str, Any]:
    """Train, or go on from the last checkpoint, and write what can be served; a summary.

    Raises:
        made_with.OtherSettings: the folder holds a run with other settings.
        ValueError: no questions, or a model without the markers.
    """
    if not questions or not kept:
        raise ValueError("there must be questions of the split 'train', and of 'dev' or 'test'")
    plan.out.mkdir(parents=True, exist_ok=True)
    checkpoints, began = plan.out / "checkpoints", time.monotonic()
    made_with.settle(checkpoints, plan.decisive())
    tokenizer, model = opened(plan.model)
    limits = Limits(results_per_query=plan.results, results_tokens=plan.results_tokens,
                    answer_reserve=plan.tokens)  # fmt: skip
    with asyncio.Runner() as runner:
        chain = runner.run(search.__aenter__())
        try:
            engine = Batched(Path(plan.model), model, tokenizer, None)
            stage = runner.run(Stage.set(engine, chain, limits))
            before = measured(runner, stage, kept, plan.tokens)
            print(json.dumps({"before": before}), flush=True)

            def rollout(prompts: Sequence[Any], trainer: Any) -> dict[str, list[Any] | None]:
                engine.weights = trainer.accelerator.unwrap_model(trainer.model)
                engine.weights.eval()
                made = runner.run(
                    stage.play([asked(p) for p in prompts], plan.temperature, plan.tokens)
                )
                engine.weights.train()
                return {
                    "prompt_ids": [r.prompt for r in made],
                    "completion_ids": [r.completion for r in made],
                    "env_mask": [r.mask for r in made],
                    "logprobs": None,  # the trainer computes them
                    "said": [r.text for r in made],
                    "searches": [r.searches for r in made],
                }

            def worth(
                answers: list[list[str]], said: list[str], searches: list[int], **rest: Any
            ) -> list[float]:
                return [
                    reward(text, given, count, plan.prices)
                    for text, given, count in zip(said, answers, searches, strict=True)
                ]

            trainer = GRPOTrainer(
                model=model,
                reward_funcs=worth,
                args=configured(plan),
                train_dataset=rows(questions, plan.without_search),
                processing_class=tokenizer,
                rollout_func=rollout,
                callbacks=[Log(plan.out / "log.jsonl")],
            )
            last = get_last_checkpoint(str(checkpoints)) if checkpoints.exists() else None
            trainer.train(resume_from_checkpoint=last)
            engine.weights = trainer.accelerator.unwrap_model(trainer.model).eval()
            after = measured(runner, stage, kept, plan.tokens)
        finally:
            runner.run(search.__aexit__(None, None, None))
    written = {"model": saving.model(plan.out / "model", engine.weights, tokenizer, plan.model)}
    if plan.gguf:
        written |= saving.gguf(written["model"])
    shutil.rmtree(checkpoints, ignore_errors=True)
    summary = {
        "model": plan.model,
        "questions": len(questions),
        "steps": trainer.state.global_step,
        "before": before,
        "after": after,
        "resumed": last is not None,
        "seconds": round(time.monotonic() - began, 1),
        "written": {name: str(path) for name, path in written.items()},
    }
    (plan.out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", "utf-8")
    return summary
