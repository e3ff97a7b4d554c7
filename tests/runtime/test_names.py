"""The import surface: what `chalice` and `chalice.app` offer, and what importing them loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import chalice
import chalice.app
from chalice.runtime import HOMES

ROOT = Path(chalice.__file__).parent


def checked_names(path: Path) -> set[str]:
    """The names that a type checker sees in the module's `if TYPE_CHECKING:`."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.If):
            for imported in node.body:
                assert isinstance(imported, ast.ImportFrom)
                if imported.module != "typing":
                    names |= {alias.name for alias in imported.names}
    return names


def test_type_checkers_and_programs_see_the_same_names() -> None:
    top = set(chalice.__all__) - {"__version__"}
    assert checked_names(ROOT / "__init__.py") == top | {"app"}
    assert top <= set(HOMES)
    public = set(chalice.app.__all__) - {"__version__"}
    assert checked_names(ROOT / "app.py") == public == set(HOMES)


@pytest.mark.parametrize("name", sorted(HOMES))
def test_a_name_is_defined_where_it_is_said_to_be(name: str) -> None:
    value = getattr(chalice.app, name)
    assert value is vars(sys.modules[HOMES[name]])[name]
    if isinstance(value, type) and value.__module__.startswith("chalice."):
        assert value.__module__ == HOMES[name]
    if name in chalice.__all__:
        assert getattr(chalice, name) is value


def test_versions_agree() -> None:
    assert chalice.__version__ == chalice.chalice_version == chalice.app.__version__


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="module 'chalice' has no attribute 'nothing'"):
        _ = chalice.nothing
    with pytest.raises(AttributeError, match=r"module 'chalice\.app' has no attribute 'nothing'"):
        _ = chalice.app.nothing  # type: ignore[attr-defined]
    assert set(chalice.__all__) <= set(dir(chalice))
    assert set(HOMES) <= set(dir(chalice.app))


def test_a_star_import_and_the_app_attribute_work() -> None:
    program = (
        "from chalice import *; import chalice; "
        "assert Chalice is chalice.app.Chalice; assert BadRequestError.STATUS_CODE == 400"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT.parent)
