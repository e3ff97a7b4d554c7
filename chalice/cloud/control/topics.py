"""SNS topics: what they take is checked, and sent on after the request.

moto sends within the caller's request, has examples for the ARNs in what a function gets, loses
the entries of a batch that fail, and matches filter policies its own way.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

from moto.core.responses import ActionResult
from moto.sns.exceptions import (
    BatchEntryIdsNotDistinct,
    SNSException,
    SNSInvalidParameter,
    TooManyEntriesInBatchRequest,
)
from moto.sns.models import SNSBackend, Subscription, Topic, sns_backends
from moto.sns.responses import SNSResponse

from chalice.cloud.control.service import CorrectedBackend, register
from chalice.cloud.delivery.patterns import InvalidPatternError, Pattern

MAX_MESSAGE = 262_144
"""Bytes of a message with its attributes, and of all messages of a batch."""

_MAX_KEYS = 5  # of a filter policy


@dataclass(frozen=True, slots=True)
class Message:
    """A message that a topic took.

    ``attributes`` are ``{"name": {"Type": "String", "Value": "x"}}``. ``by_protocol`` has what a
    protocol (``lambda``) gets in place of ``text``. ``at`` is in seconds since 1970.
    """

    id: str
    text: str
    subject: str | None
    attributes: Mapping[str, Mapping[str, str]]
    at: float
    by_protocol: Mapping[str, str] = field(default_factory=dict)
    group_id: str | None = None
    deduplication_id: str | None = None


class Publishes(Protocol):
    """What sends messages to subscribers, asked from any thread."""

    def publish(self, topic: Topic, message: Message) -> None:
        """Send a message to those who subscribed."""

    def prepare(self) -> None:
        """There is a subscriber: messages will come."""


class ServedSNSBackend(SNSBackend):
    """The topics of one region."""

    def __init__(self, region_name: str, account_id: str, publisher: Publishes) -> None:
        super().__init__(region_name, account_id)
        self.publisher = publisher

    def publish(
        self,
        message: str,
        arn: str | None,
        phone_number: str | None = None,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        message_structure: str | None = None,
    ) -> str:
        """Take a message; return its id."""
        if phone_number or arn is None or ":endpoint/" in arn:
            return super().publish(message, arn, phone_number, subject)
        topic = self.get_topic(arn)
        if not message:
            raise _invalid("Empty message")
        if _size(message, message_attributes) > MAX_MESSAGE:
            raise _invalid("Message too long")
        if subject is not None and not (0 < len(subject) <= 100 and subject.isprintable()):
            raise _invalid("Subject")
        if topic.fifo_topic:
            deduplication_id = _deduplication_id(topic, message, group_id, deduplication_id)
        elif deduplication_id:
            raise _invalid(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId "
                "parameter that is not valid for this topic type"
            )
        taken = Message(
            id=str(uuid.uuid4()),
            text=message,
            subject=subject,
            attributes=message_attributes or {},
            at=time.time(),
            by_protocol=_by_protocol(message, message_structure),
            group_id=group_id,
            deduplication_id=deduplication_id,
        )
        self.publisher.publish(topic, taken)
        return taken.id

    def publish_batch(
        self, topic_arn: str, publish_batch_request_entries: list[dict[str, Any]]
    ) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
        """Take messages; return which were taken, and what is wrong with the others."""
        self.get_topic(topic_arn)
        entries = publish_batch_request_entries
        if len(entries) > 10:
            raise TooManyEntriesInBatchRequest
        if len({entry["Id"] for entry in entries}) != len(entries):
            raise BatchEntryIdsNotDistinct
        total = sum(_size(entry["Message"], entry.get("MessageAttributes")) for entry in entries)
        if total > MAX_MESSAGE:
            raise SNSException(
                "BatchRequestTooLong",
                "The length of all the messages put together is more than the limit.",
            )
        taken: list[dict[str, str]] = []
        failed: list[dict[str, Any]] = []
        for entry in entries:
            try:
                message_id = self.publish(
                    entry["Message"],
                    topic_arn,
                    subject=entry.get("Subject"),
                    message_attributes=entry.get("MessageAttributes"),
                    group_id=entry.get("MessageGroupId"),
                    deduplication_id=entry.get("MessageDeduplicationId"),
                    message_structure=entry.get("MessageStructure"),
                )
                taken.append({"Id": entry["Id"], "MessageId": message_id})
            except SNSException as error:
                told = {"Code": error.code, "Message": error.message, "SenderFault": True}
                failed.append({"Id": entry["Id"], **told})
        return taken, failed

    def subscribe(self, topic_arn: str, endpoint: str, protocol: str) -> Subscription:
        """Subscribe an endpoint, unless it is already."""
        parts = endpoint.split(":")
        if protocol == "lambda" and (len(parts) not in (7, 8) or parts[2] != "lambda"):
            raise _invalid("Lambda endpoint ARN")
        subscription = super().subscribe(topic_arn, endpoint, protocol)
        self.publisher.prepare()
        return subscription

    def set_subscription_attributes(self, arn: str, name: str, value: Any) -> None:
        """Set an attribute. An empty ``FilterPolicy`` or ``RedrivePolicy`` takes it away."""
        if name == "FilterPolicyScope" and value not in ("MessageAttributes", "MessageBody"):
            raise _invalid(f"FilterPolicyScope: Invalid value [{value}]")
        if name in ("FilterPolicy", "RedrivePolicy") and value:
            document = _json(name, value)
            if name == "RedrivePolicy" and ":sqs:" not in str(document.get("deadLetterTargetArn")):
                raise _invalid("RedrivePolicy: deadLetterTargetArn must be an SQS queue ARN")
        super().set_subscription_attributes(arn, name, value)
        if name in ("FilterPolicy", "RedrivePolicy") and not value:
            del self.subscriptions[arn].attributes[name]

    def _validate_filter_policy(self, value: Any, scope: str | None) -> None:
        if not value:
            return
        if scope != "MessageBody" and any(isinstance(each, dict) for each in value.values()):
            raise SNSInvalidParameter(
                "Invalid parameter: Filter policy scope MessageAttributes does not support nested "
                "filter policy"
            )
        if len(value) > _MAX_KEYS:
            raise _invalid("FilterPolicy: Filter policy can not have more than 5 keys")
        try:
            Pattern(value)
        except InvalidPatternError as error:
            raise _invalid(f"FilterPolicy: {error}") from None


class ServedSNSResponse(SNSResponse):
    """One request to SNS."""

    def subscribe(self) -> ActionResult:
        """Answer Subscribe: with the ARN there is, if it is the same subscription."""
        backend = self.backend
        assert isinstance(backend, ServedSNSBackend)
        topic_arn, endpoint = self._get_param("TopicArn"), self._get_param("Endpoint")
        existing = backend._find_subscription(topic_arn, endpoint, self._get_param("Protocol"))
        if existing is None:
            before = set(backend.subscriptions)
            try:
                return super().subscribe()
            except SNSException:
                for arn in set(backend.subscriptions) - before:
                    if backend.subscriptions[arn].endpoint == endpoint:
                        backend.unsubscribe(arn)
                raise
        for name, value in self._get_attributes().items():
            if not _same(existing.attributes.get(name), value):
                raise _invalid(
                    "Attributes Reason: Subscription already exists with different attributes"
                )
        return ActionResult({"SubscriptionArn": existing.arn})


class CorrectedSNSBackend(CorrectedBackend, ServedSNSBackend):
    """moto's SNS behind our responses."""

    service_package = "moto.sns"
    response = ServedSNSResponse
    unsaved = frozenset({"publisher"})


