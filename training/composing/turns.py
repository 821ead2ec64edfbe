"""Exchanges of several turns: corrections, another subject meant, what was said before.

What the assistant says in the earlier turns stands in the prompt, so even a wrong answer there is
never learned.
"""

from dataclasses import replace
from random import Random

from training.composing import replies, talk
from training.composing.composer import Composer
from training.composing.exchanges import Exchange, Said, user
from training.probing.judging import abstains, matches
from training.records import Verdict

TRIES = 8


class Turns:
    """Makes exchanges that go back on what was said."""

    def __init__(self, composer: Composer) -> None:
        self._composer = composer

    async def corrected(self, verdict: Verdict, rng: Random) -> Exchange | None:
        """An answer was wrong, the user says so: it is looked up and mended."""
        wrong = [
            said
            for said in (verdict.greedy, *verdict.samples)
            if said
            and not abstains(said)
            and not matches(said, verdict.answers)
            and "\n" not in said
        ]
        before = (
            rng.choice(wrong) if wrong else rng.choice(self._composer.values[verdict.attribute])
        )
        exchange = await self._composer.found(verdict, rng, "corrected")
        if exchange is None or matches(before, verdict.answers):
            return None
        *parts, said = exchange.parts
        assert isinstance(said, Said)
        doubt = rng.choice(("That's not right.", "I don't think so.", "Are you sure? I doubt it.",
                            "That is wrong."))  # fmt: skip
        opening = rng.choice(("You are right, that was wrong. ", "I'm sorry, I was wrong. ",
                              "You are right to doubt it. "))  # fmt: skip
        return replace(
            exchange,
            messages=(*talk.turn(self._composer.way(verdict, rng), before), user(doubt)),
            parts=(*parts, replace(said, text=opening + said.text)),
        )

    async def held(self, verdict: Verdict, rng: Random) -> Exchange:
        """A known answer was right, the user doubts it: it stays."""
        fact = replies.fact(verdict)
        other = rng.choice(self._composer.values[verdict.attribute])
        doubts = ["Are you sure?", "Is that right?"]
        if not matches(other, verdict.answers) and not matches(fact, [other]):
            doubts.append(f"I thought it was {other}.")
        history = talk.turn(self._composer.way(verdict, rng), fact)
        said = Said(rng.choice((f"Yes, I am sure. {fact}", f"I am sure of it: {fact}")))
        exchange = self._composer.exchange(
            "held", verdict, (said,), rng, may_search=rng.random() < 0.7
        )
        return replace(exchange, messages=(*history, user(rng.choice(doubts))))

    async def meant(self, verdict: Verdict, rng: Random) -> Exchange | None:
        """The user meant somebody else: the same is asked of another subject."""
        others = self._composer.same.get((verdict.attribute or "", verdict.split))
        if not verdict.subject or not others:
            return None
        before = next(
            (each for each in rng.choices(others, k=TRIES) if each.verdict == "knows"), verdict
        )
        if before.id == verdict.id:
            return None
        meant = rng.choice(
            ("Sorry, I meant {s}.", "No, I meant {s}.", "And {s}?", "What about {s}?")
        )
        if verdict.verdict == "knows":
            exchange: Exchange | None = await self._composer.direct(verdict, rng)
        else:
            exchange = await self._composer.found(verdict, rng)
        if exchange is None:
            return None
        history = talk.turn(self._composer.way(before, rng), replies.fact(before))
        return replace(
            exchange,
            kind="meant another",
            messages=(*history, user(meant.format(s=verdict.subject))),
            questions=(before.id, verdict.id),
        )

    async def about_conversation(self, verdict: Verdict, rng: Random) -> Exchange:
        """What was said before."""
        history = [*talk.turn(self._composer.way(verdict, rng), replies.fact(verdict))]
        others = self._composer.histories.get(verdict.split, [])
        if others and rng.random() < 0.5:
            other = rng.choice(others)
            history += talk.turn(self._composer.way(other, rng), replies.fact(other))
        asked, said = talk.about_conversation(history, rng)
        return Exchange(
            "about the conversation", verdict.split, (*history, user(asked)), (said,),
            rng.random() < 0.8, (verdict.id,),
        )  # fmt: skip
