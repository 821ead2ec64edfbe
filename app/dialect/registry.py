"""From the name of a dialect to the dialect, by entry point.

Built-in dialects and strangers' come through the same door: the entry-point group `orson.dialects`
of every installed distribution, each naming a `Dialect`. Listing the names imports nothing.
"""

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

from app.dialect.markers import ORSON, Dialect

GROUP = "orson.dialects"


RECOGNISED = ("auto", "tool-call")
"""Settings by which the model's tokenizer and chat template are asked."""


class UnknownDialect(Exception):
    """No installed distribution offers a dialect of this name, or it offers something else."""


def available() -> dict[str, str]:
    """Every installed dialect: its name and the `module:attribute` behind it, sorted by name."""
    return {name: point.value for name, point in sorted(_installed().items())}


def load(name: str) -> Dialect:
    """The dialect of that name.

    Raises:
        UnknownDialect: there is none, it can't be imported, or it is no dialect.
    """
    if name == ORSON.name:
        return ORSON
    point = _installed().get(name)
    if point is None:
        offer = ", ".join((*RECOGNISED, *sorted({*_installed(), ORSON.name})))
        raise UnknownDialect(f"no dialect is called '{name}' (there are: {offer})")
    try:
        found = point.load()
    except Exception as error:
        raise UnknownDialect(
            f"dialect '{name}' ({point.value}) is broken: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(found, Dialect) or found.name != name:
        raise UnknownDialect(f"dialect '{name}' ({point.value}) is no Dialect of that name")
    return found


def named(setting: str) -> Dialect | None:
    """The dialect that a setting names; None where the model is to be asked (`RECOGNISED`).

    Raises:
        UnknownDialect: as `load`.
    """
    return None if setting in RECOGNISED else load(setting)


def every() -> tuple[Dialect, ...]:
    """All dialects that can be loaded."""
    return tuple(_loaded(name for name in {ORSON.name: "", **available()}))


def _loaded(names: Iterable[str]) -> Iterable[Dialect]:
    for name in names:
        try:
            yield load(name)
        except UnknownDialect:
            continue  # a stranger's broken plug-in is no reason to do without the rest


def _installed() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
