"""Ask a Hugging Face model questions and keep what was going on inside it.

Of each question: the hidden states and the feed-forward neurons at its last token, before an answer
is begun; the greedy answer with its mean token log-probability; sampled answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Heard:
    """One question as the model took it."""

    states: Array
    """(layers + 1, width): the embedding, then each layer."""
    neurons: Array
    """(layers, inner width): what goes into each layer's down projection; empty without such."""
    logprob: float
    """Mean over the tokens of the greedy answer, its end included."""
    greedy: str
    samples: tuple[str, ...]


def last_token(tokenizer: Any, messages: Sequence[dict[str, str]]) -> tuple[list[int], int]:
    """The prompt in ids, and the place of the question's last token in it."""
    text = tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True)
    question = messages[-1]["content"].strip()
    end = text.rindex(question) + len(question)
    made = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    places = [at for at, (start, _) in enumerate(made["offset_mapping"]) if start < end]
    return made["input_ids"], places[-1]


class Listener:
    """A model with an ear at each layer."""

    def __init__(self, model: Any, tokenizer: Any, *, samples: int, temperature: float) -> None:
        self.model, self.tokenizer = model.eval(), tokenizer
        self.samples, self.temperature = samples, temperature
        self._inner: list[torch.Tensor] = []

    def _hooks(self) -> list[Any]:
        def keep(module: Any, given: tuple[torch.Tensor, ...]) -> None:
            self._inner.append(given[0].detach())

        return [
            module.register_forward_pre_hook(keep)
            for name, module in self.model.named_modules()
            if name.endswith("mlp.down_proj")
        ]

    @torch.no_grad()
    def _inside(self, ids: list[int], at: int) -> tuple[Array, Array]:
        self._inner.clear()
        hooks = self._hooks()
        try:
            out = self.model(
                torch.tensor([ids[: at + 1]], device=self.model.device), output_hidden_states=True
            )
        finally:
            for hook in hooks:
                hook.remove()
        states = torch.stack([layer[0, -1] for layer in out.hidden_states])
        inner = torch.stack([layer[0, -1] for layer in self._inner]) if self._inner else None
        self._inner.clear()
        found = states.float().cpu().numpy()
        return found, inner.float().cpu().numpy() if inner is not None else found[:0]

    @torch.no_grad()
    def _answers(self, ids: list[int], limit: int, sample: bool) -> tuple[list[str], float]:
        prompt = torch.tensor([ids], device=self.model.device)
        how: dict[str, Any] = {"do_sample": False}
        if sample:
            how = {
                "do_sample": True,
                "temperature": self.temperature,
                "top_k": 0,
                "num_return_sequences": self.samples,
            }
        out = self.model.generate(
            prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=limit,
            pad_token_id=self.tokenizer.pad_token_id,
            return_dict_in_generate=True,
            output_logits=not sample,
            **how,
        )
        new = out.sequences[:, len(ids) :]
        said = [text.strip() for text in self.tokenizer.batch_decode(new, skip_special_tokens=True)]
        if sample:
            return said, 0.0
        each = torch.stack(out.logits, 1).float().log_softmax(-1)
        return said, float(each.gather(-1, new[..., None]).mean())

    def hear(
        self,
        questions: Sequence[str],
        system: str,
        limit: int,
        progress: Callable[[], None] = lambda: None,
    ) -> list[Heard]:
        """Every question, one after the other."""
        heard = []
        for question in questions:
            messages = [{"role": "system", "content": system}] if system else []
            messages.append({"role": "user", "content": question})
            ids, at = last_token(self.tokenizer, messages)
            states, neurons = self._inside(ids, at)
            greedy, logprob = self._answers(ids, limit, sample=False)
            samples, _ = self._answers(ids, limit, sample=True)
            heard.append(Heard(states, neurons, logprob, greedy[0], tuple(samples)))
            progress()
        return heard
