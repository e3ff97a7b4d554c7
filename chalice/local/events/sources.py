"""The queues, topics, buckets, streams, tables and buses that triggers name: made if missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from chalice.aws.calls import doing, or_none
from chalice.aws.session import Session
from chalice.errors import ToolError
from chalice.graph.functions import ALIAS
from chalice.model.functions import Function
from chalice.model.resources import Resource, resolved
from chalice.model.triggers import BucketNotification, EventSourceMapping, Rule, TopicSubscription

Say = Callable[[str], None]
Warn = Callable[[ToolError], None]

_VISIBILITY = 30  # seconds, of a queue for which nobody says another number


class Sources:
    """Makes what is missing in the local cloud, and leaves what is there as it is.

    ``say`` is told of what was made, ``warn`` of what is there and is no use.
    """

    def __init__(self, session: Session, say: Say, warn: Warn) -> None:
        self._session = session
        self._say = say
        self._warn = warn

    def provide(self, resources: Sequence[Resource]) -> Sequence[Resource]:
        """Return the resources that can be made now: mappings have the streams that tables have.

        Raises ToolError.
        """
        place = self._session.place()
        found = [resolved(each, place, {}) for each in resources]
        timeouts = {each.name: each.timeout for each in found if isinstance(each, Function)}
        return [kept for each in found for kept in self._provide(each, timeouts)]

    def _provide(self, resource: Resource, timeouts: dict[str, int]) -> Iterator[Resource]:
        match resource:
            case EventSourceMapping(source=str(source)):
                self._provide_destination(resource.on_failure)
                service, name = source.split(":")[2], source.split(":", 5)[5]
                if service == "sqs":
                    timeout = _timeout(resource, timeouts)
                    if not self._provide_queue(name, timeout):
                        return
                elif service == "kinesis":
                    self._provide_stream(name.split("/")[1])
                else:
                    stream = self._provide_table(name.split("/")[1])
                    if stream is None:
                        return
                    resource = replace(resource, source=stream)
            case Function():
                self._provide_destination(resource.dead_letter)
            case BucketNotification():
                self._provide_bucket(resource.bucket)
            case TopicSubscription(topic=str(topic)):
                self._provide_topic(topic.rpartition(":")[2])
            case Rule(event_bus=str(bus)) if bus != "default":
                self._provide_bus(bus.rpartition("/")[2])
            case _:
                pass
        yield resource

    def _provide_destination(self, arn: str) -> None:
        """Have what hears of events that were given up; there may be none."""
        if not arn:
            return
        service, name = arn.split(":")[2], arn.split(":", 5)[5]
        if service == "sqs":
            self._provide_queue(name, 0)
        elif service == "sns":
            self._provide_topic(name)
        elif service == "s3":
            self._provide_bucket(name)

    def _provide_queue(self, name: str, timeout: int) -> bool:
        """Say whether there is a queue that a function of that timeout, in seconds, can have."""
        sqs = self._session.client("sqs")
        with doing(f"looking for queue {name}"):
            urls = sqs.list_queues(QueueNamePrefix=name).get("QueueUrls", [])
            url = next((each for each in urls if each.rpartition("/")[2] == name), None)
            if url is not None:
                asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
                visibility = int(asked["Attributes"].get("VisibilityTimeout", _VISIBILITY))
                if visibility < timeout:
                    self._warn(_too_short(name, visibility, timeout))
                return visibility >= timeout
        attributes = {"VisibilityTimeout": str(max(_VISIBILITY, timeout))}
        if name.endswith(".fifo"):
            attributes |= {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        with doing(f"creating queue {name}"):
            sqs.create_queue(QueueName=name, Attributes=attributes)
        self._say(f"created queue `{name}`")
        return True

    def _provide_topic(self, name: str) -> None:
        sns = self._session.client("sns")
        with doing(f"creating topic {name}"):
            topics = _pages(sns, "list_topics", "Topics")
            if all(each["TopicArn"].rpartition(":")[2] != name for each in topics):
                more = {"Attributes": {"FifoTopic": "true"}} if name.endswith(".fifo") else {}
                sns.create_topic(Name=name, **more)
                self._say(f"created topic `{name}`")

    def _provide_bucket(self, name: str) -> None:
        s3 = self._session.client("s3")
        with doing(f"creating bucket {name}"):
            if or_none(lambda: s3.head_bucket(Bucket=name)) is None:
                region = self._session.region()
                there = {"CreateBucketConfiguration": {"LocationConstraint": region}}
                s3.create_bucket(Bucket=name, **({} if region == "us-east-1" else there))
                self._say(f"created bucket `{name}`")

    def _provide_stream(self, name: str) -> None:
        kinesis = self._session.client("kinesis")
        with doing(f"creating stream {name}"):
            if name not in _pages(kinesis, "list_streams", "StreamNames"):
                kinesis.create_stream(StreamName=name, ShardCount=1)
                self._say(f"created stream `{name}` with one shard")

    def _provide_bus(self, name: str) -> None:
        events = self._session.client("events")
        with doing(f"creating event bus {name}"):
            buses = events.list_event_buses(NamePrefix=name)["EventBuses"]
            if all(each["Name"] != name for each in buses):
                events.create_event_bus(Name=name)
                self._say(f"created event bus `{name}`")

    def _provide_table(self, name: str) -> str | None:
        """Return the ARN of the table's stream, None if a table that is there has none."""
        dynamodb = self._session.client("dynamodb")
        with doing(f"creating table {name}"):
            found = or_none(lambda: dynamodb.describe_table(TableName=name))
            if found is not None:
                stream = found["Table"].get("LatestStreamArn")
                if stream is None or not found["Table"].get("StreamSpecification"):
                    self._warn(_no_stream(name))
                    return None
                return str(stream)
            made = dynamodb.create_table(
                TableName=name,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            )
        self._say(f"created table `{name}` with the key `id`, a string, and a stream")
        return str(made["TableDescription"]["LatestStreamArn"])


def _pages(client: Any, operation: str, key: str) -> list[Any]:
    pages = client.get_paginator(operation).paginate()
    return [each for page in pages for each in page[key]]


def _timeout(mapping: EventSourceMapping, timeouts: dict[str, int]) -> int:
    """Return the timeout of the mapped function, which may be named through its alias."""
    name = getattr(mapping.function, "resource", "")
    return timeouts.get(name, timeouts.get(name.removesuffix(f"-{ALIAS}"), _VISIBILITY))


def _too_short(name: str, visibility: int, timeout: int) -> ToolError:
    return ToolError(
        f"queue `{name}` is not read: its VisibilityTimeout, {visibility} seconds, is less than "
        f"the {timeout} seconds that the function may take",
        hint="AWS refuses that too; raise the one, or lower `lambda_timeout`",
    )


def _no_stream(name: str) -> ToolError:
    return ToolError(
        f"table `{name}` has no stream, so nobody hears of its changes",
        hint="turn it on with UpdateTable, or delete the table: it is made anew, with one",
    )