def correct_sns(publisher: Publishes) -> None:
    """Let moto serve SNS with all of this. ``publisher`` sends messages."""

    def make(region_name: str, account_id: str) -> CorrectedSNSBackend:
        return CorrectedSNSBackend(region_name, account_id, publisher)

    register(sns_backends, make)


def _invalid(what: str) -> SNSInvalidParameter:
    return SNSInvalidParameter(f"Invalid parameter: {what}")


def _size(message: str, attributes: Mapping[str, Mapping[str, Any]] | None) -> int:
    texts = [message]
    for name, attribute in (attributes or {}).items():
        texts += [name, attribute["Type"], str(attribute["Value"])]
    return sum(len(text.encode()) for text in texts)


def _deduplication_id(topic: Topic, message: str, group: str | None, given: str | None) -> str:
    if not group:
        raise _invalid("The MessageGroupId parameter is required for FIFO topics")
    if not given and not topic.content_based_deduplication:
        raise _invalid(
            "The topic should either have ContentBasedDeduplication enabled or "
            "MessageDeduplicationId provided explicitly"
        )
    return given or sha256(message.encode()).hexdigest()


def _by_protocol(message: str, structure: str | None) -> dict[str, str]:
    if structure is None:
        return {}
    if structure != "json":
        raise _invalid("MessageStructure")
    try:
        document = json.loads(message)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise _invalid("Message Structure - JSON message body failed to parse")
    if not isinstance(document.get("default"), str):
        raise _invalid("Message Structure - No default entry in JSON message body")
    return {name: value for name, value in document.items() if isinstance(value, str)}


def _json(name: str, value: str) -> dict[str, Any]:
    try:
        document = json.loads(value)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise _invalid(f"{name}: failed to parse JSON.")
    return document


def _same(one: Any, other: Any) -> bool:
    """Whether two attributes say the same: JSON texts may be written differently."""
    if isinstance(one, str) and isinstance(other, str) and one != other:
        try:
            return bool(json.loads(one) == json.loads(other))
        except ValueError:
            return False
    return bool(one == other)
