"""Where the app is, and which files of the project go along."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from chalice.bundle import Settings, build, runtime_files
from chalice.bundle.patterns import Patterns
from chalice.config.entry import Entry
from chalice.errors import ToolError
from tests.bundle.conftest import TARGET, Projects
from tests.bundle.packages import wheel

APP = 'from chalice import Chalice\napplication = Chalice(app_name="shop")\n'
JOB = """
from chalice import Blueprint
jobs = Blueprint(__name__)

@jobs.lambda_function()
def clean(event, context):
    from chalice import Chalice
    import shop.main
    return isinstance(shop.main.application, Chalice)
"""


def made(root: Path, settings: Settings) -> Path:
    return build(root, TARGET, say=lambda line: None, settings=settings).path


def own(root: Path, settings: Settings) -> set[str]:
    """The files of the bundle that are not the runtime's."""
    with zipfile.ZipFile(made(root, settings)) as archive:
        return set(archive.namelist()) - set(runtime_files())


def test_a_package_app_is_bundled_whole(project: Projects) -> None:
    root = project({"app/__init__.py": APP, "app/views/main.py": "", "other/x.py": ""})
    (root / "app.py").unlink()
    assert own(root, Settings()) == {"app/__init__.py", "app/views/main.py"}


def test_an_app_in_a_module_of_a_package_is_what_the_runtime_imports(
    project: Projects, tmp_path: Path
) -> None:
    files = {"shop/__init__.py": "", "shop/main.py": APP, "shop/jobs.py": JOB}
    root = project(files)
    settings = Settings(entry=Entry("shop.main", "application"))
    assert own(root, settings) == set(files)
    with zipfile.ZipFile(made(root, settings)) as archive:
        archive.extractall(tmp_path / "task")
    code = "import shop.jobs, sys; print(sorted({'app', 'shop.main'} & set(sys.modules)))"
    code += "; print(shop.jobs.clean({}, None), 'shop.main' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=tmp_path / "task",
        env={"AWS_LAMBDA_FUNCTION_NAME": "shop-dev-clean"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "True True"


def test_an_app_that_is_not_there_is_named(project: Projects) -> None:
    with pytest.raises(ToolError) as caught:
        made(project(), Settings(entry=Entry("shop.main", "app")))
    assert caught.value.summary == "there is no shop/main.py to bundle"


def test_what_patterns_include_goes_along(project: Projects) -> None:
    files = {
        "templates/a.html": "",
        "templates/deep/b.html": "",
        "data/x.json": "",
        "data/x.csv": "",
        ".git/x.json": "",
        "README.md": "",
    }
    root = project(files)
    include = Patterns(("templates", "**/*.json"))
    expected = {"app.py", "templates/a.html", "templates/deep/b.html", "data/x.json"}
    assert own(root, Settings(include=include)) == expected


def test_what_patterns_exclude_stays_behind_whoever_brought_it(
    project: Projects, links: Path
) -> None:
    wheel(links, "needed", files={"needed/__init__.py": b"", "needed/docs/big.txt": b"big"})
    root = project(
        {"chalicelib/__init__.py": "", "chalicelib/fixtures/a.json": "", "vendor/v/big.txt": ""},
        requirements="needed",
    )
    names = own(root, Settings(exclude=Patterns(("chalicelib/fixtures", "**/big.txt"))))
    assert {name for name in names if ".dist-info" not in name} == {
        "app.py",
        "chalicelib/__init__.py",
        "needed/__init__.py",
    }


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("data", "data/a/b", True),
        ("data/", "data/a", True),
        ("./data", "data/a", True),
        ("data", "database", False),
        ("*.py", "a.py", True),
        ("*.py", "a/b.py", False),
        ("**/*.py", "a.py", True),
        ("**/*.py", "a/b/c.py", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z/file", True),
        ("a/**", "a/b", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("a.c", "abc", False),
    ],
)
def test_a_pattern_is_about_a_path_or_all_that_is_below_it(
    pattern: str, path: str, expected: bool
) -> None:
    assert (path in Patterns((pattern,))) is expected
