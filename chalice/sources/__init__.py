"""What the toolchain knows of each trigger: one file a source, named as in ``runtime/events``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice.runtime.events import BaseEventSourceConfig
from chalice.runtime.events.dynamodb import DynamoDBEventConfig
from chalice.runtime.events.eventbridge import CloudWatchEventConfig
from chalice.runtime.events.kafka import KafkaEventConfig
from chalice.runtime.events.kinesis import KinesisEventConfig
from chalice.runtime.events.s3 import S3EventConfig
from chalice.runtime.events.schedule import ScheduledEventConfig
from chalice.runtime.events.sns import SNSEventConfig
from chalice.runtime.events.sqs import SQSEventConfig
from chalice.sources.base import Problem, Source, Target
from chalice.sources.dynamodb import DynamoDBSource
from chalice.sources.eventbridge import EventBridgeSource
from chalice.sources.kafka import KafkaSource
from chalice.sources.kinesis import KinesisSource
from chalice.sources.s3 import S3Source
from chalice.sources.schedule import ScheduleSource
from chalice.sources.sns import SNSSource
from chalice.sources.sqs import SQSSource

__all__ = ["SOURCES", "Problem", "Source", "Target", "source_of"]

SOURCES: Mapping[type[BaseEventSourceConfig], Source[Any]] = {
    CloudWatchEventConfig: EventBridgeSource(),
    DynamoDBEventConfig: DynamoDBSource(),
    KafkaEventConfig: KafkaSource(),
    KinesisEventConfig: KinesisSource(),
    S3EventConfig: S3Source(),
    ScheduledEventConfig: ScheduleSource(),
    SNSEventConfig: SNSSource(),
    SQSEventConfig: SQSSource(),
}
"""What a decorator records -> its source."""


def source_of(trigger: BaseEventSourceConfig) -> Source[Any]:
    """Return the source that knows such triggers."""
    return SOURCES[type(trigger)]
