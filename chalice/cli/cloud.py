"""``chalice cloud``: the embedded cloud, started, looked at and stopped by hand."""

from __future__ import annotations

import os
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chalice.cli import options, output, stages
from chalice.errors import ToolError

if TYPE_CHECKING:
    from chalice.cloud import CloudReport, CloudSilence, CloudStatus


@click.group(name="cloud")
def command() -> None:
    """Start, inspect or stop the embedded cloud.

    `chalice deploy --local` starts it by itself.

    \b
    Example:
        chalice cloud status
        chalice cloud logs -f
    """


@command.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="NUMBER",
    help="The port for AWS calls, 0 for any that is free; APIs get the next.",
)
@click.option("--foreground", is_flag=True, help="Run in this terminal until Ctrl-C.")
@options.enforce_iam
def start(port: int | None, foreground: bool, enforce_iam: bool | None) -> None:
    """Start the embedded cloud, unless it runs.

    A function may do what the policy of its role allows. `--no-enforce-iam` lets it do
    anything until the cloud stops, `--enforce-iam` ends that; both work on a cloud that runs.

    \b
    Example:
        chalice cloud start --port 4600
        chalice cloud start --no-enforce-iam
    """
    from chalice.cloud import ensure_running, run_in_foreground

    if foreground:
        run_in_foreground(_home(), output.say, port, enforce_iam=enforce_iam is not False)
        return
    running = ensure_running(_home(), output.say, port)
    stages.warn_of_loss(running)
    stages.enforce_iam(enforce_iam)
    output.data(_addresses(running))


@command.command()
@options.as_json
def status(as_json: bool) -> None:
    """Show whether the embedded cloud runs, where, and what is in it.

    \b
    Example:
        chalice cloud status --json
    """
    from chalice.cloud import report, silence
    from chalice.cloud import status as find

    running = find(_home())
    held = None if running is None else report(_home())
    if running is None or held is None:
        silent = silence(_home())
        if as_json:
            output.document(_document_without_answer(silent))
        else:
            output.data(_describe_without_answer(silent))
    elif as_json:
        output.document(_document(running, held))
    else:
        stages.warn_of_loss(running)
        output.data("\n".join(_describe(running, held)))


@command.command()
@options.as_json
def env(as_json: bool) -> None:
    """Print what makes the AWS calls of other programs reach the embedded cloud.

    It is started if it does not run.

    \b
    Example:
        eval "$(chalice cloud env)"
        aws s3 mb s3://photos
    """
    session = stages.connect(True, output.say)
    variables = session.environment()
    if as_json:
        output.document(dict(variables))
        return
    # What these name would win over the keys, or go with them.
    output.data("unset AWS_PROFILE AWS_SESSION_TOKEN")
    for name, value in variables.items():
        output.data(f"export {name}={shlex.quote(value)}")


@command.command()
def stop() -> None:
    """Stop the embedded cloud; what is in it is kept.

    \b
    Example:
        chalice cloud stop
    """
    from chalice.cloud import stop as end

    stopped = end(_home())
    output.say("Stopped the embedded cloud." if stopped else "The embedded cloud is not running.")


@command.command()
@click.option("-f", "--follow", is_flag=True, help="Go on showing what is logged, until Ctrl-C.")
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    metavar="NUMBER",
    help="How many lines to show.",
)
def logs(follow: bool, lines: int) -> None:
    """Show what the embedded cloud itself logs: calls, refusals, failures.

    \b
    Example:
        chalice cloud logs -n 20 -f
    """
    from chalice.cloud import follow_logs, logs_path, read_logs

    if not logs_path(_home()).exists():
        raise ToolError(
            "the embedded cloud has logged nothing", hint="start it with `chalice cloud start`"
        )
    shown = follow_logs(_home(), lines) if follow else read_logs(_home(), lines)
    try:
        for line in shown:
            output.data(line)
    except KeyboardInterrupt:
        return


_UNENFORCED = (
    "IAM        not enforced: functions may do anything (`chalice cloud start --enforce-iam`)"
)


def _home() -> Path:
    from chalice.cloud import default_home

    return default_home(os.environ)


def _addresses(running: CloudStatus) -> str:
    return f"AWS calls  {running.endpoint_url}\nREST APIs  {running.gateway_url}"


def _describe(running: CloudStatus, held: CloudReport) -> list[str]:
    return [
        f"The embedded cloud is running: process {running.pid}, for {_uptime(running)}.",
        _addresses(running),
        *([] if running.enforces_iam else [_UNENFORCED]),
        f"State      {held.state_bytes / 1000:,.1f} kB in {running.home}",
        f"Functions  {len(held.functions)}",
        *(f"  - {function['name']} ({function['region']})" for function in held.functions),
        f"APIs       {len(held.apis)}",
        *(f"  - {api['name']}: {api['url']}" for api in held.apis),
    ]


def _describe_without_answer(silent: CloudSilence | None) -> str:
    if silent is None:
        return "The embedded cloud is not running."
    if silent.pid is None:
        return "The embedded cloud is starting or stopping."
    return (
        f"The embedded cloud is running, but does not answer: process {silent.pid}.\n"
        "`chalice cloud logs` may show why; `chalice cloud stop` ends it."
    )


def _document_without_answer(silent: CloudSilence | None) -> dict[str, object]:
    if silent is None:
        return {"running": False}
    return {"running": True, "answering": False, "pid": silent.pid}


def _document(running: CloudStatus, held: CloudReport) -> dict[str, object]:
    return {
        "running": True,
        "answering": True,
        "pid": running.pid,
        "version": running.version,
        "endpoint_url": running.endpoint_url,
        "gateway_url": running.gateway_url,
        "uptime_seconds": round(time.time() - running.started, 1),
        "home": str(running.home),
        "state_bytes": held.state_bytes,
        "functions": list(held.functions),
        "apis": list(held.apis),
        "notice": running.notice,
        "enforces_iam": running.enforces_iam,
    }


def _uptime(running: CloudStatus) -> str:
    seconds = int(time.time() - running.started)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"
