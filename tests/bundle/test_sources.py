"""The source of requirements, as the analysis of a project reads it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from chalice.bundle import Settings, sources
from chalice.errors import ToolError
from tests.bundle.conftest import TARGET, Projects
from tests.bundle.packages import wheel

FILES = {
    "shop/__init__.py": b"A = 1\n",
    "shop/aws/tables.py": b"B = 2\n",
    "shop/data.json": b"{}",
    "shopping.py": b"C = 3\n",
    "parts/one/a.py": b"D = 4\n",
    "parts/two/b.py": b"E = 5\n",
}


@pytest.fixture
def root(project: Projects, links: Path) -> Path:
    wheel(links, "python_shop", files=FILES)
    return project(requirements="python_shop")


def found(root: Path, names: Sequence[str]) -> dict[str, bytes]:
    with sources(root, TARGET, names, Settings(), say=lambda line: None) as directory:
        paths = [path for path in directory.rglob("*") if path.is_file()]
        return {path.relative_to(directory).as_posix(): path.read_bytes() for path in paths}


def test_only_modules_of_the_named_packages_are_there(root: Path) -> None:
    shop = {name: FILES[name] for name in ("shop/__init__.py", "shop/aws/tables.py")}
    assert found(root, ["shop"]) == shop
    assert found(root, ["shopping", "parts.two"]) == {
        "shopping.py": b"C = 3\n",
        "parts/two/b.py": b"E = 5\n",
    }


def test_nothing_is_left_of_them(root: Path) -> None:
    with sources(root, TARGET, ["shop"], Settings(), say=lambda line: None) as directory:
        assert (directory / "shop").is_dir()
    assert not directory.exists()


def test_a_package_that_no_requirement_brings_is_an_error(root: Path, project: Projects) -> None:
    with pytest.raises(ToolError) as raised:
        found(root, ["shop", "python_shop"])
    assert raised.value.summary == "no requirement brings a package `python_shop`"
    assert raised.value.hint == (
        "name it as it is imported; the requirements bring: parts, shop, shopping"
    )
    with pytest.raises(ToolError, match="`shop`") as raised:
        found(project(name="empty"), ["shop"])
    assert str(raised.value.hint).endswith("the requirements bring: nothing")
