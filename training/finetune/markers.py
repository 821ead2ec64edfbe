"""Give a model the markers of the dialect as single tokens that it can begin to learn from.

A marker of several tokens can be stopped at only by its text; one of a single token is stopped at
by its id, the moment it is sampled. A new token begins as the mean of the tokens its text had been
until then, which is already close to where the model would put it (Hewitt, 2021, "Initializing New
Word Embeddings for Pretrained Language Models").
"""

from __future__ import annotations

from typing import Any

import torch
from tokenizers import AddedToken

from app.dialect.markers import ORSON, Dialect


def missing(tokenizer: Any, dialect: Dialect = ORSON) -> dict[str, list[int]]:
    """The markers that are not single tokens yet, with the ids of their text."""
    spelt = {m: tokenizer.encode(m, add_special_tokens=False) for m in dialect.markers}
    return {marker: ids for marker, ids in spelt.items() if len(ids) != 1}


def add(tokenizer: Any, model: Any, dialect: Dialect = ORSON) -> list[int]:
    """Add the markers that are missing, in place; the ids of the new tokens.

    Args:
        tokenizer: a Hugging Face tokenizer.
        model: the causal model it belongs to. Its embeddings grow only when they have no spare
            rows, as many have.
        dialect: whose markers.
    """
    spelt = missing(tokenizer, dialect)
    tokenizer.add_tokens([AddedToken(m, special=True, normalized=False) for m in spelt])
    new = [int(tokenizer.convert_tokens_to_ids(m)) for m in spelt]
    if len(tokenizer) > model.get_input_embeddings().weight.shape[0]:
        # Exactly as many: a padded row is a token that can be sampled. Engines pad by themselves.
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    for table in tables(model):
        with torch.no_grad():
            for token, ids in zip(new, spelt.values(), strict=True):
                table[token] = table[ids].mean(0)
    return new


def tables(model: Any) -> list[torch.Tensor]:
    """The embedding tables that hold a row for each token: one when input and output share it."""
    first = model.get_input_embeddings().weight
    output = model.get_output_embeddings()
    if output is None or output.weight is first:
        return [first]
    return [first, output.weight]
