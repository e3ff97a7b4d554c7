"""What an event source mapping may be told: by which source, within which limits, by default what.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError

from chalice.cloud.delivery.patterns import InvalidPatternError, Pattern

Kind: TypeAlias = Literal["sqs", "sqs-fifo", "kinesis", "dynamodb", "kafka", "mq", "docdb"]
Settings: TypeAlias = Mapping[str, Any]
"""The parameters of a mapping by AWS's names, values as in the request."""

REPORTS = "ReportBatchItemFailures"

_ARN = re.compile(r"arn:aws[a-zA-Z0-9-]*:[a-zA-Z0-9-]+:[a-zA-Z0-9-]*:(\d{12})?:.+")
_ARN_PATTERN = (
    r"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}(-gov)?-[a-z]+-\d{1})?:(\d{12})?:(.*)"
)
_SERVICES: Mapping[str, Kind] = {
    "sqs": "sqs",
    "kinesis": "kinesis",
    "dynamodb": "dynamodb",
    "kafka": "kafka",
    "mq": "mq",
    "rds": "docdb",
}
_LIMITS: Mapping[str, tuple[int, int]] = {
    "BatchSize": (1, 10_000),
    "MaximumBatchingWindowInSeconds": (0, 300),
    "MaximumRecordAgeInSeconds": (-1, 604_800),
    "MaximumRetryAttempts": (-1, 10_000),
    "ParallelizationFactor": (1, 10),
    "TumblingWindowInSeconds": (0, 900),
}
_MAX_FILTERS = 5  # an account may ask for ten
_MAX_PATTERN = 4096

_ANY: frozenset[str] = frozenset(
    {
        "BatchSize",
        "Enabled",
        "EventSourceArn",
        "FilterCriteria",
        "FunctionName",
        "FunctionResponseTypes",
        "KMSKeyArn",
        "LoggingConfig",
        "MaximumBatchingWindowInSeconds",
        "MetricsConfig",
        "Tags",
    }
)
_STREAM = frozenset(
    {
        "BisectBatchOnFunctionError",
        "DestinationConfig",
        "MaximumRecordAgeInSeconds",
        "MaximumRetryAttempts",
        "ParallelizationFactor",
        "StartingPosition",
        "StartingPositionTimestamp",
        "TumblingWindowInSeconds",
    }
)
_QUEUE = frozenset({"ProvisionedPollerConfig", "ScalingConfig"})
_KAFKA = frozenset(
    {
        "AmazonManagedKafkaEventSourceConfig",
        "BisectBatchOnFunctionError",
        "DestinationConfig",
        "MaximumRecordAgeInSeconds",
        "MaximumRetryAttempts",
        "ProvisionedPollerConfig",
        "SelfManagedEventSource",
        "SelfManagedKafkaEventSourceConfig",
        "SourceAccessConfigurations",
        "StartingPosition",
        "StartingPositionTimestamp",
        "Topics",
    }
)
_OWN: Mapping[Kind, frozenset[str]] = {
    "sqs": _QUEUE,
    "sqs-fifo": _QUEUE,
    "kinesis": _STREAM,
    "dynamodb": _STREAM,
    "kafka": _KAFKA,
    "mq": frozenset({"Queues", "SourceAccessConfigurations"}),
    "docdb": frozenset(
        {
            "DocumentDBEventSourceConfig",
            "SourceAccessConfigurations",
            "StartingPosition",
            "StartingPositionTimestamp",
        }
    ),
}
_CALLED: Mapping[Kind, str] = {
    "sqs": "SQS",
    "sqs-fifo": "SQS",
    "kinesis": "Kinesis",
    "dynamodb": "DynamoDB",
    "kafka": "Kafka",
    "mq": "MQ",
    "docdb": "DocumentDB",
}


class ConstraintError(LambdaClientError):
    """A parameter breaks a rule of the request's schema."""

    def __init__(self, name: str, value: object, rule: str) -> None:
        shown = "null" if value is None else f"'{value}'"
        member = name[0].lower() + name[1:]
        super().__init__(
            "ValidationException",
            f"1 validation error detected: Value {shown} at '{member}' failed to satisfy "
            f"constraint: Member must {rule}",
        )


def kind_of(spec: Settings) -> Kind:
    """Return which kind of source the mapping has. Raises what AWS answers to an unknown one."""
    arn = spec.get("EventSourceArn")
    if not arn:
        if "SelfManagedEventSource" in spec:
            return "kafka"
        raise InvalidParameterValueException("Unrecognized event source.")
    if not isinstance(arn, str) or _ARN.fullmatch(arn) is None:
        rule = f"satisfy regular expression pattern: {_ARN_PATTERN}"
        raise ConstraintError("EventSourceArn", arn, rule)
    _, _, service, region, account, resource = arn.split(":", 5)
    kind = _SERVICES.get(service)
    if kind is None:
        raise InvalidParameterValueException("Unrecognized event source.")
    if not region or not account or not _names_source(kind, resource):
        raise InvalidParameterValueException(f"Invalid event source ARN: {arn}")
    return "sqs-fifo" if kind == "sqs" and resource.endswith(".fifo") else kind


