"""What is true of every command: exit codes, streams, errors, speed."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from chalice import __version__
from chalice.cli.group import COMMANDS
from tests.cli.command import SECONDS, chalice, environment, fail, run
from tests.cli.terminal import Terminal

HEAVY = {"botocore", "boto3", "rich", "moto", "uvicorn", "asyncio", "uv"}


def test_the_version_names_chalice_python_and_the_system(tmp_path: Path) -> None:
    done = chalice("--version", cwd=tmp_path)
    system = f"{platform.system().lower()} {platform.release()}"
    python = platform.python_version()
    assert done.stdout == f"chalice {__version__}, python {python}, {system}\n"
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["new-project", "x"]])
def test_a_command_imports_nothing_heavy_that_it_does_not_need(
    tmp_path: Path, arguments: list[str]
) -> None:
    code = (
        "import sys; from chalice.cli import main; code = main(sys.argv[1:]);"
        "print(*sys.modules, sep='\\n', file=sys.stderr); sys.exit(code)"
    )
    done = run("-c", code, *arguments, cwd=tmp_path)
    assert done.returncode == 0
    modules = set(done.stderr.splitlines())
    assert "chalice.cli.run" in modules
    assert not modules & HEAVY
    assert ("chalice.config" in modules) == (arguments[0] == "new-project")
    assert not any(module.startswith("chalice.aws") for module in modules)


def test_the_help_lists_every_command_with_a_line(tmp_path: Path) -> None:
    lines = chalice("--help", cwd=tmp_path).stdout.partition("Commands:")[2].splitlines()
    listed = dict(line.split(None, 1) for line in lines if line.strip())
    assert list(listed) == list(COMMANDS)
    assert all(listed.values())


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_an_example(tmp_path: Path, command: str) -> None:
    done = chalice(command, "--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Example:\n" in done.stdout
    assert f"chalice {command}" in done.stdout.partition("Example:")[2]


def test_a_usage_error_exits_2_and_names_the_command_that_was_meant(tmp_path: Path) -> None:
    done = chalice("new-projcet", cwd=tmp_path)
    assert done.returncode == 2
    assert "No such command `new-projcet`. Did you mean `new-project`?" in done.stderr
    assert chalice("--no-such-option", cwd=tmp_path).returncode == 2
    assert chalice("new-project", "a", "b", cwd=tmp_path).returncode == 2


def test_an_error_shows_what_where_and_what_to_do(tmp_path: Path) -> None:
    done = fail("fail", "tool", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: it is broken\n  in two lines\n  --> app.py:3\n   | one(\n   |    ^\nhint: mend it\n"
    )


def test_several_errors_are_all_shown_with_their_warnings(tmp_path: Path) -> None:
    done = fail("fail", "several", cwd=tmp_path)
    assert done.stderr == (
        "warning: it is odd\n  --> app.py:1\nerror: one\nerror: two\nhint: try\n2 problems\n"
    )


def test_an_error_of_ours_exits_70_and_says_what_to_report(tmp_path: Path) -> None:
    done = fail("fail", "ours", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (70, "")
    assert done.stderr.startswith("error: internal error: KeyError: 'oops'\nhint: ")
    assert "--debug" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("how", "code"), [("ours", 70), ("tool", 1)])
def test_the_traceback_is_shown_on_demand(tmp_path: Path, how: str, code: int) -> None:
    done = fail("--debug", "fail", how, cwd=tmp_path)
    assert done.returncode == code
    assert "Traceback (most recent call last):" in done.stderr
    assert "failing.py" in done.stderr


def test_a_full_disk_is_no_error_of_ours(tmp_path: Path) -> None:
    done = fail("fail", "disk", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "error: No space left on device: a/file\n")


def test_an_interrupted_command_is_aborted(tmp_path: Path) -> None:
    done = fail("fail", "interrupted", cwd=tmp_path)
    assert (done.returncode, done.stderr.strip()) == (1, "Aborted!")


def test_a_command_decides_its_exit_code(tmp_path: Path) -> None:
    assert fail("fail", "three", cwd=tmp_path).returncode == 3


def test_a_reader_that_leaves_early_ends_the_command_quietly(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.cli.failing", "fail", "much"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(SECONDS) == 1


def test_progress_is_plain_lines_where_there_is_no_terminal(tmp_path: Path) -> None:
    done = fail("fail", "steps", cwd=tmp_path)
    assert done.stderr == "did the first [1/2]\ndid the second [2/2]\n"
    assert json.loads(done.stdout) == {"steps": 2}


def test_progress_moves_on_a_terminal(tmp_path: Path) -> None:
    terminal = Terminal("-m", "tests.cli.failing", "fail", "steps", cwd=tmp_path)
    assert terminal.leave() == 0
    assert "did the first [1/2]" in terminal.shown
    assert "Working" in terminal.shown


def test_colour_is_for_terminals_that_want_it(tmp_path: Path) -> None:
    coloured = Terminal("-m", "tests.cli.failing", "fail", "tool", cwd=tmp_path)
    assert coloured.leave() == 1
    assert "\x1b[31m" in coloured.shown
    plain = Terminal("-m", "tests.cli.failing", "fail", "tool", cwd=tmp_path, NO_COLOR="1")
    assert plain.leave() == 1
    assert "error: it is broken" in plain.shown
    assert "\x1b[" not in plain.shown


def test_the_project_directory_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    assert chalice("--project-dir", "inner", "new-project", "x", cwd=tmp_path).returncode == 0
    assert (tmp_path / "inner" / "x" / "app.py").is_file()
    missing = chalice("--project-dir", "nowhere", "new-project", "x", cwd=tmp_path)
    assert missing.returncode == 1
    assert missing.stderr == "error: cannot enter `nowhere`: No such file or directory\n"


def test_debug_logs_leave_out_uploaded_code(tmp_path: Path) -> None:
    code = """
import sys
import botocore.session
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from chalice.cli.debug import log_to_stderr
log_to_stderr()
client = botocore.session.Session().create_client(
    "lambda", region_name="eu-west-1", endpoint_url="http://127.0.0.1:1",
    aws_access_key_id="x", aws_secret_access_key="y", config=Config(retries={"max_attempts": 0}))
try:
    client.update_function_code(FunctionName="name", ZipFile=b"a lot of code")
except EndpointConnectionError:
    sys.exit(0)
"""
    done = run("-c", code, cwd=tmp_path)
    assert done.returncode == 0
    making = [line for line in done.stderr.splitlines() if "Making request for" in line]
    assert len(making) == 1
    assert "(... omitted from logs due to size ...)" in making[0]
    assert "YSBsb3Qgb2YgY29kZQ" not in making[0]
