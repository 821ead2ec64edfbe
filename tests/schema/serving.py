"""Runs Schemathesis against a gateway of its own: a scripted engine, the mock search, a Redis.

`python -m tests.schema.serving SCHEMATHESIS [OPTIONS]` with the path of its executable.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.api.stage import Gateway, Stage

EXAMPLES = 50
"""For each operation, and as many walks from one to the next: about a minute on two cores."""
SEED = 20261126
"""The same in every run, at whatever speed; `--seed` and `--max-examples` choose others."""
MINUTES = 20
"""After which it is ended: many times what it takes. A time of its own (`--max-time`) would have it
draw on until that is over, and so other requests on each machine."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "missing_required_header",
    "ignored_auth",
    "use_after_free",
)
KEY = "a-key-of-the-test"
LOOKED_UP = ("Let me look. [SEARCH_START] him[SEARCH_END]", "He is nobody [1].")


def _tell(gateway: Gateway) -> None:
    """How each route answered how often: a run that only meets 400s has tried little."""
    answered: dict[str, dict[str, int]] = {}
    reply = gateway.get("/metrics", headers={"Authorization": f"Bearer {KEY}"})
    for family in text_string_to_metric_families(reply.text):
        for sample in family.samples:
            if sample.name == "orson_http_requests_total":
                route = f"{sample.labels['method']} {sample.labels['route']}"
                answered.setdefault(route, {})[sample.labels["status"]] = int(sample.value)
    for route, statuses in sorted(answered.items()):
        print(f"{route:70} {statuses}")


def main() -> int:
    """The status of Schemathesis."""
    executable, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        try:
            engine = stage.engine()
            engine.say(LOOKED_UP)
            gateway = stage.gateway(engine.url, api_keys=KEY)
            command = [
                executable, "run", f"{gateway.url}/openapi.json",
                "--checks", ",".join(CHECKS),
                "--header", f"Authorization: Bearer {KEY}",
                "--max-examples", str(EXAMPLES),
                "--seed", str(SEED),
                "--request-timeout", "60",
                "--suppress-health-check", "too_slow",  # it tells of the machine
                "--generation-database", "none",
                "--warnings", "off",
                *options,
            ]  # fmt: skip
            hooks = {"SCHEMATHESIS_HOOKS": "tests.schema.hooks", "PYTHONPATH": os.getcwd()}
            environment = {**os.environ, **hooks}
            try:
                return subprocess.run(
                    command, env=environment, timeout=60 * MINUTES, check=False
                ).returncode
            except subprocess.TimeoutExpired:
                print(f"Schemathesis was not done within {MINUTES} minutes.")
                return 1
            finally:
                _tell(gateway)
        finally:
            stage.close()


if __name__ == "__main__":
    sys.exit(main())
