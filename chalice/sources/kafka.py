"""Kafka topics: how ``@app.on_kafka`` is checked, deployed and permitted.

https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from chalice.model.resources import Resource
from chalice.model.triggers import EventSourceMapping
from chalice.model.values import Document
from chalice.runtime.events.kafka import KafkaEventConfig
from chalice.sources.base import Problem, Target
from chalice.sources.batches import LONGEST_WINDOW, MOST_RECORDS, POSITIONS, number_problem

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
