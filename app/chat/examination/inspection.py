"""What a served model makes of its dialect: the tokens of each marker, what they collide with, and
whether its chat template can lay out what we send. Said before anybody is served by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.chat.examination.recognise import template_teaches
from app.chat.ports import Engine
from app.chat.request import Message
from app.chat.vocabulary import Vocabulary
from app.dialect.lexicon import lexicon
from app.errors import OrsonError


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker, as the tokenizer has it."""

    literal: str
    role: str
    ids: tuple[int, ...]
    note: str = ""
    """What it shares its id with where that is as it should be."""
    fault: str = ""
    """What it collides with."""

    @property
    def single(self) -> bool:
        """One token: the engine stops on its id, else on its text."""
        return len(self.ids) == 1


@dataclass(frozen=True, slots=True)
class Template:
    """What the chat template does with what we send."""

    faults: tuple[str, ...]
    """What it can't lay out, each with the reason it gave."""
    teaches: bool | None
    """Whether it tells the model of the dialect's tools; None where the dialect gives it none."""
    opens_reasoning: bool
    """It begins the model's turn inside of its reasoning."""
    ends: tuple[str, ...]
    """What it puts behind a turn of the model, where that is a control token."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """Of one model and one dialect."""

    markers: tuple[Marker, ...]
    template: Template

    @property
    def faults(self) -> tuple[str, ...]:
        """Whatever keeps the dialect from working, in sentences."""
        colliding = tuple(f"{one.literal} {one.fault}" for one in self.markers if one.fault)
        teaching = (
            ("The template says nothing of tools.",) if self.template.teaches is False else ()
        )
        return (*colliding, *self.template.faults, *teaching)


async def inspect(engine: Engine, vocabulary: Vocabulary, enders: Sequence[str]) -> Inspection:
    """Look at one served model.

    Args:
        engine: what serves it.
        vocabulary: its dialect, as its tokenizer has it.
        enders: literals that end a turn in some model; those that are one token here count.

    Raises:
        OrsonError: the engine can't be asked.
    """
    template = await _template(engine, vocabulary)
    ending = {vocabulary.singles[name]: name for name in enders if name in vocabulary.singles}
    ending |= {vocabulary.singles[name]: name for name in template.ends}
    return Inspection(_markers(vocabulary, ending), template)


def _markers(vocabulary: Vocabulary, ending: Mapping[int, str]) -> tuple[Marker, ...]:
    dialect, seen = vocabulary.dialect, dict[tuple[int, ...], str]()
    markers: list[Marker] = []
    roles = lexicon(dialect).roles
    for literal in dialect.literals:
        if literal not in roles:
            continue  # only a sign by which the model is recognised
        ids = vocabulary.ids[literal]
        note = fault = ""
        if ids in seen:
            fault = f"has the same tokens as {seen[ids]}: this tokenizer knows neither"
        elif len(ids) == 1 and ids[0] in ending:
            # What ends a call may end the turn: then the model is asked to go on behind it.
            meant = dialect.ends_turn and literal in (dialect.search_end, dialect.results_end)
            meant = meant or literal == dialect.answer_end
            if dialect.headers is not None:
                meant = meant or literal in dialect.headers.literals
            note = "ends the turn, as it should" if meant else ""
            fault = "" if meant else "ends the turn: a model that says it is stopped for good"
        seen.setdefault(ids, literal)
        markers.append(Marker(literal, roles[literal].value, ids, note, fault))
    return tuple(markers)


_USER, _SYSTEM, _MODEL = Message("user", "x"), Message("system", "x"), Message("assistant", "y")
SHAPES = {
    "a question": (_USER,),
    "a system message": (_SYSTEM, _USER),
    "several turns": (_USER, _MODEL, _USER),
}
"""What clients send, and the gateway with them: its own words are a system message."""


async def _template(engine: Engine, vocabulary: Vocabulary) -> Template:
    dialect = vocabulary.dialect
    laid: dict[str, list[int]] = {}
    faults: list[str] = []
    for name, messages in SHAPES.items():
        try:
            laid[name] = await engine.render(messages)
        except OrsonError as error:
            faults.append(f"The template can't lay out {name}: {error.message}")
    given = dialect.lesson.template if dialect.lesson else {}
    teaches = await template_teaches(engine, dialect) if given else None
    asked = laid.get("a question", [])
    return Template(
        faults=tuple(faults),
        teaches=teaches,
        opens_reasoning=bool(asked) and vocabulary.thinking(asked),
        ends=_ends(vocabulary, asked, laid.get("several turns", [])),
    )


def _ends(vocabulary: Vocabulary, asked: Sequence[int], turns: Sequence[int]) -> tuple[str, ...]:
    """The control token that a finished turn has and one still open has not."""
    literals = {id_: literal for literal, id_ in vocabulary.singles.items()}
    opened = [id_ for id_ in asked if id_ in vocabulary.control]
    every = [id_ for id_ in turns if id_ in vocabulary.control]
    same = next(
        (at for at, (one, other) in enumerate(zip(opened, every, strict=False)) if one != other),
        min(len(opened), len(every)),
    )
    behind = every[same : same + 1]
    # Where a template opens reasoning for new turns only, the first that differs is the end too.
    return tuple(literals[id_] for id_ in behind if id_ in literals)
