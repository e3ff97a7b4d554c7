"""``chalice invoke``: run one function of the deployed app."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NoReturn

import click

from chalice.cli import options, output, stages
from chalice.cli.group import Session
from chalice.errors import ToolError, pointing_at

NOT_DEPLOYED = 2
"""The exit code when there is no such function."""
FAILED = 1
"""The exit code when the function raised."""


@click.command(name="invoke")
@stages.local
@options.profile
@options.stage
@click.option("-n", "--name", required=True, metavar="NAME", help="The function, as the app says.")
@click.option(
    "--payload", metavar="JSON", help="The event: JSON, @FILE, or - for stdin, the default."
)
@click.option("--log", "wants_log", is_flag=True, help="Show the end of its log on stderr.")
@click.option("--async", "is_event", is_flag=True, help="Queue an event, and wait for nothing.")
@click.pass_obj
def command(
    session: Session,
    is_local: bool,
    profile: str | None,
    stage: str,
    name: str,
    payload: str | None,
    wants_log: bool,
    is_event: bool,
) -> int:
    """Invoke a function and print what it returns.

    The payload comes from stdin unless that is a terminal. The function that serves routes is
    `api_handler`. A function that raises is shown with its traceback; the exit code is 1 then.

    \b
    Example:
        chalice invoke -n resize --payload '{"width": 200}'
        chalice invoke -n resize < event.json
        chalice invoke -n resize --payload @event.json --async
    """
    from chalice.aws.invocations import describe_failure, invoke
    from chalice.cli.functions import RecordedFunctions
    from chalice.config import load

    if is_event and wants_log:
        raise click.UsageError("--log and --async exclude each other: an event runs later.")
    content = _checked(_read(payload))
    config = load(session.project_dir, stage)
    is_local = is_local or stages.is_recorded_locally_only(session.project_dir, stage)
    try:
        arn = RecordedFunctions(session.project_dir, stage, is_local).arn(name)
    except ToolError as problem:
        output.error(problem)
        return NOT_DEPLOYED
    done = invoke(
        stages.connect(is_local, output.say, profile=profile or config.profile),
        arn,
        content,
        timeout=config.scope(stage, name).lambda_timeout,
        is_event=is_event,
        wants_log=wants_log,
    )
    if done.log is not None:
        output.say(done.log.rstrip("\n"))
    if done.error is not None:
        output.say(describe_failure(done.payload))
        output.error(ToolError(f"{done.error} exception in Lambda function, details above."))
        return FAILED
    if is_event:
        output.say(f"Queued for {name}.")
    else:
        output.raw(done.payload)
    return 0


def _read(payload: str | None) -> bytes:
    """Return the payload that ``--payload`` means; stdin if that is left out and no terminal."""
    if payload is not None and payload.startswith("@"):
        path = Path(payload[1:])
        try:
            return path.read_bytes()
        except OSError as error:
            raise ToolError(f"cannot read the payload: {error.strerror}", where=str(path)) from None
    if payload is not None and payload != "-":
        return payload.encode()
    if sys.stdin is None or (payload is None and sys.stdin.isatty()):  # None: it is closed
        return b""
    return sys.stdin.buffer.read()


def _checked(payload: bytes) -> bytes:
    """Return the payload, which must be JSON in UTF-8 or empty, without a byte order mark."""
    try:
        text = payload.decode("utf-8-sig").strip()
        if text:
            json.loads(text, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise ToolError(f"the payload is not UTF-8: {error.reason}") from None
    except ValueError as error:
        excerpt = None
        if isinstance(error, json.JSONDecodeError):
            excerpt = pointing_at(error.doc.split("\n")[error.lineno - 1], error.colno)
        raise ToolError(
            f"the payload is not JSON: {error}",
            excerpt=excerpt,
            hint="a string has quotes of its own, which a shell takes away: "
            "--payload '\"text\"'; a file is given as --payload @FILE",
        ) from None
    return text.encode()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is a number in Python only")
