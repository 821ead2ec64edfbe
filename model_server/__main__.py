"""`python -m model_server`: vLLM with the flags that Orson needs, from start to end.

    MODEL_SERVER_MODEL=Qwen/Qwen3-4B-Instruct-2507 python -m model_server
    python -m model_server --print                 the command, and nothing is run
    python -m model_server -- --enforce-eager      what follows "--" goes to vLLM as it is

Settings are environment variables (see `settings`). Needs vLLM in this interpreter, or one named by
MODEL_SERVER_PYTHON; of Orson's own dependencies it needs pydantic-settings alone.
"""

import argparse
import asyncio
import contextlib
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from model_server.examination import Examiner
from model_server.flags import Command, command
from model_server.launch import Server, StartFailed
from model_server.settings import ModelServerSettings
from model_server.supported import Unsupported, check, installed
from model_server.unpack import packed, unpack


def main(arguments: Sequence[str] | None = None) -> int:
    """Run vLLM until it ends or we are asked to; the exit status."""
    assert __doc__
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m model_server", description=__doc__, formatter_class=layout
    )
    parser.add_argument("--print", action="store_true", help="show the command, run nothing")
    parser.add_argument("--model", help="in place of MODEL_SERVER_MODEL")
    parser.add_argument("more", nargs="*", help="after --: flags for vLLM", metavar="FLAG")
    given = parser.parse_args(arguments)
    try:
        settings = ModelServerSettings(**({"model": given.model} if given.model else {}))
    except ValidationError as error:
        for problem in error.errors():
            name = "MODEL_SERVER_" + "_".join(map(str, problem["loc"])).upper()
            say(f"{name.removesuffix('_')}: {problem['msg']}")
        return 2
    python = settings.python or sys.executable
    folder, source = Path(settings.model), packed(Path(settings.model))
    if source is not None:
        data = Path(os.environ.get("ORSON_DATA_DIR", "var"))
        out = data / "unpacked" / folder.resolve().name
        settings = settings.model_copy(update={"model": str(out)})
    run = command(settings, python=python, more=given.more)
    if given.print:
        print(shlex.join(run.argv))
        return 0
    if source is not None:
        say(f"unpacking {source} into {out}")
        try:
            unpack(folder, out)
        except ImportError as error:
            say(f"{source} is a GGUF file; to unpack it takes gguf and safetensors: {error}")
            return 1
        except ValueError as error:
            say(str(error))
            return 1
    try:
        version = installed(python)
        check(version)
        return asyncio.run(serve(settings, run, version))
    except (Unsupported, StartFailed) as error:
        say(str(error))
        return 1


async def serve(settings: ModelServerSettings, run: Command, version: str) -> int:
    """From start to end; SIGINT and SIGTERM end it, at any time."""
    key = settings.api_key.get_secret_value() if settings.api_key else None
    reached = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    url = f"http://{f'[{reached}]' if ':' in reached else reached}:{settings.port}"
    server = Server(run, Examiner(url, key), say, log)
    ours = asyncio.current_task()
    assert ours is not None
    asked = False

    def end() -> None:
        nonlocal asked
        if not asked:
            asked = True
            ours.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    say(f"starting vLLM {version} on {settings.model}: {shlex.join(run.argv)}")
    try:
        served = await server.start(settings.start_timeout)
        say(
            f"ready at {url}: {', '.join(served.models)}, {served.context_window} tokens. "
            f"ORSON_ENGINE=vllm ORSON_ENGINE_URL={url} points a gateway at it."
        )
        status = await server.ended()
        say(f"vLLM ended by itself ({status}).")
        return status or 1
    except asyncio.CancelledError:
        if not asked:
            raise
        return 0
    finally:
        with contextlib.suppress(asyncio.CancelledError):
            await server.stop()
        say("vLLM is ended.")


def say(line: str) -> None:
    """Our own lines can be told from vLLM's."""
    print(f"model server: {line}", file=sys.stderr, flush=True)


def log(line: str) -> None:
    """vLLM's own lines, as they are."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
