"""Templates pass the programs of those who define the language: cfn-lint, SAM's translator."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from chalice.render import CODE_FILE, LAYER_FILE, Template, sam, text
from tests.render import everything
from tests.render.golden_apps import APPS, CONFIGS, FILES
from tests.render.stages import resources_of

cfnlint = pytest.importorskip("cfnlint.api")
translator = pytest.importorskip("samtranslator.translator.transform")

EXPECTED = {"I3011"}
"""Log groups go with the stack, as they always did; nothing says so."""
STAGES = [f"{name} {stage}" for name in CONFIGS for stage in CONFIGS[name]["stages"]]


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The translator asks boto3 for a region."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.mark.parametrize("name", STAGES)
def test_templates_of_apps_are_valid(name: str, tmp_path: Path) -> None:
    app, stage = name.split()
    check(sam.render(resources_of(APPS[app](), tmp_path, CONFIGS[app], stage, FILES)))


@pytest.mark.parametrize("name", everything.CONFIGS)
def test_templates_of_all_there_is_are_valid(name: str, tmp_path: Path) -> None:
    check(sam.render(everything.stage(name, tmp_path)))


def check(template: Template) -> None:
    settled = sam.settled(template)
    found = lint(settled)
    assert found == [], found
    made = translated(settled)
    assert "Transform" not in made


def lint(template: Template) -> list[str]:
    """Return what cfn-lint says of a template, hints included."""
    content = text.written(template, "json")
    for short in ('"sg-1"', '"subnet-1"'):
        content = content.replace(short, short.replace("1", "12345678"))
    config = {"include_checks": ["I"], "regions": ["us-east-1"]}
    matches = cfnlint.lint(content, config=config)
    return [str(match) for match in matches if match.rule.id not in EXPECTED]


def translated(template: Template) -> Template:
    """Return the template without SAM, as CloudFormation itself translates it."""
    uploaded = json.dumps(template)
    for name in (CODE_FILE, LAYER_FILE):
        uploaded = uploaded.replace(f"./{name}", f"s3://bucket/{name}")
    made: Any = translator.transform(json.loads(uploaded), {}, NoPolicies())
    return copy.deepcopy(dict(made))


class NoPolicies:
    """The managed policies that SAM may look up by their names: no template names any."""

    def load(self) -> dict[str, str]:
        return {}
