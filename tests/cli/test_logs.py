"""``chalice logs``, run as a program against a scripted AWS."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.aws.scripted import ScriptedAws, error, log_event, page
from tests.cli.command import SECONDS, chalice, environment
from tests.cli.deployed import record
from tests.cli.terminal import Terminal

ID = "39724eb9-5808-4147-b61e-df3e3dbe1fbe"
NOON = 1_790_000_000_000  # 2026-09-21T14:13:20Z in milliseconds
STREAM = "2026/09/21/[$LATEST]6b1b9d84f5834f7d"


def logs(
    scripted: ScriptedAws, project: Path, *arguments: str, code: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run ``chalice logs …`` with AWS being what is scripted."""
    done = chalice("logs", *arguments, cwd=project, **scripted.environment())
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def said(at: int, message: str, **more: str) -> Any:
    return log_event(NOON + at, message, **{"stream": STREAM, **more})


def test_a_line_has_time_stream_and_message(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "api_handler", "job")
    scripted.says(
        "FilterLogEvents",
        page(
            said(-1, "INIT_START Runtime Version: python:3.12.v36\n"),
            said(0, f"START RequestId: {ID} Version: $LATEST\n"),
            said(0, "  asked\n\n", id_="asked"),
            said(5, "two\nlines\n", stream="other"),
            said(6, f"REPORT RequestId: {ID}\tDuration: 1 ms\t\n"),
        ),
    )
    shown = "2026-09-21 14:13:20 6b1b9d   asked\n2026-09-21 14:13:20.005000 other two\nlines\n"
    assert logs(scripted, tmp_path).stdout == shown
    [asked] = scripted.asked("FilterLogEvents")
    assert asked == {"logGroupName": "/aws/lambda/demo-dev-api_handler", "interleaved": True}
    everything = logs(scripted, tmp_path, "--include-lambda-messages").stdout
    assert len(everything.splitlines()) == 6
    assert everything.endswith(f"6b1b9d REPORT RequestId: {ID}\tDuration: 1 ms\n")


def test_only_so_many_entries_are_shown(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "job")
    scripted.says(
        "FilterLogEvents",
        page(said(0, "INIT_START x"), said(1, "one"), said(2, "two"), then="more"),
        page(said(3, "three"), then="and more"),
    )
    done = logs(scripted, tmp_path, "-n", "job", "--num-entries", "3")
    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["one", "two", "three"]
    assert len(scripted.asked("FilterLogEvents")) == 2
    assert logs(scripted, tmp_path, "--num-entries", "0", code=2).stdout == ""


def test_all_functions_are_shown_together(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "job", "a_function_with_a_very_long_name", "last")
    scripted.says(
        "FilterLogEvents", page(said(2, "two")), page(said(1, "one"), said(3, "three")), page()
    )
    assert logs(scripted, tmp_path, "--all").stdout.splitlines() == [
        "a_function_with_a_very_long_name 2026-09-21 14:13:20.001000 6b1b9d one",
        "job                      2026-09-21 14:13:20.002000 6b1b9d two",
        "a_function_with_a_very_long_name 2026-09-21 14:13:20.003000 6b1b9d three",
    ]
    names = [asked["logGroupName"] for asked in scripted.asked("FilterLogEvents")]
    assert len(set(names)) == 3
    assert "exclude each other" in logs(scripted, tmp_path, "--all", "-n", "job", code=2).stderr


def test_names_have_colours_on_a_terminal(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "job", "other")
    scripted.says("FilterLogEvents", page(said(1, "one")), page(said(2, "two")))
    arguments = ["-m", "chalice", "logs", "--all"]
    terminal = Terminal(*arguments, cwd=tmp_path, **scripted.environment())
    assert terminal.leave() == 0
    first, second = (line.partition("2026")[0] for line in terminal.shown.splitlines())
    assert (first, second) == ("\x1b[36mjob  \x1b[0m ", "\x1b[32mother\x1b[0m ")


def test_what_a_terminal_cannot_show_is_escaped(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "job")
    scripted.says("FilterLogEvents", page(said(0, "5 \N{EURO SIGN}")))
    old = {**scripted.environment(), "PYTHONIOENCODING": "latin-1"}
    done = chalice("logs", "-n", "job", cwd=tmp_path, **old)
    assert (done.returncode, done.stdout) == (0, "2026-09-21 14:13:20 6b1b9d 5 \\u20ac\n")


def test_a_json_object_a_line_for_programs(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "job")
    scripted.says(
        "FilterLogEvents",
        page(
            said(0, f"START RequestId: {ID} Version: $LATEST\n"),
            said(0, "plain\n", id_="plain"),
            said(1, '{"level": "INFO", "message": "hé"}\n'),
        ),
    )
    lines = logs(scripted, tmp_path, "-n", "job", "--json").stdout.splitlines()
    same = {"function": "job", "stream": STREAM, "request_id": ID}
    assert [json.loads(line) for line in lines] == [
        {"timestamp": "2026-09-21T14:13:20.000Z", **same, "level": None, "message": "plain"},
        {
            "timestamp": "2026-09-21T14:13:20.001Z",
            **same,
            "level": "INFO",
            "message": '{"level": "INFO", "message": "hé"}',
        },
    ]


