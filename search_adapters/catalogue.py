"""Every installed adapter with what it needs, whether it has it, and what it costs and allows.

An adapter that speaks several dialects names their traits in `variants`; one of them is chosen by
the environment. Whether an adapter is configured is found out by building it: that opens nothing,
and its MissingSetting says what to set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from search_adapters.errors import MissingSetting
from search_adapters.protocol import Environment, Traits
from search_adapters.registry import RegistryError, available, load, named


@dataclass(frozen=True, slots=True)
class Entry:
    """One dialect of one adapter."""

    name: str
    variant: str
    """Its backend's name; empty for an adapter with only one."""
    target: str
    """The `module:attribute` behind it."""
    traits: Traits
    ready: bool
    """Whether a gateway with this environment would search with it."""
    problem: str = ""
    """What keeps the adapter from being used; empty when it can be, in one variant or another."""


def catalogue(environment: Environment) -> list[Entry]:
    """All installed adapters by name, each with its variants in their own order."""
    return [
        entry
        for name, target in available().items()
        for entry in _entries(name, target, environment)
    ]


def _entries(name: str, target: str, environment: Environment) -> list[Entry]:
    adapter, problem = None, ""
    try:
        (adapter,) = load([name], environment)
    except MissingSetting as error:
        problem = f"{error.variable}" + (f" ({error.hint})" if error.hint else "")
    except RegistryError as error:
        problem = str(error)
    variants = _variants(name)
    if adapter is None:
        return [
            Entry(name, variant, target, traits, False, problem)
            for variant, traits in variants.items()
        ]
    chosen = getattr(adapter, "variant", "")
    if chosen not in variants:
        variants = {chosen: adapter.traits}
    return [
        Entry(
            name,
            variant,
            target,
            adapter.traits if variant == chosen else traits,
            ready=variant == chosen,
        )
        for variant, traits in variants.items()
    ]


def _variants(name: str) -> Mapping[str, Traits]:
    """What the class says of itself; a stranger's may say nothing before it is built."""
    try:
        factory: Any = named(name)
    except RegistryError:
        return {"": Traits(usd_per_1000=None)}
    variants = getattr(factory, "variants", None)
    if variants:
        return dict(variants)
    traits = getattr(factory, "traits", None)
    return {"": traits if isinstance(traits, Traits) else Traits(usd_per_1000=None)}
