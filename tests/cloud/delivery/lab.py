"""Functions that tell what they were given, and what events are made with."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass, field
from typing import Any

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, make_function, unique
from tests.cloud.waiting import wait_until

_SOURCE = """
import json, time

{helpers}

def act(records, event):
{body}

def handler(event, context):
    began = time.time()
    try:
        return act(event["Records"], event)
    finally:
        seen = dict(began=began, ended=time.time(), event=event)
        print("SEEN " + json.dumps(seen))
"""


@dataclass(frozen=True)
class Seen:
    """One invocation: seconds since 1970, and the event."""

    began: float
    ended: float
    event: dict[str, Any] = field(repr=False)

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records of the event."""
        records: list[dict[str, Any]] = self.event["Records"]
        return records

    @property
    def bodies(self) -> list[str]:
        """The bodies of the messages."""
        return [record["body"] for record in self.records]


@dataclass(frozen=True)
class Subject:
    """A function under observation."""

    cloud: CloudStatus
    name: str
    arn: str

    def seen(self) -> list[Seen]:
        """Return its invocations, the first first."""
        found = []
        logs = client(self.cloud, "logs")
        try:
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=f"/aws/lambda/{self.name}"
            )
            for page in pages:
                for event in page["events"]:
                    if event["message"].startswith("SEEN "):
                        found.append(Seen(**json.loads(event["message"][5:])))
        except logs.exceptions.ResourceNotFoundException:
            return []
        return sorted(found, key=lambda seen: seen.began)

    def wait_for(self, count: int) -> list[Seen]:
        """Wait until there were so many invocations, and return them."""
        wait_until(lambda: len(self.seen()) >= count)
        return self.seen()

    def wait_for_records(self, count: int) -> list[Seen]:
        """Wait until so many records were seen, and return the invocations."""
        wait_until(lambda: sum(len(seen.records) for seen in self.seen()) >= count)
        return self.seen()


def subject(cloud: CloudStatus, body: str = "pass", helpers: str = "", **settings: Any) -> Subject:
    """Make a function. ``body`` are its statements: ``records`` and ``event`` are there."""
    name = unique("fn")
    source = _SOURCE.format(helpers=helpers, body=textwrap.indent(body, "    "))
    arn = make_function(cloud, name, source, **{"Timeout": 1, **settings})
    return Subject(cloud, name, arn)


def make_queue(cloud: CloudStatus, *, fifo: bool = False, **attributes: Any) -> tuple[str, str]:
    """Make a queue, and return its URL and ARN."""
    given = {"VisibilityTimeout": 30, **attributes}
    if fifo:
        given["FifoQueue"] = "true"
    sqs = client(cloud, "sqs")
    name = unique("queue") + (".fifo" if fifo else "")
    made = sqs.create_queue(
        QueueName=name, Attributes={key: str(value) for key, value in given.items()}
    )
    return made["QueueUrl"], f"arn:aws:sqs:us-east-1:123456789012:{name}"


def connect(cloud: CloudStatus, source_arn: str, function: Subject, **settings: Any) -> str:
    """Let a function have what is in a source, and return the id of the mapping."""
    made = client(cloud, "lambda").create_event_source_mapping(
        EventSourceArn=source_arn, FunctionName=function.name, **settings
    )
    uuid: str = made["UUID"]
    return uuid


def left_in(cloud: CloudStatus, url: str) -> int:
    """Return how many messages are in a queue, visible or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = client(cloud, "sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
    return sum(int(value) for value in found["Attributes"].values())
