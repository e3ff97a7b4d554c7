"""What happens in AWS, and which handlers of an app hear of it, with what events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from chalice.app import (
    BaseEventSourceConfig,
    Chalice,
    CloudWatchEventConfig,
    DynamoDBEventConfig,
    KafkaEventConfig,
    KinesisEventConfig,
    S3EventConfig,
    ScheduledEventConfig,
    SNSEventConfig,
    SQSEventConfig,
)
from chalice.model.values import Arn
from chalice.sources import dynamodb, eventbridge, kafka, kinesis, s3, schedule, sns, sqs
from chalice.sources.occasions import Occasion
from chalice.sources.rules import rule_name
from chalice.test import wanted

Event: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class S3Fact:
    """Something happened to an object."""

    bucket: str
    key: str
    event: str = "ObjectCreated:Put"
    size: int = 0

    def events(self, trigger: BaseEventSourceConfig, occasion: Occasion) -> Iterator[Event]:
        """Yield the event, unless the trigger is for other objects or other events."""
        name = s3.full_name(self.event)
        if (
            isinstance(trigger, S3EventConfig)
            and trigger.bucket == self.bucket
            and self.key.startswith(trigger.prefix or "")
            and self.key.endswith(trigger.suffix or "")
            and any(s3.covers(wanted, name) for wanted in trigger.events)
        ):
            what = s3.concrete(name)
            yield s3.event(self.bucket, self.key, what, occasion, size=self.size)


@dataclass(frozen=True)
class SNSFact:
    """A message was published."""

    topic: str
    message: str
    subject: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def events(self, trigger: BaseEventSourceConfig, occasion: Occasion) -> Iterator[Event]:
        """Yield the event of a subscription whose policy lets the message through."""
        if isinstance(trigger, SNSEventConfig) and _same(trigger.topic, self.topic):
            typed = sns.typed_attributes(self.attributes)
            if wanted.is_subscribed(trigger, self.message, typed):
                arn = _arn("sns", self.topic, occasion)
                yield sns.event(arn, self.message, self.subject, typed, occasion)


@dataclass(frozen=True)
class SQSFact:
    """Messages were sent to a queue."""

    queue: str
    body: str | Sequence[str]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    group: str | None = None

    def events(self, trigger: BaseEventSourceConfig, occasion: Occasion) -> Iterator[Event]:
        """Yield the batches of a trigger of that queue."""
        if isinstance(trigger, SQSEventConfig) and _same(
            trigger.queue_arn or trigger.queue or "", self.queue
        ):
            arn = _arn("sqs", self.queue, occasion)
            event = sqs.event(
                arn, _listed(self.body), occasion, attributes=self.attributes, group=self.group
            )
            yield from wanted.batches(trigger, event)


@dataclass(frozen=True)
class KinesisFact:
    """Records were put into a stream."""

    stream: str
    data: bytes | Sequence[bytes]
    key: str = "sample"

    def events(self, trigger: BaseEventSourceConfig, occasion: Occasion) -> Iterator[Event]:
        """Yield the batches of a trigger of that stream."""
        if isinstance(trigger, KinesisEventConfig) and _same(trigger.stream, self.stream, "/"):
            arn = occasion.arn(Arn("kinesis", (f"stream/{trigger.stream}",)))
            event = kinesis.event(arn, _listed(self.data), occasion, partition_key=self.key)
            yield from wanted.batches(trigger, event)


@dataclass(frozen=True)
class DynamoDBFact:
    """An item of a table changed. Items are plain, or in DynamoDB's form."""

    table: str
    keys: Mapping[str, Any]
    event: str = "INSERT"
    new: Mapping[str, Any] | None = None
    old: Mapping[str, Any] | None = None

    def events(self, trigger: BaseEventSourceConfig, occasion: Occasion) -> Iterator[Event]:
        """Yield the batch of a trigger of that table's stream."""
        if isinstance(trigger, DynamoDBEventConfig) and self.table in (
            trigger.stream_arn,
            trigger.stream_arn.partition(":table/")[2].partition("/")[0],
        ):
            keys, new, old = (
                None if item is None else dynamodb.typed_item(item)
                for item in (self.keys, self.new, self.old)
            )
            event = dynamodb.change_event(
                trigger.stream_arn, self.event, keys or {}, {"new": new, "old": old}, occasion
            )
            yield from wanted.batches(trigger, event)


