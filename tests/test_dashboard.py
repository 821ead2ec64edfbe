"""The dashboard asks for nothing that a gateway doesn't tell."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.api.stage import Engine, Gateway

DEPLOY = Path(__file__).parent.parent / "deploy"
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "orson.json").read_text())
METRIC = re.compile(r"\b(?:orson|process)_[a-z_]+")
BY = re.compile(r"by \(([^)]*)\)")
LABEL = re.compile(r"([a-z_]+)(?==~|!=|=\")")
SCRAPED = {"job", "instance", "le"}
"""Labels that Prometheus itself adds, and that every histogram has."""


def panels() -> Iterator[dict[str, Any]]:
    yield from (panel for panel in DASHBOARD["panels"] if panel["type"] != "row")


def expressions() -> Iterator[str]:
    for panel in panels():
        for target in panel["targets"]:
            yield target["expr"]
    for variable in DASHBOARD["templating"]["list"]:
        yield variable.get("definition", "")


@pytest.fixture(scope="module")
def told(main_gateway: Gateway, main_engine: Engine) -> dict[str, set[str]]:
    """Every series of a gateway that has answered, with its labels."""
    main_engine.say(("Let me look. [SEARCH_START] him[SEARCH_END]", "He is nobody [1]."))
    main_gateway.client().chat.completions.create(
        model="scripted", messages=[{"role": "user", "content": "Who is he?"}]
    )
    families = text_string_to_metric_families(main_gateway.get("/metrics").text)
    series: dict[str, set[str]] = {}
    for family in families:
        for sample in family.samples:
            series.setdefault(sample.name, set()).update(sample.labels)
    return series


def test_every_metric_exists(told: dict[str, set[str]]) -> None:
    asked = {name for expression in expressions() for name in METRIC.findall(expression)}
    assert len(asked) > 25
    assert asked - set(told) == set()


def test_every_label_exists(told: dict[str, set[str]]) -> None:
    for expression in expressions():
        known = {label for name in METRIC.findall(expression) for label in told[name]}
        grouped = {each.strip() for by in BY.findall(expression) for each in by.split(",")}
        asked = {*grouped, *LABEL.findall(expression)} - SCRAPED
        assert asked <= known, expression


def test_every_metric_of_ours_is_shown(told: dict[str, set[str]]) -> None:
    shown = " ".join(expressions())
    ours = {name for name in told if name.startswith("orson_") and "_created" not in name}
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in ours}
    assert {name for name in families if name not in shown} == set()


def test_panels_do_not_overlap_and_have_ids() -> None:
    taken: set[tuple[int, int]] = set()
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_scrape_example() -> None:
    jobs = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["scrape_configs"]
    assert [job["job_name"] for job in jobs] == ["orson", "vllm"]
    assert "metrics_path" not in jobs[0]  # /metrics is the default
