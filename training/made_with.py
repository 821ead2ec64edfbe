"""What a file was made with, kept beside it, so that a run never goes on with other settings.

`verdicts.jsonl` has `verdicts.jsonl.made_with.json`. An interrupted run goes on only when it is
started with the same settings; otherwise half of the file would be about another model.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class OtherSettings(RuntimeError):
    """The file was begun with other settings than now."""

    def __init__(self, path: Path, differ: Mapping[str, tuple[Any, Any]]) -> None:
        said = "; ".join(f"{name} was {was!r}, is {now!r}" for name, (was, now) in differ.items())
        super().__init__(
            f"{path} was begun with other settings ({said}). "
            "Name another file with --out, or begin anew with --restart."
        )


def beside(path: Path) -> Path:
    """Where the settings of `path` are kept."""
    return path.with_name(f"{path.name}.made_with.json")


def settle(path: Path, settings: Mapping[str, Any], *, restart: bool = False) -> bool:
    """See that `path` is made with `settings` from beginning to end; whether a run goes on.

    Args:
        path: the file to be written; need not be there.
        settings: what decides its content, fit for JSON.
        restart: throw away what is there.

    Raises:
        OtherSettings: it was begun with other ones.
    """
    now: dict[str, Any] = json.loads(json.dumps(settings))
    kept = beside(path)
    if restart:
        path.unlink(missing_ok=True)
    elif path.exists() and path.stat().st_size and kept.exists():
        was: dict[str, Any] = json.loads(kept.read_text("utf-8"))
        names = sorted(was.keys() | now.keys())
        differ = {n: (was.get(n), now.get(n)) for n in names if was.get(n) != now.get(n)}
        if differ:
            raise OtherSettings(path, differ)
        return True
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(now, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return path.exists() and path.stat().st_size > 0
