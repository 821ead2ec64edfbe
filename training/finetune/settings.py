"""How a fine-tuning run is set up; kept beside its checkpoints, so that none goes on as another."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from training.finetune.reward import Prices

ServeAs = Literal["merged", "adapter", "both"]


@dataclass(frozen=True, slots=True)
class Tuning:
    """Supervised fine-tuning of one model on one file of conversations."""

    model: str
    """A folder, or a name on the Hugging Face hub."""
    conversations: Path
    out: Path
    lora: bool = False
    rank: int = 16
    """Rank of the adapter; 16 is what vLLM takes without being told (`--max-lora-rank`)."""
    serve_as: ServeAs = "merged"
    epochs: float = 2.0
    rate: float | None = None
    """Step size; None takes 1e-5 for the whole model and 2e-4 for an adapter."""
    batch: int = 8
    accumulate: int = 1
    longest: int = 2048
    warmup: float = 0.03
    seed: int = 1
    checkpoint_steps: int = 200
    gguf: bool = True
    reencode: bool = False
    """Encode the texts anew even where the file's ids could be taken."""

    @property
    def step_size(self) -> float:
        """The step size, given or usual."""
        return self.rate if self.rate is not None else (2e-4 if self.lora else 1e-5)

    def decisive(self) -> dict[str, Any]:
        """What decides the weights, fit for JSON."""
        kept = asdict(self)
        for name in ("out", "serve_as", "gguf", "checkpoint_steps"):
            del kept[name]
        return {**kept, "conversations": str(self.conversations.resolve())}


@dataclass(frozen=True, slots=True)
class Practice:
    """Learning of one model from its own answers to questions."""

    model: str
    """A folder with a model that has the markers, as `orson train sft` writes it."""
    out: Path
    steps: int = 200
    prompts: int = 8
    """Questions in a step."""
    group: int = 8
    """Answers to each question; what is learnt is which of them are better than the others."""
    rate: float = 1e-6
    temperature: float = 1.0
    beta: float = 0.0
    """Weight of staying near the model it began as."""
    tokens: int = 128
    """The model may say in an answer, over all its legs."""
    without_search: int = 4
    """One in so many questions may not be searched for; 0: none."""
    prices: Prices = field(default_factory=Prices)
    results: int = 3
    results_tokens: int = 400
    seed: int = 1
    checkpoint_steps: int = 50
    gguf: bool = True

    def decisive(self) -> dict[str, Any]:
        """What decides the weights, fit for JSON."""
        kept = asdict(self)
        for name in ("out", "gguf", "checkpoint_steps"):
            del kept[name]
        return kept
