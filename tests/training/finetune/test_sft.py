"""Fine-tuning end to end on a tiny model: what is learnt, what is written, and going on."""

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("trl")
pytest.importorskip("peft")

import msgspec
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from app.dialect.markers import ORSON
from tests.fakes.tiny_model import FOUND, SIZE, build, conversation
from training.finetune import markers
from training.finetune.examples import IGNORED, Tally, encode, examples, given
from training.finetune.settings import ServeAs, Tuning
from training.finetune.sft import finetune
from training.made_with import OtherSettings
from training.pretrained import opened
from training.records import Piece

pytestmark = pytest.mark.filterwarnings("default")  # the trainer's libraries deprecate their own


@pytest.mark.parametrize("tied", [True, False])
def test_markers_become_single_tokens_that_begin_as_their_texts_mean(
    tmp_path: Path, tied: bool
) -> None:
    tokenizer, model = opened(str(build(tmp_path / "m", tied=tied)))
    spelt = markers.missing(tokenizer)
    assert set(spelt) == set(ORSON.markers)
    before = [table.detach().clone() for table in markers.tables(model)]
    assert len(before) == (1 if tied else 2)
    new = markers.add(tokenizer, model)
    assert len(new) == 4
    assert [tokenizer.encode(m, add_special_tokens=False) for m in ORSON.markers] == [
        [i] for i in new
    ]
    for table, old in zip(markers.tables(model), before, strict=True):
        for token, ids in zip(new, spelt.values(), strict=True):
            assert torch.allclose(table[token], old[ids].mean(0))
    assert markers.add(tokenizer, model) == []


def test_loss_falls_on_the_models_words_and_on_nothing_else(base: Path) -> None:
    tokenizer, model = opened(str(base))
    markers.add(tokenizer, model)
    example = encode(conversation(0), tokenizer)
    learnt = [i for i in example.labels if i != IGNORED]
    assert tokenizer.decode(learnt) == (
        "[SEARCH_START] Ada Brankovic[SEARCH_END] Ada Brankovic was a chemist [1].<|end|>"
    )
    assert tokenizer.decode(list(example.input_ids)).count(FOUND) == 1
    start = tokenizer.convert_tokens_to_ids(ORSON.search_start)
    assert example.input_ids.count(start) == example.labels.count(start) == 1


def test_ids_are_taken_as_given_when_they_are_this_tokenizers(base: Path) -> None:
    tokenizer, model = opened(str(base))
    markers.add(tokenizer, model)
    own = encode(conversation(0), tokenizer)
    mask = tuple(int(label != IGNORED) for label in own.labels)
    talk = msgspec.structs.replace(conversation(0), ids=tuple(own.input_ids), mask=mask)
    assert given(talk, tokenizer) == own
    others = msgspec.structs.replace(talk, ids=tuple(i ^ 1 for i in own.input_ids))
    assert given(others, tokenizer) is None


@pytest.mark.parametrize("ending", ["", "<|im_end|>"])
def test_a_file_of_another_tokenizer_gets_this_ones_template_and_end(
    base: Path, ending: str
) -> None:
    tokenizer, model = opened(str(base))
    markers.add(tokenizer, model)
    own = conversation(0)
    last = Piece("model", own.segments[-1].text.removesuffix("<|end|>") + ending)
    prompt = Piece("prompt", "<|im_start|>user\nWho is Ada Brankovic?<|im_end|>\n")
    talk = msgspec.structs.replace(own, segments=(prompt, *own.segments[1:-1], last))
    assert encode(talk, tokenizer) == encode(own, tokenizer)


def test_what_is_too_long_is_left_out_whole(base: Path, conversations: Path) -> None:
    tokenizer, _ = opened(str(base))
    tally = Tally()
    assert list(examples(conversations, tokenizer, 20, tally)) == []
    assert (tally.used, tally.too_long) == (0, 16)


