"""A tiny Llama whose vocabulary has never heard of the markers, and a conversation for it."""

from pathlib import Path

from training.records import Conversation, Piece, Turn

TEMPLATE = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
SIZE = 296
"""Tokens of the vocabulary."""
CONTROL = ["<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]


def build(folder: Path, *, tied: bool = True, kind: str = "llama") -> Path:
    """A random model of a few thousand weights in Hugging Face's layout."""
    import torch
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import (
        LlamaConfig,
        LlamaForCausalLM,
        PreTrainedTokenizerFast,
        Qwen2Config,
        Qwen2ForCausalLM,
        Qwen3Config,
        Qwen3ForCausalLM,
    )

    from training.tokenizer import SPLIT

    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    words.decoder = decoders.ByteLevel()
    words.train_from_iterator(
        ["Who is Ada Brankovic? Ada Brankovic was a chemist. No results."] * 20,
        trainers.BpeTrainer(
            vocab_size=SIZE,
            special_tokens=[AddedToken(c, special=True, normalized=False) for c in CONTROL],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, eos_token="<|end|>", pad_token="<|pad|>"
    )
    tokenizer.chat_template = TEMPLATE
    torch.manual_seed(1)
    configs, classes = (
        {"llama": LlamaConfig, "qwen2": Qwen2Config, "qwen3": Qwen3Config},
        {"llama": LlamaForCausalLM, "qwen2": Qwen2ForCausalLM, "qwen3": Qwen3ForCausalLM},
    )
    model = classes[kind](
        configs[kind](
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=8,
            max_position_embeddings=256,
            tie_word_embeddings=tied,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


PROMPT = "<|system|>Tools: search.<|end|><|user|>Who is Ada Brankovic?<|end|><|assistant|>"
FOUND = "[RESULTS_START]\n[1] Ada Brankovic: Ada Brankovic was a chemist.\n[RESULTS_END]"


def conversation(at: int, split: str = "train") -> Conversation:
    return Conversation(
        id=f"c{at}",
        kind="found",
        split=split,
        messages=(Turn("system", "Tools: search."), Turn("user", "Who is Ada Brankovic?")),
        segments=(
            Piece("prompt", PROMPT),
            Piece("model", "[SEARCH_START] Ada Brankovic[SEARCH_END]"),
            Piece("search", FOUND),
            Piece("model", " Ada Brankovic was a chemist [1].<|end|>"),
        ),
    )
