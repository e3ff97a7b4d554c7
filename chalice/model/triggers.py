"""What makes events reach functions."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalice.model.fields import NAME, SOLE, SOLE_NAME
from chalice.model.values import Document, Ref, Value

ALL_RETRIES = -1
"""As many as fit into the time that a record is kept."""


@dataclass(frozen=True, kw_only=True)
class EventSourceMapping:
    """Lambda reads ``source``, the ARN of a queue or a stream, and invokes ``function``.

    Up to ``batch_size`` records come at once, at most ``maximum_batching_window_in_seconds``
    after the first. ``filters`` are event filter patterns, of which a record must match one.
    ``reports_failures``: the function says which records of a batch come again. The fields after
    it are for streams: their number of retries and age in seconds, ``ALL_RETRIES`` for no limit;
    ``on_failure`` is the ARN of what hears of a batch that was given up, empty for nothing.
    ``topic`` to ``access`` are for Kafka: one's own cluster has ``bootstrap_servers``, sorted, and
    no ARN; ``access`` are pairs of a type and a value, sorted, of how it is reached.
    """

    name: str
    function: Value = field(metadata=NAME)
    source: Value = field(metadata=NAME)
    topic: str = field(default="", metadata=NAME)
    bootstrap_servers: tuple[str, ...] = field(default=(), metadata=NAME)
    consumer_group_id: str = field(default="", metadata=SOLE)
    access: tuple[tuple[str, str], ...] = ()
    batch_size: int
    maximum_batching_window_in_seconds: int = 0
    maximum_concurrency: int | None = None
    starting_position: str | None = field(default=None, metadata=SOLE)
    filters: tuple[Document, ...] = ()
    reports_failures: bool = False
    maximum_retry_attempts: int = ALL_RETRIES
    maximum_record_age_in_seconds: int = ALL_RETRIES
    bisect_batch_on_function_error: bool = False
    parallelization_factor: int = 1
    tumbling_window_in_seconds: int = 0
    on_failure: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """An EventBridge rule that invokes ``function``: on a schedule, or for events of a pattern.

    ``event_bus`` is the name or the ARN of the bus. Just one of ``schedule_expression`` and
    ``event_pattern`` is set.
    """

    name: str
    rule_name: str = field(metadata=NAME)
    event_bus: str = field(default="default", metadata=NAME)
    schedule_expression: str | None = None
    event_pattern: Document = None
    description: str = ""
    function: Value


@dataclass(frozen=True, kw_only=True)
class BucketNotification:
    """An S3 bucket tells ``function`` of ``events``, sorted: ``("s3:ObjectCreated:*",)``.

    Only objects count whose key starts with ``prefix`` and ends in ``suffix``. ``after`` is the
    permission of S3 to invoke the function, which S3 checks.
    """

    name: str
    bucket: str = field(metadata=NAME)
    function: Value = field(metadata=SOLE_NAME)
    events: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""
    after: Ref | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class TopicSubscription:
    """An SNS topic, by its ARN, sends its messages to ``function``, if they match the policy.

    ``filter_policy_scope`` is ``MessageAttributes`` or ``MessageBody``.
    """

    name: str
    topic: Value = field(metadata=NAME)
    function: Value = field(metadata=NAME)
    filter_policy: Document = None
    filter_policy_scope: str = "MessageAttributes"
