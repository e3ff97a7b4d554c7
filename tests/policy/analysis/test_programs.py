"""The programs of the benchmark: every call found, none too much."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.policy.actions import grants
from chalice.policy.analysis import analyse, discover
from tests.policy.analysis.projects import models

PROGRAMS = Path(__file__).parents[3] / "bench" / "policy" / "programs"
NAMES = sorted(path.parent.name for path in PROGRAMS.glob("*/truth.json"))


@pytest.mark.parametrize("name", NAMES)
def test_each_function_is_granted_what_it_needs(name: str) -> None:
    program = PROGRAMS / name
    settings = program / "environment.json"
    environment = json.loads(settings.read_text()) if settings.exists() else {}
    functions = discover(program, models())
    found = analyse(program, functions, lambda _: environment, models())
    granted: dict[str, dict[str, list[str]]] = {}
    for function, findings in found.items():
        pairs = {pair for call in findings.calls for pair in grants(call)}
        pairs |= {(each.action, each.resource or "*") for each in findings.declared}
        by_action: dict[str, list[str]] = {}
        for action, resource in sorted(pairs):
            by_action.setdefault(action, []).append(resource)
        granted[function] = by_action
    truth = json.loads((program / "truth.json").read_text())
    assert granted == {
        function: {action: sorted(names) for action, names in needs.items()}
        for function, needs in truth.items()
    }
