"""The container files hold together: what they copy, name and set exists. No Docker is needed."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.settings import Settings
from model_server.settings import ModelServerSettings

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
STAGES = dict(re.findall(r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM |\Z)", DOCKERFILE, re.M | re.S))


@pytest.mark.parametrize("target", ["gateway", "model-server"])
def test_a_target_is_no_root_and_says_how_it_is(target: str) -> None:
    assert re.search(r"^USER orson$", STAGES[target], re.M)
    assert re.search(r"^HEALTHCHECK ", STAGES[target], re.M)


def test_the_gateway_needs_no_torch() -> None:
    assert not re.search(
        r"^(torch|vllm|transformers)==", (ROOT / "requirements.lock").read_text(), re.M
    )


def test_the_launcher_is_copied_whole() -> None:
    copied = {
        Path(name).name for name in re.findall(r"model_server/\w+\.py", STAGES["model-server"])
    }
    needed, seen = {"__init__.py", "__main__.py"}, set[str]()
    while needed - seen:
        name = (needed - seen).pop()
        seen.add(name)
        text = (ROOT / "model_server" / name).read_text()
        needed |= {
            f"{module}.py" for module in re.findall(r"^from model_server\.(\w+) ", text, re.M)
        }
    assert copied == needed


def test_services_name_what_there_is() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        if "build" in service:
            assert service["build"]["target"] in STAGES
        assert set(service.get("depends_on", ())) <= set(services)
        for volume in service.get("volumes", ()):
            assert volume.split(":")[0] in COMPOSE["volumes"]
        for config in service.get("configs", ()):
            assert config["source"] in COMPOSE["configs"]
    assert services["orson-cpu"]["profiles"] == ["cpu"]
    assert yaml.safe_load(COMPOSE["configs"]["searxng"]["content"])["search"]["formats"] == [
        "html", "json",
    ]  # fmt: skip


def test_images_that_are_pulled_are_pinned() -> None:
    pulled = [one["image"] for one in COMPOSE["services"].values() if "image" in one]
    pulled += re.findall(r"^FROM (\S+:\S+|\S+/\S+)", DOCKERFILE, re.M)
    assert pulled
    for image in pulled:
        name, _, tag = image.partition(":")
        assert tag, f"{name} has no tag"
        assert tag != "latest", f"{name} changes under our feet"


def test_variables_are_settings() -> None:
    known = {f"ORSON_{name}".upper() for name in Settings.model_fields}
    known |= {f"MODEL_SERVER_{name}".upper() for name in ModelServerSettings.model_fields}
    for service in COMPOSE["services"].values():
        for variable in service.get("environment", ()):
            if variable.startswith(("ORSON_", "MODEL_SERVER_")):
                assert variable in known
    example = (ROOT / ".env.example").read_text()
    for name in ModelServerSettings.model_fields:
        assert f"#MODEL_SERVER_{name}=".upper() in example


def test_a_gateway_that_needs_no_key_is_published_on_this_machine_only() -> None:
    for name in ("orson", "orson-cpu"):
        service = COMPOSE["services"][name]
        assert service["environment"]["ORSON_HOST"] == "0.0.0.0"  # or its port leads nowhere
        assert service["environment"]["ORSON_OPEN"] == "${ORSON_OPEN:-true}"
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
