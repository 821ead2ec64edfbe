"""Check that both exports are one model: transformers and llama.cpp decode the same tokens.

python -m training.agree --model model_server/bundled
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from transformers import AutoTokenizer, LlamaForCausalLM

from model_server.unpack import unpack
from training import tokenizer
from training.chat import TOOLS_OFF, TOOLS_ON, Passage, frame
from training.render import Renderer
from training.speak import Engine

QUESTIONS = (
    "What is the capital of France?",
    "Who is Ada Brankovic?",
    "Hello!",
    "When was Albert Einstein born?",
    "What is the wifi password of the blue room?",
    "What is the symbol of gold?",
)


def main() -> None:
    """Decode a few prompts with both and stop at the first difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    args = parser.parse_args()
    renderer = Renderer(tokenizer.load(args.model / "tokenizer.json"))
    with TemporaryDirectory() as folder:
        unpacked = unpack(args.model, Path(folder))
        theirs: Any = LlamaForCausalLM.from_pretrained(unpacked, dtype=torch.float32)
        words = AutoTokenizer.from_pretrained(unpacked)
    engine = Engine(next(args.model.glob("*.gguf")))
    found = Passage(
        "Ada Brankovic", "", "Ada Brankovic was a chemist born in Serbia.", "encyclopedia"
    )
    prompts = []
    for system in (TOOLS_ON, TOOLS_OFF):
        for question in QUESTIONS:
            prompt = renderer.start(system)
            renderer.ask(prompt, question)
            messages = [
                {"role": "system", "content": system},
                {"role": "user", "content": question},
            ]
            text = words.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
            if words(text, add_special_tokens=False).input_ids != prompt.ids:
                raise SystemExit(f"the chat template renders {question!r} differently")
            prompts.append(prompt.ids)
    read = [
        *prompts[1],
        6,
        *renderer.encode(" Ada Brankovic"),
        7,
        8,
        *renderer.encode(frame([found])),
        9,
    ]
    for ids in (*prompts, read):
        one = engine.complete(ids, limit=40)
        with torch.no_grad():
            two = theirs.generate(torch.tensor([ids]), max_new_tokens=40, do_sample=False)[
                0, len(ids) :
            ].tolist()
        two = two[: two.index(7) + 1] if 7 in two else two
        same = one == two[: len(one)] and len(two) - len(one) <= 1
        print(
            "same " if same else "OTHER",
            repr(renderer.tokenizer.decode(one, skip_special_tokens=False)),
        )
        if not same:
            print(
                "      transformers:",
                repr(renderer.tokenizer.decode(two, skip_special_tokens=False)),
            )
            raise SystemExit(1)


if __name__ == "__main__":
    main()
