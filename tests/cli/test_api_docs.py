"""The calls in docs/api.md, run as they stand there: what they print is what the page shows.

`ORSON_GOLDEN=write pytest tests/cli/test_api_docs.py` puts in what they print now.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import Running

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
SECTIONS = ("Responses", "Conversations")
BLOCK = re.compile(r"```console\n(.*?)```\n", re.S)
END = "-- end of what it prints --"

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="curl and jq"),
]


def section(text: str, name: str) -> str:
    match = re.search(rf"^## {name}$.*?(?=^## |\Z)", text, re.M | re.S)
    assert match is not None
    return match.group()


def printed(commands: list[str], url: str) -> list[str]:
    """What each command prints, all run by one shell."""
    script = "".join(f"{command}\nprintf '\\n%s\\n' '{END}'\n" for command in commands)
    run = subprocess.run(
        ["bash", "-c", f"URL={url}/v1\n{script}"],
        capture_output=True, text=True, timeout=250, check=False,
        env={**os.environ, "no_proxy": "*"},
    )  # fmt: skip
    assert not run.stderr, run.stderr
    return [each.strip("\n") for each in run.stdout.split(END)[:-1]]


def lasting(text: str) -> str:
    """Less ids and times, which are others each time."""
    text = re.sub(r"[0-9a-f]{48}", "ID", text)
    return re.sub(r'("(?:created_at|updated_at|elapsed_ms|hidden_ms)": ?)[\d.]+', r"\1N", text)


def test_the_page_shows_what_the_calls_print(bundled: Running) -> None:
    page = PAGE.read_text("utf-8")
    blocks = [block for name in SECTIONS for block in BLOCK.findall(section(page, name))]
    commands = [[ln[2:] for ln in block.split("\n") if ln.startswith("$ ")] for block in blocks]
    assert all(commands)
    answers = iter(printed([each for block in commands for each in block], bundled.address))
    shown = [
        "".join(
            f"$ {command}\n" + (f"{answer}\n" if (answer := next(answers)) else "")
            for command in block
        )
        for block in commands
    ]
    if os.environ.get("ORSON_GOLDEN") == "write":
        for old, new in zip(blocks, shown, strict=True):
            page = page.replace(f"```console\n{old}```", f"```console\n{new}```")
        PAGE.write_text(page, "utf-8")
    else:
        assert [lasting(block) for block in blocks] == [lasting(each) for each in shown]
