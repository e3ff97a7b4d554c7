"""The app is imported from its directory, and every way that fails is said with its place."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import pytest

from chalice.errors import ToolError
from tests.config.projects import write_files, write_project

GOOD = """
from chalice import Chalice

app = Chalice(app_name="demo")
"""


def refusal(directory: Path, app: str, **config: object) -> ToolError:
    with pytest.raises(ToolError) as caught:
        assert write_project(directory, app, **config).chalice_app
    return caught.value


def test_the_app_is_loaded_once_when_it_is_first_asked_for(tmp_path: Path) -> None:
    config = write_project(tmp_path, GOOD)
    assert "app" not in sys.modules
    assert config.chalice_app.app_name == "demo"
    assert config.scope("dev", "job").chalice_app is config.chalice_app
    assert not list(tmp_path.rglob("__pycache__"))


def test_each_project_gets_its_own_modules(tmp_path: Path) -> None:
    uses_library = """
        from chalice import Chalice
        from chalicelib.names import NAME

        app = Chalice(app_name=NAME)
        """
    for name in ("first", "second"):
        files = {"chalicelib/__init__.py": "", "chalicelib/names.py": f"NAME = '{name}'\n"}
        write_files(tmp_path / name, files)
        assert write_project(tmp_path / name, uses_library).chalice_app.app_name == name


def test_the_environment_is_set_before_the_app_is_imported(tmp_path: Path) -> None:
    app = """
        import os

        from chalice import Chalice

        app = Chalice(app_name=os.environ["GREETING"] + os.environ["HANDLER"])
        """
    config = write_project(
        tmp_path,
        app,
        environment_variables={"GREETING": "hello"},
        stages={
            "dev": {
                "lambda_functions": {
                    "api_handler": {"environment_variables": {"HANDLER": "api"}},
                    "job": {"environment_variables": {"HANDLER": "job"}},
                }
            }
        },
    )
    assert config.chalice_app.app_name == "helloapi"


def test_installed_packages_go_before_vendored_ones(tmp_path: Path) -> None:
    app = """
        import json

        import only_vendored

        from chalice import Chalice

        app = Chalice(app_name=only_vendored.NAME + json.dumps(1))
        """
    write_files(
        tmp_path, {"vendor/only_vendored.py": "NAME = 'v'\n", "vendor/json.py": "raise OSError\n"}
    )
    assert write_project(tmp_path, app).chalice_app.app_name == "v1"


def test_what_the_app_prints_at_import_stays_out_of_stdout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write_project(tmp_path, "print('importing')\n" + GOOD).chalice_app
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "importing\n")
    logging.getLogger("demo").handlers.clear()


def test_an_app_may_be_a_package(tmp_path: Path) -> None:
    config = write_project(tmp_path, GOOD)
    (tmp_path / "app").mkdir()
    (tmp_path / "app.py").rename(tmp_path / "app" / "__init__.py")
    assert config.chalice_app.app_name == "demo"


def test_a_syntax_error_is_shown_where_it_is(tmp_path: Path) -> None:
    error = refusal(tmp_path, "from chalice import Chalice\napp = = Chalice('x')\n")
    assert error.summary.startswith("app.py has a syntax error: invalid syntax")
    assert error.where == "app.py:2"
    assert error.excerpt == "app = = Chalice('x')\n      ^"


def test_a_syntax_error_in_a_module_of_the_project_is_shown_where_it_is(tmp_path: Path) -> None:
    write_files(tmp_path, {"chalicelib/__init__.py": "", "chalicelib/names.py": "x = (\n"})
    error = refusal(tmp_path, "import chalicelib.names\n")
    assert str(error.where).startswith("chalicelib/names.py:")
    assert "syntax error" in error.summary


def test_a_syntax_error_in_a_dependency_points_at_the_import(tmp_path: Path) -> None:
    write_files(tmp_path, {"vendor/ancient.py": "print 'hello'\n"})
    error = refusal(tmp_path, "\nimport ancient\n")
    assert error.where == "app.py:2"
    assert "ancient.py has a syntax error" in error.summary


@pytest.mark.parametrize(
    ("module", "requirements", "hint"),
    [
        (
            "no_such_thing",
            "",
            "add `no_such_thing` to requirements.txt and install it here:"
            " pip install no_such_thing",
        ),
        (
            "no_such_thing.inner",
            "Other\nNo-Such_Thing>=1\n",
            "requirements.txt has it; install it here: pip install -r requirements.txt",
        ),
        (
            "bs4.no_such_thing",
            "",
            "add `beautifulsoup4` to requirements.txt and install it here:"
            " pip install beautifulsoup4",
        ),
        (
            "chalicelib.missing",
            "",
            "modules of the project live in `chalicelib/`, which needs an `__init__.py`",
        ),
    ],
)
def test_a_missing_module_has_a_hint_that_installs_it(
    tmp_path: Path, module: str, requirements: str, hint: str
) -> None:
    write_files(tmp_path, {"requirements.txt": requirements})
    error = refusal(tmp_path, f"import os\nimport {module}\n")
    assert error.summary.startswith("importing app.py raised ModuleNotFoundError: No module named")
    assert error.where == "app.py:2"
    assert error.hint == hint


def test_an_exception_at_import_has_the_innermost_place_of_the_project(tmp_path: Path) -> None:
    library = "import json\n\ndef read():\n    return json.loads('no')\n"
    write_files(tmp_path, {"chalicelib/__init__.py": "", "chalicelib/settings.py": library})
    error = refusal(tmp_path, "from chalicelib.settings import read\n\nread()\n")
    assert error.summary.startswith("importing app.py raised JSONDecodeError: Expecting value")
    assert error.where == "chalicelib/settings.py:4 in `read`"


def test_a_missing_environment_variable_has_a_hint(tmp_path: Path) -> None:
    assert "NO_SUCH_NAME" not in os.environ
    error = refusal(tmp_path, "import os\nx = os.environ['NO_SUCH_NAME']\n")
    assert error.where == "app.py:2"
    assert str(error.hint).startswith("set `NO_SUCH_NAME` in `environment_variables`")


def test_an_app_that_exits_at_import_is_an_error(tmp_path: Path) -> None:
    error = refusal(tmp_path, "import sys\n\nsys.exit(3)\n")
    assert error.summary == "app.py exits while it is imported (with 3)"
    assert error.where == "app.py:3"


@pytest.mark.parametrize(
    ("app", "summary", "hint"),
    [
        ("x = 1\n", "app.py has no variable `app`", 'app = Chalice(app_name="demo")'),
        (
            "from chalice import Chalice\nmine = Chalice('x')\n",
            "app.py has no variable `app`",
            "name the app `app`, not `mine`",
        ),
        (
            "app = 'flask'\n",
            "`app` is not a Chalice app but an object of type `str`",
            'app = Chalice(app_name="demo")',
        ),
    ],
)
def test_a_module_without_an_app_is_an_error(
    tmp_path: Path, app: str, summary: str, hint: str
) -> None:
    error = refusal(tmp_path, app)
    assert error.summary == summary
    assert hint in str(error.hint)


def test_a_project_without_app_py_is_an_error(tmp_path: Path) -> None:
    config = write_project(tmp_path, GOOD)
    (tmp_path / "app.py").unlink()
    with pytest.raises(ToolError, match=r"the project has no app\.py"):
        assert config.chalice_app


def test_variables_that_this_machine_cannot_hold_are_errors(tmp_path: Path) -> None:
    error = refusal(tmp_path, GOOD, environment_variables={"A=B": "x", "BAD": "a\0b"})
    assert [each.where for each in error.problems] == [
        ".chalice/config.json:5",
        ".chalice/config.json:6",
    ]
