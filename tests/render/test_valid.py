"""Templates pass the programs of those who define the language: cfn-lint, SAM's translator."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalice.render import sam
from tests.render import everything
from tests.render.checking import check
from tests.render.golden_apps import APPS, CONFIGS, FILES
from tests.render.stages import resources_of

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
