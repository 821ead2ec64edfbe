"""`python -m benchmarks.long_model FOLDER`: the bundled model, with positions for 16,384 tokens.

What it says at such lengths means little; what reading them costs, and where the cache begins to
matter, is what a benchmark needs of it.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

BUNDLED = Path(__file__).parent.parent / "build" / "bundled"
"""As `.ci/with-vllm` unpacks it."""
TOKENS, TRAINED = 16384, 1024


def write(folder: Path) -> None:
    """Copy weights and tokenizer; stretch the rest."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("model.safetensors", "tokenizer.json", "generation_config.json"):
        shutil.copy(BUNDLED / name, folder / name)
    scaling = {
        "rope_type": "yarn",
        "factor": TOKENS / TRAINED,
        "original_max_position_embeddings": TRAINED,
    }
    _edit(folder, "config.json", max_position_embeddings=TOKENS, rope_scaling=scaling)
    _edit(folder, "tokenizer_config.json", model_max_length=TOKENS)


def _edit(folder: Path, name: str, **changed: Any) -> None:
    said = json.loads((BUNDLED / name).read_text())
    (folder / name).write_text(json.dumps({**said, **changed}, indent=2))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
