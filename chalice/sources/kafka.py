"""Kafka topics: how ``@app.on_kafka`` is checked, deployed and permitted.

https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalice.model.resources import Resource
from chalice.model.triggers import EventSourceMapping
from chalice.model.values import Document
from chalice.runtime.events.kafka import KafkaEventConfig
from chalice.sources.base import Problem, Target
from chalice.sources.batches import (
    LONGEST_WINDOW,
    MOST_RECORDS,
    POSITIONS,
    bodies,
    fitting,
    number_problem,
)
from chalice.sources.given import Given
from chalice.sources.occasions import Occasion

_CLUSTER = re.compile(r"arn:[\w-]+:kafka:[\w-]+:\d+:cluster/.+")
_DESCRIBE = ("kafka:DescribeCluster", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers")
_READ = (
    "kafka-cluster:Connect",
    "kafka-cluster:DescribeCluster",
    "kafka-cluster:DescribeClusterDynamicConfiguration",
    "kafka-cluster:DescribeGroup",
    "kafka-cluster:AlterGroup",
    "kafka-cluster:DescribeTopic",
    "kafka-cluster:ReadData",
)
_NETWORK = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeVpcs",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
)
_SECRETS = (
    "BASIC_AUTH",
    "SASL_SCRAM_256_AUTH",
    "SASL_SCRAM_512_AUTH",
    "CLIENT_CERTIFICATE_TLS_AUTH",
    "SERVER_ROOT_CA_CERTIFICATE",
)
_ACCESS = (*_SECRETS, "VPC_SUBNET", "VPC_SECURITY_GROUP")
_PREFIXES: Mapping[str, str] = {"VPC_SUBNET": "subnet:", "VPC_SECURITY_GROUP": "security_group:"}
"""What the API wants in front of the values of these types."""


class KafkaSource:
    """Records of a topic."""

    kind = "kafka"

    def problems(self, trigger: KafkaEventConfig) -> Iterable[Problem]:
        """Return what is wrong with how the cluster is given, and with the numbers."""
        arn = trigger.cluster_arn
        if arn is not None and not _CLUSTER.fullmatch(arn):
            hint = "write `arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/ID`"
            yield Problem(f"`cluster_arn` is no ARN of an MSK cluster: `{arn}`", hint)
        for server in trigger.bootstrap_servers:
            if not re.fullmatch(r"[^:\s/]+:\d+", server):
                yield Problem(f"`{server}` is no bootstrap server", "write `host:port`")
        if trigger.starting_position not in POSITIONS:
            summary = f"`starting_position` is `{trigger.starting_position}`"
            yield Problem(summary, f"use one of {', '.join(POSITIONS)}")
        for kind in trigger.access:
            if kind not in _ACCESS:
                summary = f"`{kind}` is no type of source access configuration"
                yield Problem(summary, f"use one of {', '.join(_ACCESS)}")
        window = trigger.maximum_batching_window_in_seconds
        yield from number_problem("batch_size", trigger.batch_size, 1, MOST_RECORDS)
        yield from number_problem("maximum_batching_window_in_seconds", window, 0, LONGEST_WINDOW)

    def resources(self, trigger: KafkaEventConfig, target: Target) -> Iterable[Resource]:
        """Return the mapping."""
        yield EventSourceMapping(
            name=f"{trigger.name}-kafka-event-source",
            function=target.function,
            source=trigger.cluster_arn or "",
            bootstrap_servers=tuple(sorted(trigger.bootstrap_servers)),
            topic=trigger.topic,
            consumer_group_id=trigger.consumer_group_id or "",
            access=tuple(sorted(_access(trigger))),
            batch_size=trigger.batch_size,
            starting_position=trigger.starting_position,
            maximum_batching_window_in_seconds=trigger.maximum_batching_window_in_seconds,
            filters=tuple(trigger.filters or ()),
        )

    def statements(self, trigger: KafkaEventConfig) -> Iterable[Document]:
        """Return what lets Lambda reach the cluster, and log in to it."""
        secrets = [uri for kind, uri in _access(trigger) if kind in _SECRETS]
        if trigger.cluster_arn:
            yield {"Effect": "Allow", "Action": [*_DESCRIBE], "Resource": [trigger.cluster_arn]}
            if not secrets:
                yield {"Effect": "Allow", "Action": [*_READ], "Resource": _data(trigger)}
        if trigger.cluster_arn or any(kind in _PREFIXES for kind in trigger.access):
            yield {"Effect": "Allow", "Action": [*_NETWORK], "Resource": ["*"]}
        if secrets:
            action = "secretsmanager:GetSecretValue"
            yield {"Effect": "Allow", "Action": [action], "Resource": [*sorted(secrets)]}

    def options(self, trigger: KafkaEventConfig) -> Mapping[str, str]:
        """Return what can be said of records."""
        return {
            "value": "what each record carries, as text",
            "key": "the key of each record; without it they have none",
            "headers": 'the headers of each record: {"name": "text"}',
            "partition": "the partition",
            "offset": "the offset of the first record",
            "count": f"how many records come at once, up to {trigger.batch_size}",
        }

    def sample(self, trigger: KafkaEventConfig, given: Given, occasion: Occasion) -> dict[str, Any]:
        """Return a batch of records of one partition that a filter lets through."""
        fields = fitting(trigger.filters)
        key = given.text("key", str(fields.get("key", "")))
        count = given.number("count", 1, 1, trigger.batch_size)
        return event(
            trigger.topic,
            [text.encode() for text in bodies(given, "value", fields.get("value"), count)],
            occasion,
            cluster_arn=trigger.cluster_arn,
            servers=trigger.bootstrap_servers,
            key=key.encode() or None,
            headers=given.document("headers", {}),
            partition=given.number("partition", 0),
            offset=given.number("offset", 15),
        )


def _access(trigger: KafkaEventConfig) -> Iterable[tuple[str, str]]:
    for kind, given in trigger.access.items():
        prefix = _PREFIXES.get(kind, "")
        for value in [given] if isinstance(given, str) else given:
            yield kind, prefix + value.removeprefix(prefix)


def _data(trigger: KafkaEventConfig) -> list[Document]:
    """Return the ARNs of the cluster, the topic and the consumer group, whose id Lambda makes up
    if it is not given.
    """
    start, _, cluster = (trigger.cluster_arn or "").partition(":cluster/")
    group = trigger.consumer_group_id or "*"
    topic = f"{start}:topic/{cluster}/{trigger.topic}"
    return [f"{start}:cluster/{cluster}", topic, f"{start}:group/{cluster}/{group}"]


def event(
    topic: str,
    values: Sequence[bytes],
    occasion: Occasion,
    *,
    cluster_arn: str | None = None,
    servers: Sequence[str] = (),
    key: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    partition: int = 0,
    offset: int = 0,
) -> dict[str, Any]:
    """Return a batch of records: of an MSK cluster, or without ``cluster_arn`` of one's own."""
    records: list[dict[str, Any]] = []
    for number, value in enumerate(values):
        record: dict[str, Any] = {
            "topic": topic,
            "partition": partition,
            "offset": offset + number,
            "timestamp": occasion.milliseconds,
            "timestampType": "CREATE_TIME",
            "value": base64.b64encode(value).decode("ascii"),
            "headers": [{name: _signed(text)} for name, text in (headers or {}).items()],
        }
        if key is not None:
            record["key"] = base64.b64encode(key).decode("ascii")
        records.append(record)
    where = {"eventSource": "SelfManagedKafka", "bootstrapServers": ",".join(servers)}
    if cluster_arn is not None:
        name = cluster_arn.rpartition(":cluster/")[2].partition("/")[0]
        host = f"{name}.sample.c1.kafka.{cluster_arn.split(':')[3]}.amazonaws.com:9092"
        where = {
            "eventSource": "aws:kafka",
            "eventSourceArn": cluster_arn,
            "bootstrapServers": f"b-1.{host},b-2.{host}",
        }
    return {**where, "records": {f"{topic}-{partition}": records}}


def _signed(text: str) -> list[int]:
    """Return the bytes of a header as Java has them: from -128 to 127."""
    return [byte - 256 if byte > 127 else byte for byte in text.encode()]
