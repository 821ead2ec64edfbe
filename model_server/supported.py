"""Which vLLM we take, found out before minutes go into starting one that we don't."""

import re
import subprocess

OLDEST, NEWEST = (0, 20), (1, 0)
"""Versions of vLLM that we take: from the first up to, not including, the second. The gateway
refuses the same ones (a test holds the two together)."""

ASK = """\
from importlib.metadata import packages_distributions, version
print(version(packages_distributions()["vllm"][0]))
"""
"""Asks the installation without importing it, which takes half a minute: the distribution may be
called vllm or, built for another device, something longer."""


class Unsupported(Exception):
    """This vLLM can't be used; the message says what to do."""


def installed(python: str) -> str:
    """The version of vLLM that an interpreter has.

    Raises:
        Unsupported: it has none, or there is no such interpreter.
    """
    try:
        asked = subprocess.run(
            [python, "-c", ASK], capture_output=True, text=True, timeout=60, check=False
        )
    except OSError as error:
        raise Unsupported(f"MODEL_SERVER_PYTHON: {python}: {error.strerror}.") from None
    if asked.returncode != 0:
        raise Unsupported(
            f"{python} has no vLLM. Install it there (pip install 'vllm>={dotted(OLDEST)}'; "
            "for the CPU, see docs/operations.md), or name in MODEL_SERVER_PYTHON the "
            "interpreter that has it."
        )
    return asked.stdout.strip()


def check(version: str) -> None:
    """Return when we take this version. Raises Unsupported."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    if found is None:
        return  # a build from source that has no number: its endpoints are looked at instead
    if not OLDEST <= (int(found[1]), int(found[2])) < NEWEST:
        raise Unsupported(
            f"This is vLLM {version}; Orson supports {dotted(OLDEST)} and newer, "
            f"below {dotted(NEWEST)}."
        )


def dotted(version: tuple[int, int]) -> str:
    """As people write it."""
    return ".".join(map(str, version))