@pytest.mark.parametrize("lora", [True, False])
def test_a_model_of_16_bits_is_trained_in_32_where_there_is_no_gpu_and_written_in_16(
    base: Path, conversations: Path, tmp_path: Path, lora: bool
) -> None:
    half = tmp_path / "half"
    tokenizer, model = opened(str(base))
    model.to(torch.bfloat16).save_pretrained(half)
    tokenizer.save_pretrained(half)
    if not torch.cuda.is_available():
        assert opened(str(half))[1].dtype == torch.float32
    serve_as: ServeAs = "both" if lora else "merged"
    plan = Tuning(
        str(half),
        conversations,
        tmp_path / "run",
        lora=lora,
        serve_as=serve_as,
        epochs=1,
        gguf=False,
    )
    written = finetune(plan)["written"]
    for name in ("model", "base") if lora else ("model",):
        assert json.loads((Path(written[name]) / "config.json").read_text())["dtype"] == "bfloat16"
        for tensor in load_file(Path(written[name]) / "model.safetensors").values():
            assert tensor.dtype == torch.bfloat16


def test_a_whole_model_learns_and_is_written(base: Path, conversations: Path) -> None:
    out = base.parent / "run"
    plan = Tuning(str(base), conversations, out, epochs=12, rate=8e-3, batch=4)
    done = finetune(plan)
    assert done["steps"] == 48
    assert done["new_tokens"] == list(range(SIZE, SIZE + 4))
    model = AutoModelForCausalLM.from_pretrained(out / "model")
    tokenizer = AutoTokenizer.from_pretrained(out / "model")
    prompt = encode(conversation(0), tokenizer)
    ids = [i for i, label in zip(prompt.input_ids, prompt.labels, strict=True) if label == IGNORED]
    opening = ids[: ids.index(tokenizer.convert_tokens_to_ids(ORSON.results_start))]
    said = model.generate(torch.tensor([opening]), max_new_tokens=1, do_sample=False)[0, -1]
    assert int(said) == tokenizer.convert_tokens_to_ids(ORSON.search_start)
    log = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    losses = [row["loss"] for row in log if "loss" in row]
    assert losses[-1] < losses[0] / 3
    assert any("eval_loss" in row for row in log)


def test_an_adapter_is_plain_and_its_base_holds_the_new_rows(
    base: Path, conversations: Path
) -> None:
    from peft import PeftModel
    from safetensors.torch import load_file

    out = base.parent / "run"
    plan = Tuning(
        str(base), conversations, out, lora=True, serve_as="both", epochs=3, rate=1e-2, gguf=False
    )
    finetune(plan)
    names = load_file(out / "adapter" / "adapter_model.safetensors")
    assert names
    assert all(".lora_" in name and "embed" not in name for name in names)
    config = json.loads((out / "adapter" / "adapter_config.json").read_text())
    assert config["trainable_token_indices"] is None
    assert config["r"] == 16
    merged = AutoModelForCausalLM.from_pretrained(out / "model")
    stacked = PeftModel.from_pretrained(
        AutoModelForCausalLM.from_pretrained(out / "base"), out / "adapter"
    )
    ids = torch.tensor([[3, 40, SIZE, 60, SIZE + 1, 5]])
    assert torch.allclose(merged(ids).logits, stacked(ids).logits, atol=1e-4)
    fresh = AutoModelForCausalLM.from_pretrained(base)
    old = fresh.get_input_embeddings().weight
    new = merged.get_input_embeddings().weight
    assert torch.equal(new[:SIZE], old)


def test_a_killed_run_goes_on_and_other_settings_are_refused(
    base: Path, conversations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.finetune import sft

    out = base.parent / "run"
    plan = Tuning(str(base), conversations, out, epochs=4, batch=4, checkpoint_steps=5, gguf=False)

    def killed(*args: object) -> dict[str, Path]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sft, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            finetune(plan)
    assert (out / "checkpoints" / "checkpoint-15").exists()
    with pytest.raises(OtherSettings):
        finetune(Tuning(str(base), conversations, out, epochs=9, batch=4, gguf=False))
    done = finetune(plan)
    assert done["resumed"]
    assert done["steps"] == 16
