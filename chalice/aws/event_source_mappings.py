"""Event source mappings: queues and streams that Lambda reads.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from chalice.aws.calls import code_of, doing, once_assumable, once_free, or_none
from chalice.aws.session import Session
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.triggers import ALL_RETRIES, EventSourceMapping
from chalice.model.values import Outputs

_REPORTS = "ReportBatchItemFailures"
_SERVERS = "KAFKA_BOOTSTRAP_SERVERS"
_GROUP_KEYS = ("AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig")
"""Where the consumer group is: of MSK, of one's own cluster."""


class EventSourceMappings:
    """Mappings, found again by their function and source: Lambda allows one for each pair."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _lambda(self) -> Any:
        return self._session.client("lambda")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the mapping from that source to that function."""
        for found in self._mappings(identity["function"], identity["source"]):
            if _kafka(found) == (identity.get("topic", ""), identity.get("bootstrap_servers", "")):
                return _outputs(found)
        return None

    def read(self, record: Record) -> Found | None:
        """Return the recorded mapping as it stands."""
        uuid = record.outputs["event_uuid"]
        with doing(f"reading event source mapping {uuid}"):
            found = or_none(lambda: self._lambda.get_event_source_mapping(UUID=uuid))
        if found is None or found.get("State") == "Deleting":
            return None
        filters = found.get("FilterCriteria", {}).get("Filters", [])
        mapping = EventSourceMapping(
            name=record.name,
            function=found["FunctionArn"],
            source=found.get("EventSourceArn", ""),
            topic=_kafka(found)[0],
            bootstrap_servers=tuple(filter(None, _kafka(found)[1].split(","))),
            consumer_group_id=_group(found),
            access=tuple(
                sorted(
                    (each["Type"], each["URI"])
                    for each in found.get("SourceAccessConfigurations", [])
                )
            ),
            batch_size=found["BatchSize"],
            maximum_batching_window_in_seconds=found.get("MaximumBatchingWindowInSeconds", 0),
            maximum_concurrency=found.get("ScalingConfig", {}).get("MaximumConcurrency"),
            starting_position=found.get("StartingPosition"),
            filters=tuple(json.loads(each["Pattern"]) for each in filters),
            reports_failures=_REPORTS in found.get("FunctionResponseTypes", []),
            maximum_retry_attempts=found.get("MaximumRetryAttempts", ALL_RETRIES),
            maximum_record_age_in_seconds=found.get("MaximumRecordAgeInSeconds", ALL_RETRIES),
            bisect_batch_on_function_error=found.get("BisectBatchOnFunctionError", False),
            parallelization_factor=found.get("ParallelizationFactor", 1),
            tumbling_window_in_seconds=found.get("TumblingWindowInSeconds", 0),
            on_failure=found.get("DestinationConfig", {})
            .get("OnFailure", {})
            .get("Destination", ""),
        )
        return Found(mapping, {**record.outputs, **_outputs(found)})

    def create(self, mapping: EventSourceMapping) -> Outputs:
        """Make the mapping, or make the one that exists for the pair what it should be."""
        settings = {**_settings(mapping), **_fixed(mapping)}
        with doing(f"subscribing {_tail(mapping.function)} to {mapping.source}"):
            try:
                made = once_assumable(
                    lambda: self._lambda.create_event_source_mapping(
                        FunctionName=mapping.function, **settings
                    ),
                    self._session.pause,
                )
            except ClientError as error:
                if code_of(error) != "ResourceConflictException":
                    raise
                return self._take_over(mapping, error)
        return _outputs(made)

    def update(
        self, mapping: EventSourceMapping, record: Record, fields: Collection[str]
    ) -> Outputs:
        """Change the settings of the mapping."""
        return self._update(mapping, record.outputs["event_uuid"])

    def delete(self, record: Record) -> None:
        """Delete the mapping."""
        uuid = record.outputs["event_uuid"]
        with doing(f"deleting event source mapping {uuid}"):
            self._free(lambda: or_none(lambda: self._lambda.delete_event_source_mapping(UUID=uuid)))

    def _take_over(self, mapping: EventSourceMapping, error: ClientError) -> Outputs:
        wanted = mapping.topic, ",".join(mapping.bootstrap_servers)
        for found in self._mappings(str(mapping.function), str(mapping.source)):
            if _kafka(found) == wanted:
                return self._update(mapping, found["UUID"])
        raise error

    def _update(self, mapping: EventSourceMapping, uuid: str) -> Outputs:
        with doing(f"updating event source mapping {uuid}"):
            made = self._free(
                lambda: self._lambda.update_event_source_mapping(UUID=uuid, **_settings(mapping))
            )
        return _outputs(made)

    def _free(self, call: Any) -> Any:
        return once_free(call, self._session.pause)

    def _mappings(self, function: str, source: str) -> Iterator[Mapping[str, Any]]:
        with doing(f"looking for what triggers {_tail(function)}"):
            pages = self._lambda.get_paginator("list_event_source_mappings")
            named = {"EventSourceArn": source} if source else {}
            for page in pages.paginate(FunctionName=function, **named):
                for found in page["EventSourceMappings"]:
                    if found.get("State") != "Deleting":
                        yield found


