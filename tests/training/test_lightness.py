"""Questions, probe and compose run where there is no torch and load no server of ours."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_architecture import BANNED_NAMES, LONGEST, ROOT, imports

HEAVY = ("torch", "transformers", "tokenizers", "numpy", "xllamacpp", "uvicorn")


@pytest.mark.parametrize(
    "module",
    [
        "training.questions.gathering",
        "training.probing.running",
        "training.composing.running",
        "training.records",
    ],
)
def test_no_heavy_import(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


PACKAGES = ("questions", "probing", "served", "composing")
FILES = sorted(path for name in PACKAGES for path in (ROOT / "training" / name).glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_house_rules(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= LONGEST
    assert path.stem not in BANNED_NAMES
    assert ast.get_docstring(ast.parse(text))
    for module in imports(path):
        assert not module.startswith(("app.main", "app.http", "app.settings", "app.commands"))