def defaults(kind: Kind) -> dict[str, Any]:
    """Return the settings of a mapping that is told nothing."""
    settings: dict[str, Any] = {
        "BatchSize": 10 if kind.startswith("sqs") else 100,
        "MaximumBatchingWindowInSeconds": 0,
        "Enabled": True,
    }
    match kind:
        case "sqs" | "sqs-fifo":
            settings["FunctionResponseTypes"] = []
        case "kinesis" | "dynamodb":
            settings.update(
                BisectBatchOnFunctionError=False,
                DestinationConfig={"OnFailure": {}},
                FunctionResponseTypes=[],
                MaximumRecordAgeInSeconds=-1,
                MaximumRetryAttempts=-1,
                ParallelizationFactor=1,
                TumblingWindowInSeconds=0,
            )
        case "kafka":
            settings["DestinationConfig"] = {"OnFailure": {}}
    return settings


def check(kind: Kind, given: Settings, result: Settings) -> None:
    """Raise what AWS answers unless a mapping may be told ``given`` and then be ``result``."""
    for name in given:
        if name not in _ANY and name not in _OWN[kind]:
            raise InvalidParameterValueException(
                f"{name} is not valid for {_CALLED[kind]} event sources."
            )
    for name, (least, most) in _LIMITS.items():
        if name in given:
            _check_between(name, given[name], least, most)
    _check_batches(kind, result)
    _check_position(kind, result)
    if kind == "kafka" and "Topics" not in result:
        raise InvalidParameterValueException("Topics must be specified for Kafka event sources.")
    age = result.get("MaximumRecordAgeInSeconds", -1)
    if -1 < age < 60:
        raise InvalidParameterValueException(
            "MaximumRecordAgeInSeconds must be -1 or between 60 and 604800"
        )
    concurrency = (given.get("ScalingConfig") or {}).get("MaximumConcurrency")
    if concurrency is not None:
        _check_between("scalingConfig.maximumConcurrency", concurrency, 2, 1000)
    for response in given.get("FunctionResponseTypes") or []:
        if response != REPORTS:
            rule = f"satisfy enum value set: [{REPORTS}]"
            raise ConstraintError("FunctionResponseTypes", response, rule)
    _check_filters(kind, given)


def _names_source(kind: Kind, resource: str) -> bool:
    match kind:
        case "kinesis":
            return re.fullmatch(r"stream/[\w.-]+(/consumer/[\w.:-]+)?", resource) is not None
        case "dynamodb":
            return re.fullmatch(r"table/[\w.-]+/stream/.+", resource) is not None
        case _:
            return True


def _check_between(name: str, value: object, least: int, most: int) -> None:
    if not isinstance(value, int) or value < least:
        raise ConstraintError(name, value, f"have value greater than or equal to {least}")
    if value > most:
        raise ConstraintError(name, value, f"have value less than or equal to {most}")


def _check_batches(kind: Kind, result: Settings) -> None:
    size, window = result["BatchSize"], result["MaximumBatchingWindowInSeconds"]
    if kind == "sqs-fifo":
        if size > 10:
            raise InvalidParameterValueException(
                f"BatchSize {size} exceeds the maximum of 10 for FIFO queues."
            )
        if window:
            raise InvalidParameterValueException(
                "Batching window is not supported for FIFO queues."
            )
    elif kind == "sqs" and size > 10 and window < 1:
        raise InvalidParameterValueException(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is "
            "greater than 10"
        )


def _check_position(kind: Kind, result: Settings) -> None:
    if "StartingPosition" not in _OWN[kind]:
        return
    position = result.get("StartingPosition")
    if position is None:
        raise ConstraintError("StartingPosition", None, "not be null.")
    known = ["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]
    if position not in known:
        rule = f"satisfy enum value set: [{', '.join(known)}]"
        raise ConstraintError("StartingPosition", position, rule)
    timestamp = result.get("StartingPositionTimestamp")
    if position != "AT_TIMESTAMP":
        if timestamp is not None:
            raise InvalidParameterValueException(
                "StartingPositionTimestamp must be used with StartingPosition AT_TIMESTAMP"
            )
    elif kind == "dynamodb":
        raise InvalidParameterValueException(
            "Unsupported starting position for DynamoDB event sources: AT_TIMESTAMP"
        )
    elif not isinstance(timestamp, (int, float)):
        raise InvalidParameterValueException(
            "StartingPositionTimestamp is required if StartingPosition is AT_TIMESTAMP"
        )


def _check_filters(kind: Kind, given: Settings) -> None:
    filters = (given.get("FilterCriteria") or {}).get("Filters") or []
    if len(filters) > _MAX_FILTERS:
        raise InvalidParameterValueException(f"A mapping has at most {_MAX_FILTERS} filters.")
    for each in filters:
        text = each.get("Pattern") or "{}"
        if len(text) > _MAX_PATTERN:
            rule = f"have length less than or equal to {_MAX_PATTERN}"
            raise ConstraintError("FilterCriteria.filters.pattern", text, rule)
        try:
            pattern = Pattern(json.loads(text))
        except (ValueError, InvalidPatternError) as error:
            raise InvalidParameterValueException(
                f"Invalid filter pattern definition. {error}"
            ) from None
        if kind == "kinesis" and isinstance(pattern.document.get("data"), list):
            raise InvalidParameterValueException(
                "Invalid filter pattern definition. The pattern for data must be an object"
            )
