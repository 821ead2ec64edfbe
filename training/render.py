"""Conversation -> token ids and loss weights: the one renderer of training, probing and measuring.

Every piece of text is encoded by itself, between special ids, exactly as a server does that
appends to a token sequence; text never turns into a special token.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tokenizers import Tokenizer

from training import chat
from training.chat import Conversation, Said, Searched


@dataclass(slots=True)
class Sequence:
    """Ids and, for each, the weight of predicting it."""

    ids: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add(self, ids: list[int], weight: float) -> None:
        """Append ids of one weight."""
        self.ids.extend(ids)
        self.weights.extend([weight] * len(ids))


class Renderer:
    """Renders with one tokenizer.

    `passages` is the loss weight of search results, `reading` that of a query and of the answer
    after it; everything else the assistant says weighs one. `decision` multiplies the weight of the
    first token of each part, where it is settled whether to answer, to search or to refuse.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        passages: float = 0.0,
        reading: float = 1.0,
        decision: float = 1.0,
    ) -> None:
        self.tokenizer = tokenizer
        self.passages, self.reading, self.decision = passages, reading, decision
        self.special = {name: i for i, name in enumerate(chat.SPECIALS)}
        if any(tokenizer.token_to_id(name) != i for name, i in self.special.items()):
            raise ValueError("the special tokens are not the first ids of this tokenizer")
        tokenizer.encode_special_tokens = True  # outside text can spell no control token

    def encode(self, text: str) -> list[int]:
        """Ids of outside or model text; never a control token."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def start(self, system: str) -> Sequence:
        """The opening of a conversation, up to its first question."""
        out = Sequence()
        out.add([self.special[chat.BOS], self.special[chat.SYSTEM]], 0)
        out.add([*self.encode(system), self.special[chat.END]], 0)
        return out

    def ask(self, out: Sequence, question: str) -> None:
        """A user message, then the header of the answer."""
        s = self.special
        out.add([s[chat.USER], *self.encode(question), s[chat.END], s[chat.ASSISTANT]], 0)

    def part(self, out: Sequence, part: Said | Searched, weight: float = 1.0) -> None:
        """Words of the assistant, or a search with its results."""
        s, learn, here = self.special, float(part.learn) * weight, len(out.ids)
        match part:
            case Said(text):
                out.add(self.encode(" " + text), learn)
                out.weights[here] *= self.decision
            case Searched(query, block):
                out.add([s[chat.SEARCH_START], *self.encode(" " + query)], learn * self.reading)
                out.add([s[chat.SEARCH_END]], learn)
                out.weights[here] = learn * self.decision
                out.add([s[chat.RESULTS_START]], 0)
                out.add(self.encode(block), self.passages)
                out.add([s[chat.RESULTS_END]], 0)

    def conversation(self, talk: Conversation) -> Sequence:
        """A whole conversation, with loss on what the assistant is to learn."""
        out = self.start(talk.system)
        for turn in talk.turns:
            self.ask(out, turn.user)
            weight = 1.0
            for part in turn.parts:
                self.part(out, part, weight)
                weight = self.reading if isinstance(part, Searched) else 1.0
            out.add([self.special[chat.END]], float(turn.parts[-1].learn))
        return out

    def document(self, text: str) -> Sequence:
        """A plain text, all of it to be learnt."""
        out = Sequence()
        out.add([self.special[chat.BOS]], 0)
        out.add([*self.encode(" " + text), self.special[chat.END]], 1)
        return out
