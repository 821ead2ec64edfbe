"""PDF files, read in a process of their own: a broken one may crash it or run forever, not us."""

import json
import subprocess
import sys
from pathlib import Path

from search_adapters.unreadable import Unreadable

SECONDS = 60.0
"""A thousand pages take a few seconds."""
_CHILD = Path(__file__).with_name("pdf_child.py")


def read_pdf(path: Path, seconds: float = SECONDS) -> tuple[str, str]:
    """Title (the metadata's; may be empty) and text. The child is killed after `seconds`."""
    try:
        # -P: the child is run by its path, and must not import from its folder.
        done = subprocess.run(
            [sys.executable, "-P", str(_CHILD), str(path)],
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(f"PDF not read within {seconds:.0f} s") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Unreadable(f"broken PDF: {said[-1][:120] if said else f'exit {done.returncode}'}")
    reply = json.loads(done.stdout)
    return reply["title"], reply["text"]