@pytest.mark.parametrize(
    ("since", "start"),
    [
        ("2026-09-21T14:13:20", NOON),
        ("2026-09-21T14:13:20Z", NOON),
        ("2026-09-21T16:13:20.500+02:00", NOON + 500),
        ("2026-09-21", NOON - (14 * 3600 + 13 * 60 + 20) * 1000),
    ],
)
def test_logs_begin_at_a_moment(
    scripted: ScriptedAws, tmp_path: Path, since: str, start: int
) -> None:
    record(tmp_path, "job")
    scripted.says("FilterLogEvents", page())
    assert logs(scripted, tmp_path, "-n", "job", "--since", since).stdout == ""
    assert scripted.asked("FilterLogEvents")[0]["startTime"] == start


@pytest.mark.parametrize(
    ("since", "seconds"), [("30s", 30), ("5m", 300), ("2h", 7200), ("1d", 86400), ("2w", 1209600)]
)
def test_logs_begin_some_time_ago(
    scripted: ScriptedAws, tmp_path: Path, since: str, seconds: int
) -> None:
    record(tmp_path, "job")
    scripted.says("FilterLogEvents", page())
    logs(scripted, tmp_path, "-n", "job", "-s", since)
    ago = time.time() - scripted.asked("FilterLogEvents")[0]["startTime"] / 1000
    assert seconds <= ago < seconds + 30


@pytest.mark.parametrize("since", ["soon", "5", "5y", "-5m", "2026-13-01", "9" * 30 + "w", ""])
def test_another_beginning_is_explained(scripted: ScriptedAws, tmp_path: Path, since: str) -> None:
    said = logs(scripted, tmp_path, f"--since={since}", code=2).stderr
    assert f"`{since}` is neither a time ago (30s, 10m, 2h, 1d, 1w) nor a moment" in said


def test_following_shows_what_comes_until_it_is_interrupted(
    scripted: ScriptedAws, tmp_path: Path
) -> None:
    record(tmp_path, "job")
    soon = int(time.time() * 1000)
    scripted.says(
        "FilterLogEvents",
        error("ResourceNotFoundException"),
        page(log_event(soon, "first")),
        page(log_event(soon, "first"), log_event(soon + 1, "second")),
    )
    arguments = ["-m", "chalice", "logs", "-n", "job", "--follow"]
    terminal = Terminal(*arguments, cwd=tmp_path, **scripted.environment())
    terminal.wait_for("second")
    assert terminal.interrupt() == 0
    assert terminal.shown.count("first") == terminal.shown.count("second") == 1
    assert "Aborted" not in terminal.shown
    ago = time.time() - scripted.asked("FilterLogEvents")[0]["startTime"] / 1000
    assert 600 <= ago < 660
    assert len(scripted.asked("FilterLogEvents")) <= 5


def test_following_ends_after_so_many_entries(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "job")
    scripted.says("FilterLogEvents", page(said(0, "one"), said(1, "two")))
    done = logs(scripted, tmp_path, "-n", "job", "-f", "-s", "2026-09-01", "--num-entries", "1")
    assert done.stdout == "2026-09-21 14:13:20 6b1b9d one\n"


def test_a_reader_that_leaves_early_ends_it_quietly(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "job")
    scripted.says(
        "FilterLogEvents", page(*(said(at, "x" * 1000, id_=str(at)) for at in range(500)))
    )
    with subprocess.Popen(
        [sys.executable, "-m", "chalice", "logs", "-n", "job"],
        cwd=tmp_path,
        env=environment(**scripted.environment()),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().endswith(b"x\n")
        process.stdout.close()
        assert process.stderr.read() == b""
        process.wait(SECONDS)


def test_a_function_that_is_not_recorded_is_an_error(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "resize", "notify")
    assert logs(scripted, tmp_path, "-n", "resise", code=1).stderr == (
        "error: could not find a lambda function named resise\n"
        "hint: did you mean `resize`? recorded for stage dev: notify, resize\n"
    )
    assert logs(scripted, tmp_path, code=1).stderr == (
        "error: could not find a lambda function named api_handler\n"
        "hint: recorded for stage dev: notify, resize\n"
    )
    assert scripted.calls == []


@pytest.mark.parametrize("name", ["default-role", "jobs"])
def test_what_is_no_function_has_no_log(scripted: ScriptedAws, tmp_path: Path, name: str) -> None:
    record(tmp_path, "resize")
    assert logs(scripted, tmp_path, "-n", name, code=1).stderr.startswith(
        f"error: could not find a lambda function named {name}: "
        "what is recorded under that name is no function\n"
    )


@pytest.mark.parametrize("arguments", [(), ("--all",)])
def test_a_stage_that_is_not_deployed_has_no_logs(
    scripted: ScriptedAws, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    record(tmp_path, "resize")
    told = logs(scripted, tmp_path, "--stage", "prod", *arguments, code=1).stderr
    assert "deploy it: chalice deploy --stage prod\n" in told


def test_refusals_of_aws_are_told(scripted: ScriptedAws, tmp_path: Path) -> None:
    record(tmp_path, "job")
    scripted.says("FilterLogEvents", error("AccessDeniedException", "no logs for you"))
    told = logs(scripted, tmp_path, "-n", "job", code=1).stderr
    assert told.startswith(
        "error: reading the log of demo-dev-job failed: AccessDeniedException: no logs for you\n"
    )
