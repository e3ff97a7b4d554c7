"""What invokes functions: rules, topics, queues and streams.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_event_source_mapping
"""

from __future__ import annotations

import json

from chalice.model.triggers import EventSourceMapping, Rule, TopicSubscription
from chalice.model.values import Arn, Value
from chalice.render.terraform.draft import Arguments, Draft
from chalice.render.terraform.references import expression, key_of, literal, text

_REPORTS = "ReportBatchItemFailures"
_SERVERS = "KAFKA_BOOTSTRAP_SERVERS"


def add_rule(rule: Rule, draft: Draft) -> None:
    """Add a schedule or a pattern of events, and what it invokes."""
    arguments: Arguments = {"name": literal(rule.rule_name)}
    if rule.schedule_expression is not None:
        arguments |= {
            "schedule_expression": literal(rule.schedule_expression),
            "description": literal(rule.description),
        }
    else:
        arguments["event_pattern"] = text(rule.event_pattern)
    key = f"aws_cloudwatch_event_rule.{key_of(rule.name)}"
    target: Arguments = {
        "rule": f"${{{key}.name}}",
        "target_id": rule.name,
        "arn": expression(rule.function),
    }
    if rule.event_bus != "default":
        arguments["event_bus_name"] = literal(rule.event_bus)
        target["event_bus_name"] = f"${{{key}.event_bus_name}}"
    draft.add("aws_cloudwatch_event_rule", rule.name, arguments, rule.name)
    draft.add("aws_cloudwatch_event_target", rule.name, target, rule.name)


def add_subscription(subscription: TopicSubscription, draft: Draft) -> None:
    """Add the subscription to a topic."""
    arguments: Arguments = {
        "topic_arn": expression(subscription.topic),
        "protocol": "lambda",
        "endpoint": expression(subscription.function),
    }
    if subscription.filter_policy is not None:
        arguments["filter_policy"] = text(subscription.filter_policy)
        arguments["filter_policy_scope"] = subscription.filter_policy_scope
    draft.add("aws_sns_topic_subscription", subscription.name, arguments, subscription.name)


def add_mapping(mapping: EventSourceMapping, draft: Draft) -> None:
    """Add the mapping of a queue, a stream or a Kafka topic."""
    arguments: Arguments = {}
    if mapping.source:
        arguments["event_source_arn"] = expression(mapping.source)
    arguments["batch_size"] = mapping.batch_size
    if mapping.starting_position is not None:
        arguments["starting_position"] = mapping.starting_position
    arguments["maximum_batching_window_in_seconds"] = mapping.maximum_batching_window_in_seconds
    arguments["function_name"] = expression(mapping.function)
    if mapping.maximum_concurrency is not None:
        arguments["scaling_config"] = {"maximum_concurrency": mapping.maximum_concurrency}
    if mapping.filters:
        patterns = [{"pattern": literal(json.dumps(each))} for each in mapping.filters]
        arguments["filter_criteria"] = {"filter": patterns}
    if mapping.reports_failures:
        arguments["function_response_types"] = [_REPORTS]
    if mapping.topic:
        arguments |= _of_kafka(mapping)
    elif _service(mapping.source) != "sqs":
        arguments |= _of_stream(mapping)
    draft.add("aws_lambda_event_source_mapping", mapping.name, arguments, mapping.name)


def _of_stream(mapping: EventSourceMapping) -> Arguments:
    """Return what only streams have: all of it, or Terraform would leave it as it was."""
    settings: Arguments = {
        "maximum_retry_attempts": mapping.maximum_retry_attempts,
        "maximum_record_age_in_seconds": mapping.maximum_record_age_in_seconds,
        "bisect_batch_on_function_error": mapping.bisect_batch_on_function_error,
        "parallelization_factor": mapping.parallelization_factor,
        "tumbling_window_in_seconds": mapping.tumbling_window_in_seconds,
    }
    if mapping.on_failure:
        lost = {"destination_arn": literal(mapping.on_failure)}
        settings["destination_config"] = {"on_failure": lost}
    return settings


def _of_kafka(mapping: EventSourceMapping) -> Arguments:
    settings: Arguments = {"topics": [literal(mapping.topic)]}
    kind = "amazon_managed_kafka_event_source_config"
    if mapping.bootstrap_servers:
        kind = "self_managed_kafka_event_source_config"
        servers = ",".join(literal(each) for each in mapping.bootstrap_servers)
        settings["self_managed_event_source"] = {"endpoints": {_SERVERS: servers}}
    if mapping.consumer_group_id:
        settings[kind] = {"consumer_group_id": literal(mapping.consumer_group_id)}
    if mapping.access:
        settings["source_access_configuration"] = [
            {"type": type_, "uri": literal(uri)} for type_, uri in mapping.access
        ]
    return settings


def _service(source: Value) -> str:
    return source.service if isinstance(source, Arn) else str(source).split(":")[2]