def _settings(mapping: EventSourceMapping) -> dict[str, Any]:
    """Return all settings that can change, those that are not wanted as what clears them."""
    patterns = [{"Pattern": json.dumps(pattern)} for pattern in mapping.filters]
    settings: dict[str, Any] = {
        "BatchSize": mapping.batch_size,
        "MaximumBatchingWindowInSeconds": mapping.maximum_batching_window_in_seconds,
        "FilterCriteria": {"Filters": patterns} if patterns else {},
        "FunctionResponseTypes": [_REPORTS] if mapping.reports_failures else [],
    }
    if mapping.topic:
        access = [{"Type": kind, "URI": uri} for kind, uri in mapping.access]
        del settings["FunctionResponseTypes"]
        return {**settings, "SourceAccessConfigurations": access}
    if _service(mapping) == "sqs":
        concurrency = mapping.maximum_concurrency
        limit = {} if concurrency is None else {"MaximumConcurrency": concurrency}
        return {**settings, "ScalingConfig": limit}
    lost = {"Destination": mapping.on_failure} if mapping.on_failure else {}
    return {
        **settings,
        "MaximumRetryAttempts": mapping.maximum_retry_attempts,
        "MaximumRecordAgeInSeconds": mapping.maximum_record_age_in_seconds,
        "BisectBatchOnFunctionError": mapping.bisect_batch_on_function_error,
        "ParallelizationFactor": mapping.parallelization_factor,
        "TumblingWindowInSeconds": mapping.tumbling_window_in_seconds,
        "DestinationConfig": {"OnFailure": lost},
    }


def _fixed(mapping: EventSourceMapping) -> dict[str, Any]:
    """Return what is set when a mapping is made, and never after."""
    fixed: dict[str, Any] = {}
    if mapping.source:
        fixed["EventSourceArn"] = mapping.source
    if mapping.starting_position is not None:
        fixed["StartingPosition"] = mapping.starting_position
    if mapping.topic:
        fixed["Topics"] = [mapping.topic]
    if mapping.bootstrap_servers:
        servers = {_SERVERS: list(mapping.bootstrap_servers)}
        fixed["SelfManagedEventSource"] = {"Endpoints": servers}
    if mapping.consumer_group_id:
        key = _GROUP_KEYS[0 if mapping.source else 1]
        fixed[key] = {"ConsumerGroupId": mapping.consumer_group_id}
    return fixed


def _kafka(found: Mapping[str, Any]) -> tuple[str, str]:
    """Return topic and bootstrap servers, joined by commas; both empty if it is not Kafka."""
    endpoints = found.get("SelfManagedEventSource", {}).get("Endpoints", {})
    return ",".join(found.get("Topics", [])), ",".join(sorted(endpoints.get(_SERVERS, [])))


def _group(found: Mapping[str, Any]) -> str:
    """Return the id of the consumer group, empty if Lambda made it up: it is the mapping's own."""
    ids = (found.get(key, {}).get("ConsumerGroupId", "") for key in _GROUP_KEYS)
    return next((id_ for id_ in ids if id_ and id_ != found["UUID"]), "")


def _outputs(found: Mapping[str, Any]) -> Outputs:
    topic = _kafka(found)[0]
    return {
        "event_uuid": found["UUID"],
        "event_source_arn": found.get("EventSourceArn", ""),
        "lambda_arn": found["FunctionArn"],
        **({"topic": topic} if topic else {}),
    }


def _service(mapping: EventSourceMapping) -> str:
    return str(mapping.source).split(":")[2]


def _tail(arn: object) -> str:
    return str(arn).rpartition(":")[2]
