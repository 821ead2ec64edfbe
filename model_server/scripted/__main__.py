"""`python -m model_server.scripted --port 8001 --script answers.json`."""

import argparse
import asyncio
import contextlib
import signal
from pathlib import Path

import msgspec

from model_server.scripted import Answer, Script, ScriptedServer, Tokenizer
from model_server.scripted.tokenizer import MARKERS


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m model_server.scripted",
        description="A model that follows a script, behind vLLM's HTTP API.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="0 picks a free one")
    parser.add_argument("--script", type=Path, help='JSON: [{"when": "...", "legs": ["..."]}, ...]')
    parser.add_argument("--rate", type=float, help="tokens a second per stream; default: no pause")
    parser.add_argument("--model", default="scripted")
    parser.add_argument("--context-window", type=int, default=8192)
    parser.add_argument("--stream-interval", type=int, default=1, help="tokens per event")
    parser.add_argument("--api-key")
    parser.add_argument(
        "--text-markers", action="store_true", help="markers are text of several tokens"
    )
    return parser.parse_args()


async def serve(options: argparse.Namespace) -> None:
    """Serve until a signal says stop; print the address first."""
    answers: list[Answer] = []
    if options.script:
        answers = msgspec.json.decode(options.script.read_bytes(), type=list[Answer])
    server = ScriptedServer(
        Script(answers),
        tokenizer=Tokenizer(() if options.text_markers else MARKERS),
        model=options.model,
        context_window=options.context_window,
        rate=options.rate,
        stream_interval=options.stream_interval,
        api_key=options.api_key,
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    print(await server.start(options.port, options.host), flush=True)
    await stop.wait()
    await server.stop()


def main() -> None:
    """Run on uvloop where it is installed."""
    with contextlib.suppress(ImportError):
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(arguments()))
        return
    asyncio.run(serve(arguments()))


if __name__ == "__main__":
    main()
