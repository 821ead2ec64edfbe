"""`python -m benchmarks.gateway`: what the gateway costs, beside a naive proxy and none at all.

One scripted engine streams at a fixed pace; the same load is put on it directly, through the
naive proxy and through Orson, in turn, round after round. The proxy under test has a core of its
own where there are two. Prints a table, and writes `benchmarks/latest.json`.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measure import RATES, RESUMES, SEARCHES, WINDOW, Engine, Sample, measure
from benchmarks.processes import Process, free_port

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


def main() -> None:
    """Parse the command line, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--streams", type=int, nargs="*", default=list(RATES))
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
    options.out.write_text(json.dumps(report, indent=2) + "\n")
    console.print(f"Written to {options.out} after {report['seconds']} s.")


Samples = dict[tuple[str, int], list[Sample]]


def run(targets: Sequence[str], streams: Sequence[int], rounds: int, console: Console) -> Samples:
    """All measurements, targets interleaved."""
    cores = sorted(os.sched_getaffinity(0))
    proxy_core = frozenset(cores[:1])
    other_cores = frozenset(cores[1:] or cores)
    os.sched_setaffinity(0, other_cores)
    samples: Samples = defaultdict(list)
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
                        one = measure(engine, proxies[name], MODEL, count, resumes=name != "direct")
                        samples[name, count].append(asyncio.run(one))
        finally:
            for process in reversed(running):
                process.stop()
    return samples


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


def summary(samples: Samples) -> dict[str, dict[str, dict[str, float | None]]]:
    """Numbers per target and number of streams, each with its ratio to the naive proxy's."""
    found: dict[str, dict[str, dict[str, float | None]]] = {}
    for (name, count), some in samples.items():
        direct = samples.get(("direct", count), [])
        found.setdefault(name, {})[str(count)] = _numbers_of(some, direct)
    for name, counts in found.items():
        for streams, numbers in counts.items():
            naive = found.get("naive", {}).get(streams)
            for key in ("cpu_us_per_token", "cpu_ms_per_request", "kb_per_stream", "resume_ms"):
                mine, theirs = numbers[key], naive[key] if naive else None
                if name == "orson" and mine is not None and theirs:
                    numbers[f"{key}_ratio"] = round(mine / theirs, 3)
    return found


def busiest(found: dict[str, dict[str, dict[str, float | None]]]) -> float:
    """The largest share of a window for which a target waited for a core."""
    return max(
        numbers["cpu_wait_share"] or 0.0 for counts in found.values() for numbers in counts.values()
    )


def _numbers_of(some: Sequence[Sample], direct: Sequence[Sample]) -> dict[str, float | None]:
    def added(kind: str, quantile: float) -> float | None:
        ours = [value for sample in some for value in getattr(sample, kind)]
        bare = [value for sample in direct for value in getattr(sample, kind)]
        if not ours or not bare:
            return None
        return round((_quantile(ours, quantile) - _quantile(bare, quantile)) * 1000, 3)

    def middle(values: Sequence[float | None], scale: float, digits: int) -> float | None:
        known = [value for value in values if value is not None]
        return round(statistics.median(known) * scale, digits) if known else None

    return {
        "cpu_us_per_token": middle([sample.cpu_per_token for sample in some], 1e6, 1),
        "cpu_ms_per_request": middle([sample.cpu_per_request for sample in some], 1e3, 2),
        "ttft_added_ms_p50": added("ttft", 0.5),
        "ttft_added_ms_p99": added("ttft", 0.99),
        "itl_added_ms_p50": added("gaps", 0.5),
        "itl_added_ms_p99": added("gaps", 0.99),
        # Only the first round finds memory that no earlier stream has left behind.
        "kb_per_stream": middle([some[0].kb_per_stream], 1, 1),
        "resume_ms": middle([value for sample in some for value in sample.resumes], 1e3, 2),
        "cpu_wait_share": middle([sample.cpu_wait for sample in some], 1, 3),
        "tokens_per_second": middle([sample.tokens_per_second for sample in some], 1, 0),
    }


def _quantile(values: Sequence[float], quantile: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(quantile * len(ordered)))]


def table(found: dict[str, dict[str, dict[str, float | None]]]) -> Table:
    """The numbers for a person."""
    columns = {
        "CPU us/token": "cpu_us_per_token",
        "CPU ms/request": "cpu_ms_per_request",
        "TTFT +p50 ms": "ttft_added_ms_p50",
        "+p99": "ttft_added_ms_p99",
        "ITL +p50 ms": "itl_added_ms_p50",
        "+p99 ": "itl_added_ms_p99",
        "KB/stream": "kb_per_stream",
        "resume ms": "resume_ms",
        "tokens/s": "tokens_per_second",
    }
    shown = Table(title=f"The gateway's own cost ({WINDOW:g} s windows, {RESUMES} resumes a round)")
    shown.add_column("streams", justify="right")
    shown.add_column("target")
    for title in columns:
        shown.add_column(title, justify="right")
    counts = dict.fromkeys(count for numbers in found.values() for count in numbers)
    for count in counts:
        for name, numbers in found.items():
            if count in numbers:
                cells = [_cell(numbers[count], key) for key in columns.values()]
                shown.add_row(count, name, *cells, end_section=name == list(found)[-1])
    return shown


def _cell(numbers: dict[str, float | None], key: str) -> str:
    value, ratio = numbers[key], numbers.get(f"{key}_ratio")
    if value is None:
        return "-"
    return f"{value:g}" + (f" ({ratio:.2f}x)" if ratio is not None else "")


def machine() -> dict[str, Any]:
    """Where and on what this was measured."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "commit": commit.stdout.strip(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


if __name__ == "__main__":
    main()
