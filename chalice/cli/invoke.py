"""``chalice invoke``: run one function, of the deployed app or of the app as it is here."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from chalice.cli import options, output, stages
from chalice.cli.group import Session
from chalice.cli.samples import Words, is_request, request_sample, sample_of
from chalice.errors import ToolError, pointing_at

NOT_DEPLOYED = 2
"""The exit code when there is no such function."""
FAILED = 1
"""The exit code when the function raised."""


@click.command(name="invoke")
@stages.local
@options.profile
@options.stage
@click.argument("words", nargs=-1, metavar="[NAME] [KIND] [OPTION=VALUE]...")
@click.option("-n", "--name", metavar="NAME", help="A deployed function, as the app calls it.")
@click.option(
    "--payload", metavar="JSON", help="The event: JSON, @FILE, or - for stdin, the default."
)
@click.option("--event", "event_file", metavar="FILE", help="A file with the event.")
@click.option(
    "--sample",
    "wants_sample",
    is_flag=True,
    help="An event as AWS sends it to this handler; KIND and OPTION=VALUE say more of it.",
)
@click.option("--log", "wants_log", is_flag=True, help="Show the end of its log on stderr.")
@click.option("--async", "is_event", is_flag=True, help="Queue an event, and wait for nothing.")
@click.pass_obj
def command(
    session: Session,
    is_local: bool,
    profile: str | None,
    stage: str,
    words: tuple[str, ...],
    name: str | None,
    payload: str | None,
    event_file: str | None,
    wants_sample: bool,
    wants_log: bool,
    is_event: bool,
) -> int:
    """Invoke a function and print what it returns.

    With `-n NAME` it is one that is deployed. With `--local NAME` a handler of the app runs from
    its source, in this process: a function, an authorizer, what an event triggers, or a request
    to a route.

    The payload comes from stdin unless that is a terminal. The function that serves routes is
    `api_handler`. A function that raises is shown with its traceback; the exit code is 1 then.

    \b
    Example:
        chalice invoke -n resize --payload '{"width": 200}'
        chalice invoke -n resize < event.json
        chalice invoke -n resize --payload @event.json --async

    \b
        chalice invoke --local resize --event event.json
        chalice invoke --local resize --sample s3 key=uploads/a.png
        chalice invoke --local GET /users/7
    """
    rest = Words(words)
    if is_event and wants_log:
        raise click.UsageError("--log and --async exclude each other: an event runs later.")
    if sum((payload is not None, event_file is not None, wants_sample)) > 1:
        raise click.UsageError("--payload, --event and --sample exclude each other.")
    if event_file is not None:
        payload = f"@{event_file}"
    if name is None:
        here = rest.take_name()
        if here is None:
            raise click.UsageError("Missing option '-n' / '--name', or a NAME after --local.")
        if not is_local:
            raise click.UsageError(
                f"`{here}` is deployed, or runs here? Write `-n {here}`, or `--local {here}`."
            )
        if wants_log or is_event:
            raise click.UsageError("--log and --async are for functions that are deployed.")
        return _run_here(session, stage, profile, here, rest, payload, wants_sample)
    if wants_sample:
        content = _sample(session, stage, name, rest)
        rest.end()
    else:
        rest.end()
        content = _checked(_read(payload))
    return _run_deployed(session, is_local, profile, stage, name, content, wants_log, is_event)


def _run_here(
    session: Session,
    stage: str,
    profile: str | None,
    name: str,
    words: Words,
    payload: str | None,
    wants_sample: bool,
) -> int:
    """Run a handler of the app in this process."""
    from chalice.aws.invocations import describe_failure
    from chalice.cli import handlers
    from chalice.config import load
    from chalice.constants import DEFAULT_HANDLER_NAME

    is_route = is_request(name)
    function = DEFAULT_HANDLER_NAME if is_route else name
    config = load(session.project_dir, stage)
    for warning in config.warnings:
        output.warn(warning)
    if profile or config.profile:
        os.environ["AWS_PROFILE"] = str(profile or config.profile)
    event: object = None
    if not is_route and not wants_sample:
        words.end()
        event = json.loads(_checked(_read(payload)) or b"{}")
    try:
        app, found = handlers.load_handler(config, function)
    except handlers.NoSuchHandlerError as problem:
        output.error(problem)
        return NOT_DEPLOYED
    if is_route:
        event = request_sample(app, config, name, words.take_options())
    elif wants_sample:
        event = sample_of(app, config, name, found, words)
    words.end()
    ended = handlers.run(app, config, function, found, event)
    if ended.has_failed:
        output.say(describe_failure(ended.payload))
        output.error(ToolError("Unhandled exception in Lambda function, details above."))
        return FAILED
    output.raw(ended.payload)
    return 0


def _sample(session: Session, stage: str, name: str, words: Words) -> bytes:
    """Return a sample for a function that is deployed, made of what the app declares."""
    from chalice.cli import handlers
    from chalice.config import load

    config = load(session.project_dir, stage)
    app, found = handlers.load_handler(config, name)
    return json.dumps(sample_of(app, config, name, found, words)).encode()


def _run_deployed(
    session: Session,
    is_local: bool,
    profile: str | None,
    stage: str,
    name: str,
    content: bytes,
    wants_log: bool,
    is_event: bool,
) -> int:
    """Invoke a function that is deployed."""
    from chalice.aws.invocations import describe_failure, invoke
    from chalice.cli.functions import RecordedFunctions
    from chalice.config import load

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
