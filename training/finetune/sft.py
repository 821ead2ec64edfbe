"""Supervised fine-tuning through TRL: whole model or LoRA, resumable, then written to be served."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model_state_dict
from transformers import TrainerCallback
from transformers.trainer_utils import get_last_checkpoint
from trl import SFTConfig, SFTTrainer

from training import made_with
from training.finetune import markers, saving
from training.finetune.examples import Tally, examples
from training.finetune.settings import Tuning
from training.pretrained import opened


class Log(TrainerCallback):  # type: ignore[misc]
    """Appends what the trainer reports to a file, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **rest: Any) -> None:
        """Write one report."""
        with self.path.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"step": state.global_step, "of": state.max_steps, **logs}) + "\n")


def adapter(plan: Tuning, model: Any, new: list[int]) -> LoraConfig:
    """LoRA on every linear layer, and the rows of the new tokens trained whole."""
    rows: dict[str, list[int]] | None = None
    if new:
        names = {module: name.rsplit(".", 1)[-1] for name, module in model.named_modules()}
        layers = [model.get_input_embeddings()]
        if len(markers.tables(model)) > 1:
            layers.append(model.get_output_embeddings())
        rows = {names[layer]: new for layer in layers}
    return LoraConfig(
        r=plan.rank,
        lora_alpha=2 * plan.rank,
        target_modules="all-linear",
        trainable_token_indices=rows,
        task_type="CAUSAL_LM",
    )


def dataset(plan: Tuning, tokenizer: Any, split: str, again: bool) -> tuple[Dataset, Tally]:
    """One split of the conversations, ready for the trainer."""
    tally = Tally()
    found = examples(plan.conversations, tokenizer, plan.longest, tally, split=split, again=again)
    rows = [{"input_ids": e.input_ids, "labels": e.labels} for e in found]
    return Dataset.from_list(rows), tally


def on_this_machine() -> dict[str, Any]:
    """The trainer's settings that follow from whether there is a GPU."""
    gpu = torch.cuda.is_available()
    return {
        "use_cpu": not gpu,
        "bf16": gpu and torch.cuda.is_bf16_supported(),
        "gradient_checkpointing": gpu,
        "dataloader_pin_memory": gpu,
    }


def configured(plan: Tuning, has_dev: bool) -> SFTConfig:
    """The trainer's settings. Examples come tokenised, so that it prepares nothing."""
    return SFTConfig(
        output_dir=str(plan.out / "checkpoints"),
        num_train_epochs=plan.epochs,
        learning_rate=plan.step_size,
        per_device_train_batch_size=plan.batch,
        per_device_eval_batch_size=plan.batch,
        gradient_accumulation_steps=plan.accumulate,
        lr_scheduler_type="cosine",
        warmup_steps=plan.warmup,
        max_length=None,
        dataset_kwargs={"skip_prepare_dataset": True},
        eval_strategy="epoch" if has_dev else "no",
        save_strategy="steps",
        save_steps=plan.checkpoint_steps,
        save_total_limit=2,
        logging_steps=10,
        seed=plan.seed,
        report_to=[],
        **on_this_machine(),
    )


def finetune(plan: Tuning) -> dict[str, Any]:
    """Train, or go on from the last checkpoint, and write what can be served; a summary.

    Raises:
        made_with.OtherSettings: the folder holds a run with other settings.
        ValueError: no conversation can be used.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    checkpoints = plan.out / "checkpoints"
    made_with.settle(checkpoints, plan.decisive())
    began = time.monotonic()
    tokenizer, model = opened(plan.model)
    new = markers.add(tokenizer, model)
    again = plan.reencode or bool(new)
    train, tally = dataset(plan, tokenizer, "train", again)
    dev, _ = dataset(plan, tokenizer, "dev", again)
    if not tally.used:
        raise ValueError(
            f"{plan.conversations}: no conversation of the split 'train' with at most "
            f"{plan.longest} tokens ({tally.too_long} are longer)"
        )
    print(
        f"{tally.used:,} conversations, {tally.tokens:,} tokens, {tally.learnt:,} of them learnt; "
        f"{tally.too_long:,} left out as too long; {len(new)} new tokens",
        flush=True,
    )
    trainer = SFTTrainer(
        model=model,
        args=configured(plan, len(dev) > 0),
        train_dataset=train,
        eval_dataset=dev if len(dev) else None,
        processing_class=tokenizer,
        peft_config=adapter(plan, model, new) if plan.lora else None,
        callbacks=[Log(plan.out / "log.jsonl")],
    )
    head = trainer.model.get_output_embeddings()
    if not hasattr(head, "bias"):  # PEFT's wrapper of trained rows shows its weight only, while
        head.bias = None  # the trainer's fused loss reads both (TRL 1.16, PEFT 0.21)
    last = get_last_checkpoint(str(checkpoints)) if checkpoints.exists() else None
    result = trainer.train(resume_from_checkpoint=last)
    written = save(plan, trainer, tokenizer, new)
    shutil.rmtree(checkpoints, ignore_errors=True)
    summary = {
        "model": plan.model,
        "conversations": tally.used,
        "left_out": tally.too_long,
        "tokens": tally.tokens,
        "new_tokens": new,
        "steps": trainer.state.global_step,
        "loss": round(result.training_loss, 4),
        "resumed": last is not None,
        "seconds": round(time.monotonic() - began, 1),
        "written": {name: str(path) for name, path in written.items()},
    }
    (plan.out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", "utf-8")
    return summary


def save(plan: Tuning, trainer: Any, tokenizer: Any, new: list[int]) -> dict[str, Path]:
    """Write the trained model in the forms asked for; where each is."""
    written: dict[str, Path] = {}
    model = trainer.accelerator.unwrap_model(trainer.model)
    if plan.lora:
        state = get_peft_model_state_dict(model) if plan.serve_as != "merged" else {}
        config = model.peft_config["default"]
        model = model.merge_and_unload()
        if state:
            rows = [table[new].detach().clone() for table in markers.tables(model)]
            fresh_tokenizer, fresh = opened(plan.model)
            markers.add(fresh_tokenizer, fresh)
            written["base"] = saving.base(
                plan.out / "base", fresh, tokenizer, new, rows, plan.model
            )
            written["adapter"] = saving.adapter(
                plan.out / "adapter", state, config, written["base"]
            )
    if not plan.lora or plan.serve_as != "adapter":
        written["model"] = saving.model(plan.out / "model", model, tokenizer, plan.model)
        if plan.gguf:
            written |= saving.gguf(written["model"])
    return written
