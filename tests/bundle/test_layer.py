"""The layer of requirements: what is in it, what stays with the app, and when it changes."""

from __future__ import annotations

import zipfile
from pathlib import Path

from chalice.bundle import Bundle, Bundles, build_with_layer
from tests.bundle.conftest import TARGET, Projects, write
from tests.bundle.packages import wheel

PREFIX = "python/lib/python3.12/site-packages/"


def bundles(project_dir: Path) -> Bundles:
    return build_with_layer(project_dir, TARGET, say=lambda line: None)


def names(bundle: Bundle | None) -> set[str]:
    assert bundle is not None
    return set(zipfile.ZipFile(bundle.path).namelist())


def test_requirements_and_vendor_are_in_the_layer_and_the_app_is_not(
    project: Projects, links: Path
) -> None:
    wheel(links, "needed")
    root = project(
        {"vendor/mine.py": "B = 2\n", "chalicelib/__init__.py": ""}, requirements="needed"
    )
    made = bundles(root)
    inside = names(made.layer)
    assert {f"{PREFIX}needed.py", f"{PREFIX}mine.py"} <= inside
    assert all(name.startswith(PREFIX) for name in inside)
    code = names(made.code)
    assert {"app.py", "chalicelib/__init__.py", "chalice/app.py"} <= code
    assert not {name for name in code if "needed" in name or "mine" in name}


def test_the_layer_stays_the_same_when_only_the_app_changes(project: Projects) -> None:
    root = project({"vendor/mine.py": "B = 2\n"})
    first = bundles(root)
    write(root / "app.py", "ANSWER = 43\n")
    second = bundles(root)
    assert first.layer
    assert second.layer
    assert (second.layer.sha256, second.layer.reused) == (first.layer.sha256, True)
    assert second.code.sha256 != first.code.sha256
    write(root / "vendor/mine.py", "B = 3\n")
    third = bundles(root)
    assert third.layer
    assert third.layer.sha256 != first.layer.sha256
    assert third.code.sha256 == second.code.sha256


def test_without_anything_to_put_into_it_there_is_no_layer(project: Projects) -> None:
    assert bundles(project()).layer is None
    assert bundles(project({"vendor/empty.py": ""})).layer is None
    assert bundles(project({"requirements.txt": "# nothing\n"})).layer is None
