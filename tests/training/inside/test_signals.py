"""What the signals are worth, on facts they were not fitted to; hearing a real model."""

from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("transformers")

import numpy as np
from transformers import AutoModelForCausalLM, AutoTokenizer

from tests.fakes.tiny_model import build
from training.inside.listening import Listener, last_token
from training.inside.report import judged, save
from training.inside.signals import auroc, measure
from training.records import Question

pytestmark = pytest.mark.filterwarnings("default")  # transformers deprecates its own


def test_auroc_is_the_chance_that_a_bad_one_scores_higher() -> None:
    bad = np.array([True, True, False, False])
    assert auroc(np.array([4.0, 3, 2, 1]), bad) == 1
    assert auroc(np.array([1.0, 2, 3, 4]), bad) == 0
    assert auroc(np.array([4.0, 1, 3, 2]), bad) == 0.5
    assert auroc(np.array([1.0, 1, 1, 1]), bad) == 0.5
    assert list(auroc(np.array([[4.0, 1], [3, 2], [2, 3], [1, 4]]), bad)) == [1, 0]


def test_what_is_in_the_states_is_found_and_noise_is_not() -> None:
    rng = np.random.default_rng(3)
    bad = np.arange(200) % 2 == 0
    states = rng.normal(size=(200, 3, 8))
    states[:, 2, 5] += 3 * bad
    inner = rng.normal(size=(200, 2, 16))
    inner[:, 1, 7] -= 3 * bad
    groups = [str(at // 2) for at in range(200)]
    found = measure(states, inner, rng.normal(size=200), rng.normal(size=200), bad, groups)
    assert found.layers[2] > 0.95
    assert abs(found.layers[0] - 0.5) < 0.15
    assert found.best == "1.7"
    assert (found.neuron or 0) > 0.95
    assert abs((found.logprob or 0) - 0.5) < 0.15


def test_a_subject_seen_in_fitting_tells_nothing_about_itself() -> None:
    # Each subject has a state of its own and a verdict of its own: a probe that may see a
    # subject's other questions would be right every time; one that may not is guessing.
    rng = np.random.default_rng(5)
    subjects = rng.normal(size=(60, 1, 64))
    verdicts = np.arange(60) % 2 == 0
    states, bad = np.repeat(subjects, 4, axis=0), np.repeat(verdicts, 4)
    groups = [str(at // 4) for at in range(240)]
    none = np.zeros((240, 0, 0))
    found = measure(states, none, np.zeros(240), np.zeros(240), bad, groups)
    assert found.layers[0] < 0.75
    assert found.neuron is None


def test_too_few_of_a_kind_give_no_figure() -> None:
    bad = np.arange(50) < 4
    zero = np.zeros((50, 1, 1))
    found = measure(zero, zero, np.zeros(50), np.zeros(50), bad, [str(at) for at in range(50)])
    assert (found.bad, found.layers, found.logprob) == (4, (), None)


def test_a_model_is_heard_at_the_last_token_of_the_question(tmp_path: Path) -> None:
    folder = build(tmp_path / "m")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    question = "Who is Ada Brankovic?"
    messages = [{"role": "system", "content": "No."}, {"role": "user", "content": question}]
    ids, at = last_token(tokenizer, messages)
    assert tokenizer.decode(ids[: at + 1]).endswith(question)
    assert tokenizer.decode(ids[at + 1 :]) == "<|end|><|assistant|>"
    model = AutoModelForCausalLM.from_pretrained(folder)
    ear = Listener(model, tokenizer, samples=3, temperature=1.0)
    heard = ear.hear([question, "Was Ada Brankovic a chemist?"], "No.", 8)
    assert [h.states.shape for h in heard] == [(3, 32)] * 2
    assert [h.neurons.shape for h in heard] == [(2, 48)] * 2
    assert all(len(h.samples) == 3 and h.logprob < 0 for h in heard)
    asked = [
        Question(id=str(n), question=question, answers=("a chemist",), split="test", source="given")
        for n in range(2)
    ]
    found = judged(asked, heard)
    assert found["right"] + found["wrong"] + found["refused"] == 2
    assert save({"models": {"m": found}}, tmp_path / "out").exists()
