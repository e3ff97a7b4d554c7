"""What functions log, read from CloudWatch Logs or followed while it is written.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from operator import attrgetter
from typing import Any

from botocore.exceptions import ClientError

from chalice.aws.arns import FunctionArn
from chalice.aws.calls import DENIED, NOT_FOUND, code_of, doing, once_admitted, or_none
from chalice.aws.session import Session
from chalice.errors import ToolError

OVERLAP = 30_000
"""Milliseconds before the newest event within which events that come late are still found."""
AWS_INTERVAL = 2.0
"""Seconds between two looks at AWS, which allows a few calls a second to a whole account."""
LOCAL_INTERVAL = 1.0
# In a group that is not its own a function names itself: 2030/01/31/demo-dev[$LATEST]0123abcd...
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
_WRITER = re.compile(r"\d{4}/\d{2}/\d{2}/([\w-]+)\[")


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event. ``function`` is the name in the app, ``timestamp`` in milliseconds since 1970.

    ``id`` is unique in the log group of the function.
    """

    function: str
    timestamp: int
    stream: str
    message: str
    id: str


class FunctionLog:
    """The log of the function that the app calls ``name``."""

    def __init__(self, session: Session, name: str, arn: str) -> None:
        self.name = name
        self._session = session
        self._function = FunctionArn.parse(arn)
        self._found_group: str | None = None

    def events(self, since: int | None) -> Iterator[LogEvent]:
        """Yield the events from ``since`` on, in milliseconds since 1970, oldest first.

        There are none when nothing has been logged yet.
        """
        token: str | None = None
        while True:
            page = self._read_page(since, token)
            for event in page.get("events", []):
                stream = event["logStreamName"]
                if self._is_ours(stream):
                    yield LogEvent(
                        self.name, event["timestamp"], stream, event["message"], event["eventId"]
                    )
            token = page.get("nextToken")
            if token is None:
                return

    def _is_ours(self, stream: str) -> bool:
        """Whether the function writes this stream: several functions may share a log group."""
        writer = _WRITER.match(stream)
        return writer is None or writer.group(1) == self._function.name

    def _read_page(self, since: int | None, token: str | None) -> Any:
        asked: dict[str, Any] = {"logGroupName": self._group(), "interleaved": True}
        if since is not None:
            asked["startTime"] = max(since, 0)
        if token is not None:
            asked["nextToken"] = token
        client = self._session.client("logs", self._function.region)
        with doing(f"reading the log of {self._function.name}"):
            page = or_none(
                lambda: once_admitted(
                    lambda: client.filter_log_events(**asked), self._session.pause
                )
            )
        return page or {}

    def _group(self) -> str:
        """Return the name of the log group, which the function may have been given."""
        if self._found_group is None:
            client = self._session.client("lambda", self._function.region)
            configuration: Any = {}
            with doing(f"reading the configuration of {self._function.name}"):
                try:
                    configuration = client.get_function_configuration(
                        FunctionName=str(self._function)
                    )
                except ClientError as error:
                    # Events outlive functions, and who may read them need not see functions.
                    if code_of(error) in DENIED:
                        self._check_account()
                    elif code_of(error) not in NOT_FOUND:
                        raise
            named = configuration.get("LoggingConfig", {}).get("LogGroup")
            self._found_group = named or f"/aws/lambda/{self._function.name}"
        return self._found_group

    def _check_account(self) -> None:
        """Refuse to look in another account, where the group would merely seem to be missing."""
        account = self._session.place().account
        if account != self._function.account:
            raise ToolError(
                f"{self._function.name} is in account {self._function.account}; "
                f"this command runs in account {account}",
                hint="choose the account with --profile",
            )


def read(logs: Sequence[FunctionLog], since: int | None) -> Iterator[LogEvent]:
    """Yield what is in the logs from ``since`` on (None: all) in the order of time."""
    yield from merge(*(log.events(since) for log in logs), key=attrgetter("timestamp"))


def follow(logs: Sequence[FunctionLog], since: int, session: Session) -> Iterator[LogEvent]:
    """Yield what is in the logs from ``since`` on and then what comes, each event once, for ever.

    Events that come late, with a timestamp before others, are found within ``OVERLAP``.
    """
    interval = LOCAL_INTERVAL if session.is_local else AWS_INTERVAL
    followed = [_Followed(log, since) for log in logs]
    while True:
        yield from merge(*(each.new_events() for each in followed), key=attrgetter("timestamp"))
        session.pause(interval)


class _Followed:
    """A log, and what was seen of it."""

    def __init__(self, log: FunctionLog, since: int) -> None:
        self._log = log
        self._since = since
        self._newest = since
        self._seen: dict[str, int] = {}

    def new_events(self) -> Iterator[LogEvent]:
        start = max(self._since, self._newest - OVERLAP)
        self._seen = {id_: at for id_, at in self._seen.items() if at >= start}
        for event in self._log.events(start):
            if event.id not in self._seen:
                self._seen[event.id] = event.timestamp
                self._newest = max(self._newest, event.timestamp)
                yield event