@dataclass(frozen=True)
class EventBridgeFact:
    """An event was put on a bus."""

    source: str
    detail_type: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    resources: Sequence[str] = ()
    bus: str = "default"

    def events(self, trigger: BaseEventSourceConfig, occasion: Occasion) -> Iterator[Event]:
        """Yield the event if the trigger's pattern lets it through."""
        if isinstance(trigger, CloudWatchEventConfig) and _same(
            trigger.event_bus or "default", self.bus, "/"
        ):
            event = eventbridge.event(
                self.source, self.detail_type, self.detail, self.resources, occasion
            )
            if wanted.matches(trigger, trigger.event_pattern, event):
                yield event


@dataclass(frozen=True)
class ScheduleFact:
    """A point in time came: of the schedule of that name, or of all."""

    name: str | None = None

    def events(self, trigger: BaseEventSourceConfig, occasion: Occasion) -> Iterator[Event]:
        """Yield the event of the schedule."""
        if isinstance(trigger, ScheduledEventConfig) and self.name in (None, trigger.name):
            rule = Arn("events", (f"rule/{rule_name(occasion.prefix, trigger.name)}",))
            yield schedule.scheduled_event(occasion.arn(rule), occasion)


@dataclass(frozen=True)
class KafkaFact:
    """Records were written to a topic."""

    topic: str
    value: bytes | Sequence[bytes]
    key: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def events(self, trigger: BaseEventSourceConfig, occasion: Occasion) -> Iterator[Event]:
        """Yield the batches of a trigger of that topic."""
        if not isinstance(trigger, KafkaEventConfig) or trigger.topic != self.topic:
            return
        event = kafka.event(
            self.topic,
            _listed(self.value),
            occasion,
            cluster_arn=trigger.cluster_arn,
            servers=trigger.bootstrap_servers,
            key=self.key,
            headers=self.headers,
        )
        yield from wanted.kafka_batches(trigger, event)


Fact: TypeAlias = (
    S3Fact
    | SNSFact
    | SQSFact
    | KinesisFact
    | DynamoDBFact
    | EventBridgeFact
    | ScheduleFact
    | KafkaFact
)
FACTS: Mapping[str, type[Fact]] = {
    "s3": S3Fact,
    "sns": SNSFact,
    "sqs": SQSFact,
    "kinesis": KinesisFact,
    "dynamodb": DynamoDBFact,
    "eventbridge": EventBridgeFact,
    "schedule": ScheduleFact,
    "kafka": KafkaFact,
}
"""The facts by the kind of source that tells of them."""


def events_of(app: Chalice, fact: Fact, occasion: Occasion) -> Iterator[tuple[str, Event]]:
    """Yield the name of each handler that hears of a fact, with the event it gets.

    Raises ToolError for a pattern of a handler that means nothing.
    """
    triggers: Sequence[BaseEventSourceConfig] = app.event_sources
    for trigger in triggers:
        for event in fact.events(trigger, occasion):
            yield trigger.name, event


def _same(declared: str, named: str, separator: str = ":") -> bool:
    """Whether a name or ARN in a declaration means what another name or ARN does."""
    if declared.startswith("arn:") and named.startswith("arn:"):
        return declared == named
    return declared.rpartition(separator)[2] == named.rpartition(separator)[2]


def _arn(service: str, named: str, occasion: Occasion) -> str:
    return named if named.startswith("arn:") else occasion.arn(Arn(service, (named,)))


def _listed(one_or_more: Any) -> list[Any]:
    return [one_or_more] if isinstance(one_or_more, (str, bytes)) else list(one_or_more)
