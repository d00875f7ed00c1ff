"""The values for Kubernetes fit the chart's own schema, and the image that binder/ describes."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT.parent / "shared/data/zero-to-jupyterhub-values.schema.yaml"
FIRST = "my_notebooks/00_start_here.ipynb"
needs_schema = pytest.mark.skipif(
    not SCHEMA.exists(), reason="the chart's schema is not ours to ship, and is not here"
)


@pytest.fixture
def values() -> dict[str, Any]:
    return YAML(typ="safe").load((ROOT / "classroom/values.yaml").read_text("utf-8"))


def faults(values: dict[str, Any]) -> list[str]:
    """List what the chart would refuse. What it requires may come from its own values."""
    schema = YAML(typ="safe").load(SCHEMA.read_text("utf-8"))
    found = Draft7Validator(schema).iter_errors(values)
    return [f"{error.json_path}: {error.message}" for error in found
            if error.validator != "required"]  # fmt: skip


@needs_schema
def test_the_chart_accepts_the_values(values: dict[str, Any]) -> None:
    assert faults(values) == []


@needs_schema
@pytest.mark.parametrize(
    ("where", "name", "value"),
    [
        (("singleuser",), "defaultURL", "/lab"),
        (("singleuser", "storage"), "type", "nfs"),
        (("singleuser", "memory"), "guarantee", ["300M"]),
        (("cull",), "timeout", "3600"),
        ((), "singleUser", {}),
    ],
)
def test_a_slip_is_refused(
    values: dict[str, Any], where: tuple[str, ...], name: str, value: object
) -> None:
    wrong = copy.deepcopy(values)
    part = wrong
    for key in where:
        part = part[key]
    part[name] = value
    assert len(faults(wrong)) == 1


def test_a_learner_begins_with_the_first_lesson(values: dict[str, Any]) -> None:
    assert values["singleuser"]["defaultUrl"] == f"/lab/tree/{FIRST}"
    assert (ROOT / "notebooks" / Path(FIRST).name).exists()


def test_nobody_gets_in_before_somebody_says_who(values: dict[str, Any]) -> None:
    config = values["hub"]["config"]
    assert config["JupyterHub"]["authenticator_class"] == "generic-oauth"
    assert config["Authenticator"]["allow_all"] is False


def test_the_guarantee_is_enough_for_what_was_measured(values: dict[str, Any]) -> None:
    measured = re.search(
        r"A learner takes \*\*(\d+) MB\*\*", (ROOT / "docs/rooms.md").read_text("utf-8")
    )
    assert measured
    assert int(values["singleuser"]["memory"]["guarantee"].removesuffix("M")) >= int(measured[1])
