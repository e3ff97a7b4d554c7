"""Where one service sends what happened to another: functions, queues, topics, buses, log groups.

All of it is called in a thread, as requests are, and takes no longer than they do.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.core.exceptions import ServiceException
from moto.events.exceptions import ResourceNotFoundException
from moto.events.models import events_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.sns.exceptions import SNSNotFoundError
from moto.sns.models import sns_backends
from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import sqs_backends
from moto.utilities.utils import get_partition

from chalice.cloud.control.event_buses import ServedEventsBackend
from chalice.cloud.control.function_policies import may_invoke
from chalice.cloud.control.lambda_functions import ServedFunction, ServedFunctionBackend
from chalice.cloud.control.lookups import FunctionName, NoSuchFunctionError, parse_function_name
from chalice.cloud.control.moto_settings import ACCOUNT

Code: TypeAlias = Literal["NO_RESOURCE", "NO_PERMISSIONS", "INVALID_PARAMETER"]
Attributes: TypeAlias = Mapping[str, Mapping[str, str | bytes]]
"""Message attributes as SQS takes them: ``{"Name": {"DataType": "String", "StringValue": "x"}}``"""


class UndeliverableError(Exception):
    """The target does not take it. ``code`` is EventBridge's; ``str()`` says why."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Sender:
    """The service that sends (``s3.amazonaws.com``), and the ARN on whose behalf it does."""

    service: str
    source_arn: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent: a text, which is JSON for functions, and what queues and topics need besides.

    ``event`` is for event buses: a whole event document.
    """

    body: str
    attributes: Attributes = field(default_factory=dict)
    group_id: str | None = None
    event: Mapping[str, Any] | None = None


def send(arn: str, letter: Letter, sender: Sender | None) -> None:
    """Send ``letter`` to what has that ARN. Raises ``UndeliverableError``.

    A function must permit ``sender``; None is a sender that acts as a role which may.
    """
    parts = arn.split(":", 5)
    if len(parts) != 6:
        raise UndeliverableError("INVALID_PARAMETER", f"{arn} is not an ARN")
    service, region, account, name = parts[2:]
    if account != ACCOUNT and service != "s3":
        raise UndeliverableError("NO_RESOURCE", f"{arn} is of another account")
    match service:
        case "lambda":
            invoke_function(arn, letter.body.encode(), sender)
        case "sqs":
            send_to_queue(arn, letter)
        case "sns":
            _publish(arn, region, letter)
        case "events":
            put_on_bus(arn, region, letter.event or json.loads(letter.body))
        case "logs":
            _write_log_event(arn, region, name, letter.body)
        case _:
            raise UndeliverableError(
                "INVALID_PARAMETER", f"the embedded cloud cannot send to {service}: {arn}"
            )


def invoke_function(arn: str, payload: bytes, sender: Sender | None) -> None:
    """Invoke a function asynchronously. Raises ``UndeliverableError``."""
    try:
        named = parse_function_name(arn, "")
    except NoSuchFunctionError as error:
        raise UndeliverableError("NO_RESOURCE", str(error)) from None
    statements = _policy_of(named)
    if sender is not None and not _allow(statements, sender):
        raise UndeliverableError(
            "NO_PERMISSIONS",
            f"the policy of {arn} does not let {sender.service} invoke it for {sender.source_arn}",
        )
    functions_of(named.region).runs.submit(named.arn, payload)


def permits(function: FunctionName, sender: Sender) -> bool:
    """Whether the function's policy lets ``sender`` invoke it.

    Raises ``UndeliverableError`` when there is no such function.
    """
    return _allow(_policy_of(function), sender)


def functions_of(region: str) -> ServedFunctionBackend:
    """Return the functions of a region."""
    backend = lambda_backends[ACCOUNT][region]
    assert isinstance(backend, ServedFunctionBackend)
    return backend


def _policy_of(function: FunctionName) -> list[dict[str, Any]]:
    """Return the statements of a function's policy. Raises ``UndeliverableError``."""
    try:
        found = functions_of(function.region).get_function(function.name, function.qualifier)
    except (UnknownFunctionException, UnknownAliasException):
        raise UndeliverableError("NO_RESOURCE", f"there is no {function.arn}") from None
    assert isinstance(found, ServedFunction)
    return found.policy.of(function.qualifier)


def _allow(statements: list[dict[str, Any]], sender: Sender) -> bool:
    return may_invoke(statements, sender.service, sender.source_arn, ACCOUNT)


def send_to_queue(arn: str, letter: Letter, deduplication_id: str | None = None) -> None:
    """Send a message to an SQS queue. Raises ``UndeliverableError``."""
    _, _, _, region, _, name = arn.split(":", 5)
    try:
        sqs_backends[ACCOUNT][region].send_message(
            name,
            letter.body,
            message_attributes={key: dict(value) for key, value in letter.attributes.items()},
            group_id=letter.group_id,
            deduplication_id=deduplication_id,
        )
    except QueueDoesNotExist:
        raise UndeliverableError("NO_RESOURCE", f"there is no queue {arn}") from None
    except ServiceException as error:
        raise UndeliverableError("INVALID_PARAMETER", f"{arn}: {error}") from None


def put_on_bus(arn: str, region: str, event: Mapping[str, Any]) -> None:
    """Let the rules of an event bus have ``event``. Raises ``UndeliverableError``."""
    backend = events_backends[ACCOUNT][region]
    assert isinstance(backend, ServedEventsBackend)
    try:
        backend.emit(arn, dict(event))
    except ResourceNotFoundException:
        raise UndeliverableError("NO_RESOURCE", f"there is no event bus {arn}") from None


def put_object(arn: str, key: str, body: str) -> None:
    """Put an object in the bucket ``arn``. Raises ``UndeliverableError``."""
    bucket = arn.rpartition(":")[2]
    try:
        s3_backends[ACCOUNT][get_partition("")].put_object(bucket, key, body.encode())
    except ServiceException as error:
        raise UndeliverableError("NO_RESOURCE", f"{arn}: {error}") from None


def _publish(arn: str, region: str, letter: Letter) -> None:
    attributes = {
        name: {"Type": value["DataType"], "Value": value["StringValue"]}
        for name, value in letter.attributes.items()
    }
    try:
        sns_backends[ACCOUNT][region].publish(
            letter.body, arn, message_attributes=attributes, group_id=letter.group_id
        )
    except SNSNotFoundError:
        raise UndeliverableError("NO_RESOURCE", f"there is no topic {arn}") from None
    except ServiceException as error:
        raise UndeliverableError("INVALID_PARAMETER", f"{arn}: {error}") from None


def _write_log_event(arn: str, region: str, name: str, body: str) -> None:
    group = name.removeprefix("log-group:").removesuffix(":*")
    backend = logs_backends[ACCOUNT][region]
    if group not in backend.groups:
        raise UndeliverableError("NO_RESOURCE", f"there is no log group {arn}")
    stream = str(uuid.uuid4())
    backend.create_log_stream(group, stream)
    event = {"timestamp": int(time.time() * 1000), "message": body}
    backend.put_log_events(group, stream, [event])
