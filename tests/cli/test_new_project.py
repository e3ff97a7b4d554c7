"""``chalice new-project`` makes a project that works, or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalice import __version__
from tests.cli.command import chalice, run
from tests.cli.terminal import Terminal

ASK = """
import json
from chalice.config import load
from pathlib import Path
app = load(Path("shop"), "dev").chalice_app
event = {"requestContext": {"resourcePath": "/", "httpMethod": "GET"}, "headers": {},
         "multiValueQueryStringParameters": None, "pathParameters": None, "body": None,
         "stageVariables": None}
print(app(event, None)["body"])
"""


def test_the_new_project_answers_its_first_request(tmp_path: Path) -> None:
    done = chalice("new-project", "shop", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Your project has been generated in ./shop\n"
    project = tmp_path / "shop"
    files = {str(path.relative_to(project)) for path in project.rglob("*") if path.is_file()}
    assert files == {".chalice/config.json", ".gitignore", "app.py", "requirements.txt"}
    config = {
        "version": "2.0",
        "app_name": "shop",
        "autogen_policy": "scoped",
        "iam_role_per_function": True,
        "stages": {"dev": {"api_gateway_stage": "api"}},
    }
    text = (project / ".chalice" / "config.json").read_text()
    assert text == json.dumps(config, indent=2) + "\n"
    ignored = (project / ".gitignore").read_text().splitlines()
    assert {".chalice/deployments/", ".chalice/venv/", ".chalice/deployed/local/"} <= set(ignored)
    assert (project / "requirements.txt").read_text() == ""
    assert run("-c", ASK, cwd=tmp_path).stdout == '{"hello":"world"}\n'


def test_what_is_commented_out_in_the_new_app_works(tmp_path: Path) -> None:
    assert chalice("new-project", "shop", cwd=tmp_path).returncode == 0
    app = tmp_path / "shop" / "app.py"
    examples = app.read_text().partition("# A function under")[2].splitlines()
    code = "\n".join(line[2:] for line in examples if line.startswith(("# @", "# def", "#     ")))
    app.write_text(f"{app.read_text()}\n{code}\n")
    listing = """
from chalice.config import load
from pathlib import Path
app = load(Path("shop"), "dev").chalice_app
print([(path, *methods) for path, methods in app.routes.items()])
"""
    done = run("-c", listing, cwd=tmp_path)
    assert done.stdout == "[('/', 'GET'), ('/hello/{name}', 'GET'), ('/users', 'POST')]\n"


def test_the_types_with_tests_have_a_package_and_what_tests_need(tmp_path: Path) -> None:
    for kind in ("rest-api", "s3-event-handler", "lambda-only"):
        assert chalice("new-project", "-t", kind, kind, cwd=tmp_path).returncode == 0
        project = tmp_path / kind
        files = {str(path.relative_to(project)) for path in project.rglob("*") if path.is_file()}
        assert files == {
            ".chalice/config.json",
            ".gitignore",
            "app.py",
            "chalicelib/__init__.py",
            "requirements-dev.txt",
            "requirements.txt",
            "tests/__init__.py",
            "tests/test_app.py",
        }
        needed = (project / "requirements-dev.txt").read_text().splitlines()
        assert needed == [f"chalice=={__version__}", "pytest"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("my app", "`my-app`"),
        ("foo/bar", "`foo-bar`"),
        ("../up", "`up`"),
        ("1shop", "`shop`"),
        ("", "a letter first"),
        ("été", "a letter first"),
        ("x" * 61, "use up to 60 characters, not 61"),
    ],
)
def test_a_name_that_cannot_name_resources_is_refused(tmp_path: Path, name: str, hint: str) -> None:
    done = chalice("new-project", "--", name, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert hint in done.stderr.partition("hint: ")[2]
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "mine.txt").write_text("mine")
    (tmp_path / "dangling").symlink_to("nowhere")
    for name in ("shop", "dangling"):
        done = chalice("new-project", name, cwd=tmp_path)
        assert done.returncode == 1
        assert f"error: Directory already exists: {name}\n" in done.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["dangling", "mine.txt", "shop"]


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    code = """
import resource, sys, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
from chalice.cli import main
sys.exit(main(["new-project", "shop"]))
"""
    done = run("-B", "-c", code, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: File too large")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_type_is_refused_with_those_there_are(tmp_path: Path) -> None:
    done = chalice("new-project", "shop", "-t", "lambda", cwd=tmp_path)
    assert done.returncode == 1
    assert "error: there is no project type `lambda`\nhint: the types are: legacy" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_profile_option_is_accepted(tmp_path: Path) -> None:
    assert chalice("new-project", "x", "--profile", "work", cwd=tmp_path).returncode == 0


def test_a_missing_name_is_a_usage_error_without_a_terminal(tmp_path: Path) -> None:
    done = chalice("new-project", cwd=tmp_path)
    assert done.returncode == 2
    assert "Missing argument 'PROJECT_NAME'" in done.stderr


def test_a_missing_name_is_asked_for_on_a_terminal(tmp_path: Path) -> None:
    terminal = Terminal("-m", "chalice", "new-project", cwd=tmp_path)
    terminal.wait_for("Name of the project")
    terminal.type("shop\n")
    assert terminal.leave() == 0
    assert (tmp_path / "shop" / "app.py").is_file()


def test_an_answer_that_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    terminal = Terminal("-m", "chalice", "new-project", cwd=tmp_path)
    terminal.wait_for("Name of the project")
    assert terminal.interrupt() == 1
    assert "Aborted!" in terminal.shown
    assert list(tmp_path.iterdir()) == []
