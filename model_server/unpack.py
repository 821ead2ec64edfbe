"""A folder whose weights are one GGUF file, as the folder that vLLM and transformers read.

    python -m model_server.unpack model_server/bundled var/bundled

The bundled model is kept once, at four bits a weight. vLLM on a CPU reads no GGUF, so its copy is
made on the spot: every weight has the value that llama.cpp computes with. Needs `gguf`, `numpy` and
`safetensors`, of which vLLM brings the last two.
"""

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

WEIGHTS = "model.safetensors"
NAMES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
"""What llama.cpp calls a part of a layer, and what transformers does."""


def packed(folder: Path) -> Path | None:
    """The GGUF file of a folder that has no other weights."""
    if not folder.is_dir() or any(folder.glob("*.safetensors")):
        return None
    return next(iter(sorted(folder.glob("*.gguf"))), None)


def unpack(folder: Path, out: Path) -> Path:
    """Write `out` and return it; nothing is done where it is newer than the weights.

    A folder that has other weights than the GGUF file is copied without it.

    Raises:
        ValueError: the folder has no weights, or its model is no Llama.
        ImportError: `gguf` is not installed.
    """
    source, others = packed(folder), sorted(folder.glob("*.safetensors"))
    if source is None and not others:
        raise ValueError(f"{folder} has neither a GGUF file nor safetensors")
    given = [source] if source else others
    done, newest = out / WEIGHTS, max(file.stat().st_mtime for file in given)
    if done.exists() and done.stat().st_mtime >= newest:
        return out
    out.mkdir(parents=True, exist_ok=True)
    for file in (*folder.glob("*.json"), *others):
        shutil.copyfile(file, out / file.name)
    if source is not None:
        from safetensors.numpy import save_file

        half_written = out / f"{WEIGHTS}.part"
        save_file(weights(source), half_written, metadata={"format": "pt"})
        half_written.replace(done)
    return out


def weights(source: Path) -> dict[str, Any]:
    """Single-precision arrays under the names that transformers gives a Llama.

    Raises:
        ValueError: the file's model is no Llama.
        ImportError: `gguf` is not installed.
    """
    import numpy as np
    from gguf import GGUFReader, dequantize

    reader = GGUFReader(str(source))
    said = {name: field.contents() for name, field in reader.fields.items()}
    if said["general.architecture"] != "llama":
        raise ValueError(f"{source.name} is no Llama but {said['general.architecture']}")
    heads = {
        "attn_q": said["llama.attention.head_count"],
        "attn_k": said["llama.attention.head_count_kv"],
    }
    found: dict[str, Any] = {}
    for tensor in reader.tensors:
        array = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        array = array.reshape([int(size) for size in tensor.shape[::-1]])
        match tensor.name.split("."):
            case ["token_embd", _]:
                name = "model.embed_tokens"
            case ["output_norm", _]:
                name = "model.norm"
            case ["blk", layer, part, _]:
                name = f"model.layers.{layer}.{NAMES[part]}"
                if part in heads:
                    array = _half_split(array, heads[part])
            case _:
                raise ValueError(f"{source.name} has a tensor {tensor.name}, unknown in a Llama")
        found[f"{name}.weight"] = np.ascontiguousarray(array)
    return found


def _half_split(matrix: Any, heads: int) -> Any:
    """Rows of a query or key matrix in the order that transformers rotates them in."""
    rows, columns = matrix.shape
    pairs = matrix.reshape(heads, rows // heads // 2, 2, columns)
    return pairs.swapaxes(1, 2).reshape(rows, columns)


def main() -> int:
    """Read the options and unpack."""
    assert __doc__
    parser = argparse.ArgumentParser(
        prog="python -m model_server.unpack",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    try:
        print(unpack(given.folder, given.out))
    except (ImportError, ValueError) as error:
        print(f"model server: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
