"""Lambda: what is read for a function, and what becomes of its events."""

from __future__ import annotations

from typing import Any

from chalice.cloud.stacks.kinds.kind import (
    Kind,
    Made,
    Properties,
    Site,
    difference,
    keep,
    mapped,
    set_of,
    without,
)

_OF_UPDATES = set_of(
    "AmazonManagedKafkaEventSourceConfig EventSourceArn SelfManagedEventSource "
    "SelfManagedKafkaEventSourceConfig StartingPosition StartingPositionTimestamp Queues Tags "
    "Topics"
)
_DEFAULTS: dict[str, Any] = {
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "Enabled": True,
    "FilterCriteria": {},
    "FunctionResponseTypes": [],
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "MetricsConfig": {"Metrics": []},
    "ParallelizationFactor": 1,
    "ProvisionedPollerConfig": {},
    "ScalingConfig": {},
    "TumblingWindowInSeconds": 0,
}


class EventSourceMapping(Kind):
    """``AWS::Lambda::EventSourceMapping``."""

    type = "AWS::Lambda::EventSourceMapping"
    takes = set_of(
        "AmazonManagedKafkaEventSourceConfig BatchSize BisectBatchOnFunctionError "
        "DestinationConfig DocumentDBEventSourceConfig Enabled EventSourceArn FilterCriteria "
        "FunctionName FunctionResponseTypes KmsKeyArn MaximumBatchingWindowInSeconds "
        "MaximumRecordAgeInSeconds MaximumRetryAttempts MetricsConfig ParallelizationFactor "
        "ProvisionedPollerConfig Queues ScalingConfig SelfManagedEventSource "
        "SelfManagedKafkaEventSourceConfig SourceAccessConfigurations StartingPosition "
        "StartingPositionTimestamp Tags Topics TumblingWindowInSeconds"
    )
    needs = set_of("FunctionName")
    fixed = set_of(
        "EventSourceArn Queues SelfManagedEventSource StartingPosition StartingPositionTimestamp "
        "Topics"
    )
    tags = "list"
    follows = set_of("AWS::IAM::Policy AWS::IAM::ManagedPolicy AWS::SQS::QueuePolicy")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the mapping."""
        parameters = without(wanted, "Tags")
        if wanted.get("Tags"):
            parameters["Tags"] = mapped(wanted["Tags"])
        return self._made(site.call("lambda", "create_event_source_mapping", parameters))

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change the settings."""
        keep(before, wanted, "KmsKeyArn", "SourceAccessConfigurations")
        gone = {name: value for name, value in _DEFAULTS.items() if name in before}
        if "BatchSize" in before:
            gone["BatchSize"] = 10 if ":sqs:" in str(wanted.get("EventSourceArn")) else 100
        values = {**gone, **without(wanted, *_OF_UPDATES), "UUID": physical_id}
        made = self._made(site.call("lambda", "update_event_source_mapping", values))
        added, removed = difference(before, wanted)
        arn = {"Resource": made.attributes["EventSourceMappingArn"]}
        if removed:
            site.call("lambda", "untag_resource", {**arn, "TagKeys": removed})
        if added:
            site.call("lambda", "tag_resource", {**arn, "Tags": added})
        return made

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the mapping."""
        site.call("lambda", "delete_event_source_mapping", {"UUID": physical_id})

    def _made(self, answer: Properties) -> Made:
        arn = {"EventSourceMappingArn": answer["EventSourceMappingArn"]}
        return Made(answer["UUID"], {"Id": answer["UUID"], **arn})


class EventInvokeConfig(Kind):
    """``AWS::Lambda::EventInvokeConfig``."""

    type = "AWS::Lambda::EventInvokeConfig"
    takes = set_of(
        "DestinationConfig FunctionName MaximumEventAgeInSeconds MaximumRetryAttempts Qualifier"
    )
    needs = set_of("FunctionName Qualifier")
    fixed = set_of("FunctionName Qualifier")
    follows = set_of("AWS::Lambda::Alias AWS::Lambda::Version AWS::IAM::Policy")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Set it all."""
        site.call("lambda", "put_function_event_invoke_config", wanted)
        return Made(site.name(100))

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Set it all anew."""
        site.call("lambda", "put_function_event_invoke_config", wanted)
        return Made(physical_id)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Have the defaults again."""
        named = {name: held[name] for name in ("FunctionName", "Qualifier")}
        site.call("lambda", "delete_function_event_invoke_config", named)
