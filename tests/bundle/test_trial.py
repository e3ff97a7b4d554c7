"""The app is imported from its bundle, with what functions have and nothing else."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from chalice.bundle import Bundles, Settings, Target, build, build_with_layer
from chalice.bundle import tried as importing
from chalice.bundle.trial import Trial
from chalice.config.entry import Entry
from chalice.errors import ToolError
from tests.bundle.conftest import Projects, write
from tests.bundle.packages import wheel

MACHINE = "arm64" if platform.machine() == "aarch64" else "x86_64"
HERE = Target(f"3.{sys.version_info[1]}", "arm64" if MACHINE == "arm64" else "x86_64")
TRIED = Settings(check=True)
GOOD = 'from chalice import Chalice\napp = Chalice(app_name="shop")\n'


def tried(root: Path, settings: Settings = TRIED, target: Target = HERE) -> list[str]:
    """What is said while the bundle is made and tried."""
    said: list[str] = []
    made = Bundles(build(root, target, say=said.append, settings=settings))
    with importing(root, target, made, settings, said.append):
        pass
    return [line for line in said if "deployment package" not in line]


def refused(root: Path, settings: Settings = TRIED) -> ToolError:
    with pytest.raises(ToolError) as caught:
        tried(root, settings)
    return caught.value


def test_a_bundle_that_can_be_imported_is_tried_once(project: Projects, links: Path) -> None:
    wheel(links, "needed", files={"needed.py": b"import sys\nsys.stdout.write('x')\n"})
    app = "import needed, vendored, chalicelib.more\n" + GOOD
    files = {"app.py": app, "vendor/vendored.py": "", "chalicelib/more.py": ""}
    root = project(files, requirements="needed")
    assert tried(root) == []
    [mark] = (root / ".chalice/deployments").glob("imported-*")
    before = mark.stat()
    assert tried(root) == []
    assert mark.stat() == before
    write(root / "app.py", app + "import gone\n")
    assert "gone" in refused(root).summary
    assert "gone" in refused(root).summary


@pytest.mark.parametrize(
    ("app", "summary", "where", "hint"),
    [
        (
            "import chalicelib\nimport helpers\n",
            "raised ModuleNotFoundError: No module named 'helpers'",
            "app.py:2",
            "name it in `bundle_include`",
        ),
        ("import yaml\n", "No module named 'yaml'", "app.py:1", "add `PyYAML` to the req"),
        (
            "import os\nos.environ['TABLE_OF_SHELL']\n",
            "raised KeyError: 'TABLE_OF_SHELL'",
            "app.py:2",
            "set `TABLE_OF_SHELL` in `environment_variables`",
        ),
        ("import chalicelib.bad\n", "raised ZeroDivisionError", "chalicelib/bad.py:3", "false"),
        ("match = 1 +\n", "raised SyntaxError", "app.py:1", "bundle_check"),
        ("x = 1\n", "has no variable `app`", "app.py", ""),
        ("import os\nos._exit(3)\n", "ended the process (with 3)", "app.py", ""),
    ],
)
def test_an_app_that_the_bundle_cannot_run_is_told_with_its_place(
    project: Projects,
    monkeypatch: pytest.MonkeyPatch,
    app: str,
    summary: str,
    where: str,
    hint: str,
) -> None:
    monkeypatch.setenv("TABLE_OF_SHELL", "x")
    files = {"chalicelib/__init__.py": "", "chalicelib/bad.py": "\n\n1 / 0\n", "helpers.py": ""}
    error = refused(project({**files, "app.py": app}))
    assert summary in error.summary
    assert error.where == where
    assert hint in (error.hint or "")


def test_the_variables_of_the_configuration_are_there_and_no_account_is(
    project: Projects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "mine")
    app = """
import os
assert os.environ["TABLE"] == "orders"
assert "mine" not in os.environ.values()
assert os.environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"
assert os.environ["AWS_LAMBDA_FUNCTION_NAME"]
app = 1
"""
    environment = {"TABLE": "orders", "AWS_ENDPOINT_URL": "https://elsewhere"}
    assert tried(project({"app.py": app}), Settings(check=True, environment=environment)) == []


@pytest.mark.parametrize(
    ("app", "said"),
    [
        ("raise ConnectionRefusedError\n", "where it makes a call over the network"),
        (
            "try:\n    raise TimeoutError\nexcept OSError as e:\n    raise ValueError from e\n",
            "where it makes a call over the network",
        ),
        ("import botocore.session\nbotocore.session.get_session()\n" + GOOD, ""),
    ],
)
def test_what_only_fails_for_want_of_a_network_or_of_lambda_is_let_pass(
    project: Projects, app: str, said: str
) -> None:
    lines = tried(project({"app.py": app}))
    assert [said in line for line in lines] == ([True] if said else [])


def test_where_it_cannot_be_tried_that_is_said(project: Projects) -> None:
    root = project({"vendor/fast.so": b"\x7fELF"})
    other = Target(HERE.python_version, "x86_64" if MACHINE == "arm64" else "arm64")
    assert "native code" in tried(root, target=other)[0]
    assert "is not here" in tried(project(), target=Target("3.99", "x86_64"))[0]


def test_an_app_that_takes_too_long_is_stopped(project: Projects) -> None:
    root = project({"app.py": "import time\ntime.sleep(60)\n"})
    made = build(root, HERE, say=lambda line: None)
    trial = Trial(root, made.path, None, lambda: None, TRIED, HERE, print, timeout=0.3)
    with pytest.raises(ToolError, match="took more than 0 seconds"):
        trial.run([made.sha256])


def test_requirements_that_share_a_package_with_the_project_are_tried_together(
    project: Projects, links: Path
) -> None:
    wheel(links, "shared", files={"shared/__init__.py": b"", "shared/a.py": b"A = 1\n"})
    files = {"app.py": "from shared import a, b\n" + GOOD, "vendor/shared/b.py": "B = 1\n"}
    assert tried(project(files, requirements="shared")) == []


def test_an_app_in_a_package_is_tried_with_its_layer(project: Projects, links: Path) -> None:
    wheel(links, "needed")
    files = {"shop/__init__.py": "", "shop/main.py": "import needed\nshop = needed.ANSWER\n"}
    root = project(files, requirements="needed")
    said: list[str] = []
    settings = Settings(Entry("shop.main", "shop"), check=True)
    made = build_with_layer(root, HERE, say=said.append, settings=settings)
    assert made.layer
    with importing(root, HERE, made, settings, said.append):
        pass
    assert not [line for line in said if "import" in line]
