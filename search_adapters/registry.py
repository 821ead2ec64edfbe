"""From the name of a search adapter to a working one, by entry point.

Built-in adapters and strangers' come through the same door: the entry-point group
`orson.search_adapters` of every installed distribution. Listing the names imports nothing; only
the adapters that the settings name are loaded, so a broken plug-in that nobody asked for can't
stop a gateway.

    name -> entry point -> factory(environment) -> SearchAdapter
"""

from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points

from search_adapters.errors import MissingSetting
from search_adapters.protocol import Environment, SearchAdapter

GROUP = "orson.search_adapters"

Factory = Callable[[Environment], SearchAdapter]
"""What an entry point names: the adapter's class, or a function that builds it."""


class RegistryError(Exception):
    """The settings ask for an adapter that can't be had. Raised at start, never in a search."""


class UnknownAdapter(RegistryError):
    """No installed distribution offers an adapter of this name."""

    def __init__(self, name: str, installed: Sequence[str]) -> None:
        self.name, self.installed = name, tuple(installed)
        offer = ", ".join(installed) or "none; is the package itself installed?"
        super().__init__(f"no search adapter is called '{name}' (installed: {offer})")


class AmbiguousAdapter(RegistryError):
    """Two distributions offer different adapters under one name."""

    def __init__(self, name: str, targets: Sequence[str]) -> None:
        self.name = name
        super().__init__(f"search adapter '{name}' is offered twice: {' and '.join(targets)}")


class BrokenAdapter(RegistryError):
    """The entry point is there, what it names can't be imported or is no adapter."""

    def __init__(self, name: str, target: str, problem: str) -> None:
        self.name = name
        super().__init__(f"search adapter '{name}' ({target}) is broken: {problem}")


def available() -> dict[str, str]:
    """Every installed adapter: its name and the `module:attribute` behind it, sorted by name."""
    return {name: points[0].value for name, points in sorted(_installed().items())}


def load(names: Iterable[str], environment: Environment) -> tuple[SearchAdapter, ...]:
    """The named adapters, ready to search, in the order given; a name given twice counts once.

    Raises:
        UnknownAdapter: no such name is installed.
        AmbiguousAdapter: two distributions claim the name.
        BrokenAdapter: the code behind the name fails to import or is not an adapter.
        MissingSetting: the adapter needs a variable that `environment` doesn't have.
    """
    installed = _installed()
    return tuple(_build(name, installed, environment) for name in dict.fromkeys(names))


def _installed() -> dict[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        points = found.setdefault(point.name, [])
        # An editable install can stand on the path twice; the same target twice is no conflict.
        if all(point.value != other.value for other in points):
            points.append(point)
    return found


def named(name: str) -> Factory:
    """What the name stands for, imported but not built. Raises as `load` does."""
    return _factory(name, _installed())[1]


def _factory(name: str, installed: dict[str, list[EntryPoint]]) -> tuple[str, Factory]:
    points = installed.get(name)
    if not points:
        raise UnknownAdapter(name, sorted(installed))
    if len(points) > 1:
        raise AmbiguousAdapter(name, [point.value for point in points])
    (point,) = points
    try:
        return point.value, point.load()
    except Exception as error:
        raise BrokenAdapter(name, point.value, f"{type(error).__name__}: {error}") from error


def _build(
    name: str, installed: dict[str, list[EntryPoint]], environment: Environment
) -> SearchAdapter:
    target, factory = _factory(name, installed)
    try:
        adapter = factory(environment)
    except MissingSetting:
        raise
    except Exception as error:
        raise BrokenAdapter(name, target, f"{type(error).__name__}: {error}") from error
    if not isinstance(adapter, SearchAdapter):
        raise BrokenAdapter(name, target, "it lacks a part of SearchAdapter")
    if adapter.name != name:
        raise BrokenAdapter(name, target, f"it calls itself '{adapter.name}'")
    return adapter
