"""Resources in words: what a line of a plan or of progress calls them."""

from __future__ import annotations

from collections.abc import Mapping

from typing_extensions import assert_never

from chalice.model.apis import (
    ApiKey,
    ApiMapping,
    DomainName,
    FunctionUrl,
    HttpApi,
    RestApi,
    UsagePlan,
    WebsocketApi,
)
from chalice.model.functions import Alias, Code, Function, Layer, LogGroup, Permission, Role
from chalice.model.resources import Resource
from chalice.model.state import Record
from chalice.model.triggers import BucketNotification, EventSourceMapping, Rule, TopicSubscription
from chalice.model.values import Arn, Ref


def noun(resource: Resource) -> str:
    """Return what a plan calls a resource: ``IAM role: helloworld-dev``."""
    match resource:
        case Role():
            return f"IAM role: {resource.role_name}"
        case LogGroup():
            return f"retention of log group: {resource.log_group_name}"
        case Layer():
            return f"lambda layer: {resource.layer_name}"
        case Function():
            return f"lambda function: {resource.function_name}"
        case Alias():
            return f"alias {resource.alias_name} of {text(resource.function)}"
        case RestApi():
            return f"Rest API: {resource.title}"
        case HttpApi():
            return f"HTTP API: {resource.title}"
        case FunctionUrl():
            return f"URL of function: {text(resource.function)}"
        case DomainName():
            return f"custom domain name: {resource.domain_name}"
        case ApiMapping():
            return f"api mapping: {text(resource.domain_name)}/{resource.key}"
        case ApiKey():
            return f"API key: {resource.key_name}"
        case UsagePlan():
            return f"usage plan: {resource.plan_name}"
        case WebsocketApi():
            return f"Websocket API: {resource.title}"
        case Permission():
            return f"permission to invoke: {text(resource.function)}"
        case EventSourceMapping():
            return f"subscription of {text(resource.function)} to {_read_by(resource)}"
        case Rule():
            return f"rule: {resource.rule_name}"
        case BucketNotification():
            return f"notifications of bucket {resource.bucket} to {text(resource.function)}"
        case TopicSubscription():
            return f"subscription of {text(resource.function)} to {_source(text(resource.topic))}"
        case _:
            assert_never(resource)


def recorded(record: Record) -> str:
    """Return what a plan calls a resource of which only the record is known."""
    outputs = record.outputs
    match record.kind:
        case "Role":
            return f"IAM role: {outputs['role_name']}"
        case "LogGroup":
            return f"retention policy for log group: {outputs['log_group_name']}"
        case "Layer":
            return f"layer version: {outputs['layer_version_arn']}"
        case "Alias":
            name, _, alias = _tail(outputs["invoke_arn"]).partition(":")
            return f"alias {alias} of {name}"
        case "Function":
            return f"function: {outputs['lambda_arn']}"
        case "RestApi":
            return f"Rest API: {outputs['rest_api_id']}"
        case "HttpApi":
            return f"HTTP API: {outputs['http_api_id']}"
        case "FunctionUrl":
            return f"URL of function: {_tail(outputs['lambda_arn'])}"
        case "DomainName":
            return f"custom domain name: {outputs['domain_name']}"
        case "ApiMapping":
            return f"api mapping: {outputs['domain_name']}/{outputs['key']}"
        case "ApiKey":
            return f"API key: {outputs['key_name']}"
        case "UsagePlan":
            return f"usage plan: {outputs['plan_name']}"
        case "WebsocketApi":
            return f"Websocket API: {outputs['websocket_api_id']}"
        case "Permission":
            return f"permission to invoke: {_tail(outputs['function'])}"
        case "EventSourceMapping":
            function = _tail(outputs["lambda_arn"])
            topic = outputs.get("topic", "")
            source = f"topic {topic}" if topic else _source(outputs["event_source_arn"])
            return f"subscription of {function} to {source}"
        case "Rule":
            return f"rule: {outputs['rule_name']}"
        case "BucketNotification":
            function = _tail(outputs["lambda_arn"])
            return f"notifications of bucket {outputs['bucket']} to {function}"
        case "TopicSubscription":
            function = _tail(outputs["lambda_arn"])
            return f"subscription of {function} to {_source(outputs['topic_arn'])}"
        case _:
            assert_never(record.kind)


def text(value: object) -> str:
    """Return a value of a resource in short."""
    match value:
        case Ref(resource, _):
            return resource
        case Arn(_, parts):
            return "".join(text(part) for part in parts)
        case Code(sha256):
            return sha256[:12]
        case Mapping():
            return "{" + ", ".join(f"{key}={text(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(text(item) for item in value) + "]"
        case None:
            return "none"
        case _:
            return str(value).rpartition(":function:")[2]


def _read_by(mapping: EventSourceMapping) -> str:
    return f"topic {mapping.topic}" if mapping.topic else _source(text(mapping.source))


def _tail(arn: str) -> str:
    return arn.rpartition(":function:")[2]


def _source(arn: str) -> str:
    """Return the part of an ARN that people gave it: ``orders``, ``stream/clicks``."""
    return arn.split(":", 5)[-1] if arn.startswith("arn:") else arn
