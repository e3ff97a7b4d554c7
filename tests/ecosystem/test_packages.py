"""Packages from PyPI that build on chalice, used by small programs: they work unchanged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ecosystem.conftest import Environment

PROGRAMS = Path(__file__).parent / "programs"
USES = {
    "uses_apispec_chalice": "apispec-0",
    "uses_chalice_cognito_auth": "current",
    "uses_chalice_spec": "current",
    "uses_powertools": "current",
    "uses_pytest_chalice": "current",
    "uses_sentry": "current",
    "uses_strawberry": "current",
}


def test_every_program_is_run() -> None:
    assert {path.stem for path in PROGRAMS.glob("*.py")} == set(USES)


@pytest.mark.slow
@pytest.mark.parametrize("program", USES)
def test_the_package_works_unchanged(
    program: str, environment: Callable[[str], Environment]
) -> None:
    environment(USES[program]).run(PROGRAMS / f"{program}.py")
