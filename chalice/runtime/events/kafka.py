"""Records of a Kafka topic, in Amazon MSK or in a cluster of one's own.

https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
"""

from __future__ import annotations

from chalice.runtime.events import BaseEventSourceConfig, BaseLambdaEvent, checked_filters
from chalice.runtime.events.handler import Registrar, event_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from chalice.runtime.events.handler import Decorate, Filters

_SOURCES = ("aws:kafka", "SelfManagedKafka")


class KafkaRecord(BaseLambdaEvent):
    """One record; `key` is None if it has none, `timestamp` is in milliseconds since 1970."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]]

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        from base64 import b64decode  # noqa: PLC0415

        self.topic = event_dict["topic"]
        self.partition = event_dict["partition"]
        self.offset = event_dict["offset"]
        self.timestamp = event_dict["timestamp"]
        key = event_dict.get("key")
        self.key = None if key is None else b64decode(key)
        self.value = b64decode(event_dict.get("value") or "")
        self.headers = [
            (name, bytes(byte % 256 for byte in value))
            for header in event_dict.get("headers") or ()
            for name, value in header.items()
        ]


class KafkaEvent(BaseLambdaEvent):
    """One or more records, those of each partition oldest first: iterate over them."""

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        pass

    def __iter__(self) -> Iterator[KafkaRecord]:
        for records in self._event_dict["records"].values():
            for record in records:
                yield KafkaRecord(record, self.context)

    @classmethod
    def recognizes(cls, event_dict: Any) -> bool:
        """Whether this is a batch of Kafka records."""
        return isinstance(event_dict, dict) and event_dict.get("eventSource") in _SOURCES


class KafkaEventConfig(BaseEventSourceConfig):
    """A topic that triggers a function: of the MSK cluster `cluster_arn`, or of the cluster that
    `bootstrap_servers` know. `access` is how to reach it, in AWS's words.
    """

    def __init__(
        self,
        name: str,
        handler_string: str,
        topic: str,
        cluster_arn: str | None,
        bootstrap_servers: Sequence[str],
        batch_size: int,
        starting_position: str,
        maximum_batching_window_in_seconds: int,
        consumer_group_id: str | None,
        access: Mapping[str, str | Sequence[str]],
        filters: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(name, handler_string)
        self.topic = topic
        self.cluster_arn = cluster_arn
        self.bootstrap_servers = bootstrap_servers
        self.batch_size = batch_size
        self.starting_position = starting_position
        self.maximum_batching_window_in_seconds = maximum_batching_window_in_seconds
        self.consumer_group_id = consumer_group_id
        self.access = access
        self.filters = checked_filters(filters)


class Triggers(Registrar):
    """The decorator of functions that a Kafka topic triggers."""

    _event_type: str = "kafka"
    _record: str = "KafkaEventConfig"

    def on_kafka(
        self,
        topic: str,
        cluster_arn: str | None = None,
        bootstrap_servers: Sequence[str] = (),
        batch_size: int = 100,
        starting_position: str = "LATEST",
        name: str | None = None,
        maximum_batching_window_in_seconds: int = 0,
        *,
        consumer_group_id: str | None = None,
        access: Mapping[str, str | Sequence[str]] | None = None,
        filters: Filters | None = None,
    ) -> Decorate[KafkaEvent, KafkaEvent]:
        """Call the function with records of a topic: of an MSK cluster, or of one's own.

        `access` maps AWS's types of source access configurations to their values, such as
        `{"SASL_SCRAM_512_AUTH": secret_arn, "VPC_SUBNET": ["subnet-1"]}`. Raises ValueError unless
        there is just one of `cluster_arn` and `bootstrap_servers`.
        """
        if bool(cluster_arn) == bool(bootstrap_servers):
            raise ValueError("on_kafka takes either `cluster_arn` or `bootstrap_servers`")
        settings = {
            "topic": topic,
            "cluster_arn": cluster_arn,
            "bootstrap_servers": bootstrap_servers,
            "batch_size": batch_size,
            "starting_position": starting_position,
            "maximum_batching_window_in_seconds": maximum_batching_window_in_seconds,
            "consumer_group_id": consumer_group_id,
            "access": access or {},
            "filters": filters,
        }
        return event_handler(self, "on_kafka", name, KafkaEvent, settings)
