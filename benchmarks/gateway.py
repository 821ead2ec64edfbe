"""`python -m benchmarks.gateway`: what the gateway costs, beside a naive proxy and none at all.

One scripted engine streams at a fixed pace; the same load is put on it directly, through the
naive proxy and through Orson, in turn, round after round. The proxy under test has a core of its
own where there are two. Prints a table, and writes `benchmarks/latest.json`.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.measure import RATES, SEARCHES, Engine, Sample, measure
from benchmarks.processes import Process, free_port
from benchmarks.report import busiest, machine, merge, summary, table

LATEST = Path(__file__).parent / "latest.json"
ANSWERS = [
    {
        "when": SEARCHES,
        "legs": [
            "Let me look.[SEARCH_START] the old town[SEARCH_END]",
            " The town was built near the river [1].",
        ],
    }
]
MODEL = "scripted"
TOO_BUSY = 0.05
"""Share of a window for which a target may wait for its core, taken by others."""
AGAIN = 3


def main() -> None:
    """Parse the command line, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument(
        "--streams",
        type=int,
        nargs="*",
        choices=RATES,
        default=[1, 32, 256],
        metavar="N",
        help=f"of {', '.join(map(str, RATES))}",
    )
    parser.add_argument("--targets", nargs="*", default=["direct", "naive", "orson"])
    parser.add_argument("--out", type=Path, default=LATEST)
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 150)
    began = time.monotonic()
    samples = run(options.targets, options.streams, options.rounds, console)
    found = summary(samples)
    console.print(table(found))
    if busiest(found) > TOO_BUSY:
        console.print(
            f"[yellow]The machine was busy with other things: for {busiest(found):.0%} of a window "
            "a target waited for its core. Take these numbers for nothing.[/yellow]"
        )
    report = {"machine": machine(), "seconds": round(time.monotonic() - began), "gateway": found}
    merge(options.out, report)
    console.print(f"Written to {options.out} after {report['seconds']} s.")


def run(
    targets: Sequence[str], streams: Sequence[int], rounds: int, console: Console
) -> dict[tuple[str, int], list[Sample]]:
    """All measurements, targets interleaved."""
    cores = sorted(os.sched_getaffinity(0))
    proxy_core = frozenset(cores[:1])
    other_cores = frozenset(cores[1:] or cores)
    os.sched_setaffinity(0, other_cores)
    samples: dict[tuple[str, int], list[Sample]] = defaultdict(list)
    running: list[Process] = []
    with tempfile.TemporaryDirectory(prefix="orson-bench-") as folder:
        try:
            engine_process = start_engine(Path(folder), other_cores)
            running.append(engine_process)
            engine = Engine(engine_process.url)
            proxies: dict[str, Process | None] = {"direct": None}
            for name, start in (("naive", start_naive), ("orson", start_orson)):
                if name in targets:
                    process = start(engine.url, Path(folder), proxy_core)
                    running.append(process)
                    proxies[name] = process
            asyncio.run(_warm_up(engine, proxies))
            for number in range(rounds):
                for count in streams:
                    for name in targets:
                        console.log(f"round {number + 1}: {name}, {count} streams")
                        samples[name, count].append(
                            _undisturbed(engine, proxies[name], count, console)
                        )
        finally:
            for process in reversed(running):
                process.stop()
    return samples


def _undisturbed(engine: Engine, proxy: Process | None, count: int, console: Console) -> Sample:
    """One measurement, taken again where others had the target's core for too long."""
    sample = asyncio.run(measure(engine, proxy, MODEL, count, resumes=proxy is not None))
    for _ in range(AGAIN):
        if sample.cpu_wait <= TOO_BUSY:
            break
        console.log(f"  disturbed (waited for its core {sample.cpu_wait:.0%} of the time): again")
        first = sample
        sample = asyncio.run(measure(engine, proxy, MODEL, count, resumes=proxy is not None))
        sample.kb_per_stream = first.kb_per_stream  # later streams reuse its memory
    return sample


async def _warm_up(engine: Engine, proxies: dict[str, Process | None]) -> None:
    """A little of everything, so that no first call is measured."""
    for proxy in proxies.values():
        await measure(engine, proxy, MODEL, 1, resumes=proxy is not None)


def start_engine(folder: Path, cores: frozenset[int]) -> Process:
    """The scripted engine, as a process of its own."""
    script, port = folder / "answers.json", free_port()
    script.write_text(json.dumps(ANSWERS))
    command = [sys.executable, "-m", "model_server.scripted", "--port", str(port)]
    command += ["--script", str(script), "--model", MODEL]
    return Process(command, url=f"http://127.0.0.1:{port}", health="/health", cores=cores)


def start_naive(engine_url: str, folder: Path, cores: frozenset[int]) -> Process:
    """The baseline."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.naive_proxy:app", "--port", str(port)]
    return Process(
        [*command, "--no-access-log", "--log-level", "warning"],
        url=f"http://127.0.0.1:{port}",
        health="/healthz",
        cores=cores,
        environment={"NAIVE_UPSTREAM": engine_url},
    )


def start_orson(engine_url: str, folder: Path, cores: frozenset[int]) -> Process:
    """Orson, as anybody starts it: the whole loop, metrics and store in place."""
    port = free_port()
    return Process(
        [sys.executable, "-m", "app.cli", "serve", "--port", str(port)],
        url=f"http://127.0.0.1:{port}",
        health="/readyz",
        cores=cores,
        environment={
            "ORSON_ENGINE": "vllm",
            "ORSON_ENGINE_URL": engine_url,
            "ORSON_SEARCH": "mock",
            "ORSON_DATA_DIR": str(folder / "data"),
            "ORSON_TEACHING": "trained",
        },
    )


if __name__ == "__main__":
    main()
