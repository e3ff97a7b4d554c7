"""Records as the documented rows of a state file, schema version 2.0.

Older tools read and write these. A kind that the document does not have is kept beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalice.model.resources import Kind
from chalice.model.state import Record
from chalice.model.values import Outputs

_TYPES: Mapping[str, Kind] = {
    "iam_role": "Role",
    "log_group": "LogGroup",
    "lambda_layer": "Layer",
    "lambda_function": "Function",
    "rest_api": "RestApi",
    "websocket_api": "WebsocketApi",
    "domain_name": "DomainName",
    "cloudwatch_event": "Rule",
    "s3_event": "BucketNotification",
    "sns_event": "TopicSubscription",
    "sqs_event": "EventSourceMapping",
    "kinesis_event": "EventSourceMapping",
    "dynamodb_event": "EventSourceMapping",
}
_ONE_TYPE: Mapping[Kind, str] = {
    kind: type_ for type_, kind in _TYPES.items() if kind != "EventSourceMapping"
}
_SOURCE_ARN: Mapping[str, str] = {
    "sqs_event": "queue_arn",
    "kinesis_event": "kinesis_arn",
    "dynamodb_event": "stream_arn",
}
"""What a row calls the ARN of the queue or stream."""
_SOURCE_NAME: Mapping[str, str] = {"sqs_event": "queue", "kinesis_event": "stream"}
"""What a row calls its name."""


def records_of(row: Mapping[str, Any]) -> Sequence[Record]:
    """Return the records in a row, none if its type is unknown. Raises KeyError for a broken one.

    The row of a domain holds its mappings too.
    """
    type_ = row["resource_type"]
    kind = _TYPES.get(type_)
    if kind is None:
        return ()
    outputs = {key: row[key] for key in row if key not in ("name", "resource_type")}
    if type_ in _SOURCE_ARN:
        outputs["event_source_arn"] = outputs.pop(_SOURCE_ARN[type_])
        outputs.pop(_SOURCE_NAME.get(type_, ""), None)
    if kind == "TopicSubscription":
        outputs.pop("topic", None)
    mappings = outputs.pop("api_mapping", ()) if kind == "DomainName" else ()
    record = Record(row["name"], kind, outputs)
    return (record, *(_mapping_of(record, each["key"], i) for i, each in enumerate(mappings)))


def row_of(record: Record, others: Iterable[Record]) -> dict[str, object] | None:
    """Return the documented row of a record, None if there is none for its kind.

    ``others`` are all records of the stage.
    """
    outputs = record.outputs
    type_ = _ONE_TYPE.get(record.kind)
    if record.kind == "EventSourceMapping":
        type_, outputs = _mapping(outputs)
    if record.kind == "TopicSubscription":
        outputs = {"topic": outputs["topic_arn"].rpartition(":")[2], **outputs}
    if type_ is None:
        return None
    row: dict[str, object] = {"name": record.name, "resource_type": type_, **outputs}
    if record.kind == "DomainName":
        row["api_mapping"] = [
            {"key": f"/{each.outputs['key']}"}
            for each in others
            if each.kind == "ApiMapping" and each.outputs["domain_name"] == outputs["domain_name"]
        ]
    return row


def _mapping_of(domain: Record, path: str, number: int) -> Record:
    """Return the mapping that an older tool recorded with its domain."""
    is_rest = domain.name == "api_gateway_custom_domain"
    outputs = {
        "domain_name": domain.outputs["domain_name"],
        "key": path.strip("/"),
        "protocol": "REST" if is_rest else "V2",
    }
    more = f"-{number}" if number else ""
    return Record(f"{domain.name}-mapping{more}", "ApiMapping", outputs)


def _mapping(outputs: Outputs) -> tuple[str | None, Outputs]:
    arn = outputs["event_source_arn"]
    type_ = f"{arn.split(':')[2]}_event" if arn.startswith("arn:") else ""
    if type_ not in _SOURCE_ARN:
        return None, outputs
    others = {key: value for key, value in outputs.items() if key != "event_source_arn"}
    named = {_SOURCE_ARN[type_]: arn}
    if type_ in _SOURCE_NAME:
        named[_SOURCE_NAME[type_]] = arn.rpartition(":")[2].removeprefix("stream/")
    return type_, {**named, **others}
