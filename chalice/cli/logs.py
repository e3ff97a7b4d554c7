"""``chalice logs``: what the functions of the deployed app log."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import TYPE_CHECKING

import click

from chalice.cli import options, output, stages
from chalice.cli.group import Session
from chalice.constants import DEFAULT_HANDLER_NAME

if TYPE_CHECKING:
    from chalice.aws.log_events import LogEvent

FOLLOWED = timedelta(minutes=10)
"""How far back ``--follow`` begins."""
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_COLOURS = ("cyan", "green", "magenta", "blue", "yellow", "bright_cyan", "bright_magenta")
_WIDTH = 24  # columns that short names are filled up to, if there are longer ones


def _parse_since(ctx: click.Context, option: click.Parameter, text: str | None) -> datetime | None:
    """Return the moment that ``5m`` or an ISO 8601 timestamp means; UTC if it has no zone."""
    if text is None:
        return None
    relative = re.fullmatch(r"(\d+)([smhdw])", text)
    try:
        if relative:
            ago = timedelta(**{_UNITS[relative[2]]: int(relative[1])})
            return datetime.now(timezone.utc) - ago
        moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
        if moment.tzinfo is None:
            return moment.replace(tzinfo=timezone.utc)
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"`{text}` is neither a time ago (30s, 10m, 2h, 1d, 1w) "
            "nor a moment in ISO 8601 (2030-01-31T12:00:00Z).",
            ctx,
            option,
        ) from None


@click.command(name="logs")
@stages.local
@options.profile
@options.stage
@click.option(
    "-n",
    "--name",
    metavar="NAME",
    show_default=DEFAULT_HANDLER_NAME,
    help="The function, as the app says.",
)
@click.option("--all", "of_all", is_flag=True, help="Show all functions, in the order of time.")
@click.option(
    "-s",
    "--since",
    callback=_parse_since,
    metavar="TIME",
    help="Begin so long ago (10m, 2h, 1d, 1w) or at a moment (ISO 8601).",
)
@click.option("-f", "--follow/--no-follow", help="Go on, from 10 minutes ago, until Ctrl-C.")
@click.option(
    "--num-entries", type=click.IntRange(min=1), metavar="NUMBER", help="End after so many."
)
@click.option(
    "--include-lambda-messages/--no-include-lambda-messages",
    help="Show what Lambda itself writes: START, END, REPORT.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
@click.pass_obj
def command(
    session: Session,
    is_local: bool,
    profile: str | None,
    stage: str,
    name: str | None,
    of_all: bool,
    since: datetime | None,
    follow: bool,
    num_entries: int | None,
    include_lambda_messages: bool,
    as_json: bool,
) -> None:
    """Show what a function logs, oldest first.

    A line has the time in UTC, the beginning of the log stream's id, and the message.

    \b
    Example:
        chalice logs --since 1h
        chalice logs --all --follow
    """
    from chalice.aws import log_events
    from chalice.cli.functions import RecordedFunctions
    from chalice.config import load

    if of_all and name is not None:
        raise click.UsageError("--name and --all exclude each other.")
    config = load(session.project_dir, stage)
    is_local = is_local or stages.is_recorded_locally_only(session.project_dir, stage)
    recorded = RecordedFunctions(session.project_dir, stage, is_local)
    name = name or DEFAULT_HANDLER_NAME
    arns = recorded.all() if of_all else {name: recorded.arn(name)}
    aws = stages.connect(is_local, output.say, profile=profile or config.profile)
    logs = [log_events.FunctionLog(aws, each, arn) for each, arn in arns.items()]
    if follow:
        since = since or datetime.now(timezone.utc) - FOLLOWED
        events = log_events.follow(logs, _milliseconds(since), aws)
    else:
        events = log_events.read(logs, None if since is None else _milliseconds(since))
    form = _as_json if as_json else _prefixed(list(arns)) if of_all else _as_line
    try:
        for text in islice(_told(events, include_lambda_messages, form), num_entries):
            output.data(text)
    except KeyboardInterrupt:
        if not follow:
            raise


def _told(
    events: Iterator[LogEvent], with_all: bool, form: Callable[[LogEvent, str | None], str]
) -> Iterator[str]:
    """Yield the text of each event that is to be shown."""
    from chalice.aws.log_messages import Requests, is_of_lambda

    requests = Requests()
    for event in events:
        request = requests.id_of(event)
        if with_all or not is_of_lambda(event.message):
            yield form(event, request)


def _as_line(event: LogEvent, _: str | None = None) -> str:
    moment = _moment(event).replace(tzinfo=None)
    _, _, instance = event.stream.partition("]")
    return f"{moment} {instance[:6] or event.stream} {event.message.rstrip()}"


def _prefixed(names: Sequence[str]) -> Callable[[LogEvent, str | None], str]:
    """Return what makes lines that begin with the name of the function."""
    width = min(max(len(name) for name in names), _WIDTH)
    colours = {name: _COLOURS[index % len(_COLOURS)] for index, name in enumerate(names)}

    def line(event: LogEvent, _: str | None) -> str:
        name = click.style(f"{event.function:{width}}", fg=colours[event.function])
        return f"{name} {_as_line(event)}"

    return line


def _as_json(event: LogEvent, request: str | None) -> str:
    from chalice.aws.log_messages import level_of

    moment = _moment(event).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return json.dumps(
        {
            "timestamp": f"{moment}Z",
            "function": event.function,
            "stream": event.stream,
            "request_id": request,
            "level": level_of(event.message),
            "message": event.message.rstrip(),
        }
    )


def _moment(event: LogEvent) -> datetime:
    return _EPOCH + timedelta(milliseconds=event.timestamp)


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
