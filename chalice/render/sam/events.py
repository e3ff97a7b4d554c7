"""What invokes functions, as events of these in the language of SAM.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
"""

from __future__ import annotations

import json
from typing import Any

from chalice.model.triggers import ALL_RETRIES, EventSourceMapping, Rule, TopicSubscription
from chalice.model.values import Arn, Value
from chalice.render.sam.draft import Draft, Properties

_REPORTS = "ReportBatchItemFailures"
_STREAMS = {"kinesis": "Kinesis", "dynamodb": "DynamoDB"}


def add_rule(rule: Rule, draft: Draft) -> None:
    """Add a schedule or a pattern of events."""
    if rule.schedule_expression is not None:
        properties: Properties = {"Schedule": rule.schedule_expression}
        if rule.description:
            properties["Description"] = rule.description
        _add_event(rule.name, rule.function, "Schedule", properties, draft)
        return
    properties = {"Pattern": draft.value(rule.event_pattern)}
    if rule.event_bus != "default":
        properties["EventBusName"] = rule.event_bus
    _add_event(rule.name, rule.function, "CloudWatchEvent", properties, draft)


def add_subscription(subscription: TopicSubscription, draft: Draft) -> None:
    """Add a topic. SNS wants to be told the region of one that is elsewhere."""
    properties: Properties = {"Topic": draft.value(subscription.topic)}
    if isinstance(subscription.topic, str):
        properties["Region"] = subscription.topic.split(":")[3]
    if subscription.filter_policy is not None:
        properties["FilterPolicy"] = draft.value(subscription.filter_policy)
        properties["FilterPolicyScope"] = subscription.filter_policy_scope
    _add_event(subscription.name, subscription.function, "SNS", properties, draft)


def add_mapping(mapping: EventSourceMapping, draft: Draft) -> None:
    """Add a queue or a stream; SAM does not know all that a Kafka topic may need."""
    if mapping.topic:
        _add_kafka(mapping, draft)
        return
    service = _service(mapping.source)
    properties: Properties = {
        "Queue" if service == "sqs" else "Stream": draft.value(mapping.source),
        "BatchSize": mapping.batch_size,
    }
    if mapping.starting_position is not None:
        properties["StartingPosition"] = mapping.starting_position
    properties["MaximumBatchingWindowInSeconds"] = mapping.maximum_batching_window_in_seconds
    if mapping.maximum_concurrency is not None:
        properties["ScalingConfig"] = {"MaximumConcurrency": mapping.maximum_concurrency}
    properties |= _filters(mapping)
    if mapping.reports_failures:
        properties["FunctionResponseTypes"] = [_REPORTS]
    if service in _STREAMS:
        properties |= _of_stream(mapping)
    _add_event(mapping.name, mapping.function, _STREAMS.get(service, "SQS"), properties, draft)


def _of_stream(mapping: EventSourceMapping) -> Properties:
    """Return what only streams have and what is not as Lambda has it without being told."""
    settings: Properties = {}
    if mapping.maximum_retry_attempts != ALL_RETRIES:
        settings["MaximumRetryAttempts"] = mapping.maximum_retry_attempts
    if mapping.maximum_record_age_in_seconds != ALL_RETRIES:
        settings["MaximumRecordAgeInSeconds"] = mapping.maximum_record_age_in_seconds
    if mapping.bisect_batch_on_function_error:
        settings["BisectBatchOnFunctionError"] = True
    if mapping.parallelization_factor != 1:
        settings["ParallelizationFactor"] = mapping.parallelization_factor
    if mapping.tumbling_window_in_seconds:
        settings["TumblingWindowInSeconds"] = mapping.tumbling_window_in_seconds
    if mapping.on_failure:
        settings["DestinationConfig"] = {"OnFailure": {"Destination": mapping.on_failure}}
    return settings


def _add_kafka(mapping: EventSourceMapping, draft: Draft) -> None:
    properties: Properties = {
        "FunctionName": draft.value(mapping.function),
        "BatchSize": mapping.batch_size,
        "MaximumBatchingWindowInSeconds": mapping.maximum_batching_window_in_seconds,
        "StartingPosition": mapping.starting_position,
        "Topics": [mapping.topic],
        **_filters(mapping),
    }
    kind = "SelfManagedKafkaEventSourceConfig"
    if mapping.source:
        kind = "AmazonManagedKafkaEventSourceConfig"
        properties["EventSourceArn"] = draft.value(mapping.source)
    if mapping.bootstrap_servers:
        servers = list(mapping.bootstrap_servers)
        properties["SelfManagedEventSource"] = {"Endpoints": {"KafkaBootstrapServers": servers}}
    if mapping.consumer_group_id:
        properties[kind] = {"ConsumerGroupId": mapping.consumer_group_id}
    if mapping.access:
        properties["SourceAccessConfigurations"] = [
            {"Type": type_, "URI": uri} for type_, uri in mapping.access
        ]
    id_ = draft.id(mapping.name)
    draft.add(id_, "AWS::Lambda::EventSourceMapping", properties, mapping.name)


def _filters(mapping: EventSourceMapping) -> Properties:
    if not mapping.filters:
        return {}
    patterns = [{"Pattern": json.dumps(pattern)} for pattern in mapping.filters]
    return {"FilterCriteria": {"Filters": patterns}}


def _service(source: Value) -> str:
    return source.service if isinstance(source, Arn) else str(source).split(":")[2]


def _add_event(name: str, function: Value, kind: str, event: Properties, draft: Draft) -> None:
    properties = draft.properties(draft.id(draft.function_of(function).name))
    events: dict[str, Any] = properties.setdefault("Events", {})
    events[draft.id(name)] = {"Type": kind, "Properties": event}
