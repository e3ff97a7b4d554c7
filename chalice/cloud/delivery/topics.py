"""From SNS topics to their subscribers: functions, queues, HTTP endpoints.

https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any

import urllib3
from moto.sns.models import Subscription, Topic, sns_backends

from chalice.cloud.control.topics import Message
from chalice.cloud.delivery.outbox import Outbox
from chalice.cloud.delivery.patterns import Pattern
from chalice.cloud.delivery.signatures import Signer
from chalice.cloud.delivery.targets import (
    Letter,
    Sender,
    UndeliverableError,
    invoke_function,
    send_to_queue,
)
from chalice.cloud.delivery.times import iso_milliseconds

LOGGER = logging.getLogger(__name__)

_HTTP = urllib3.PoolManager(timeout=15, retries=urllib3.Retry(3, backoff_factor=0.2))
_OLD_CERTIFICATES = 3  # kept for messages that were signed before the cloud was started
_MAX_RAW_ATTRIBUTES = 10  # more than these, and SNS drops a raw message

_parse_pattern = lru_cache(maxsize=1024)(Pattern.parse)


class TopicPublisher:
    """Sends messages to those who subscribed, in the order in which they were published."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._signer = Signer()

    def prepare(self) -> None:
        """Make the key, so that no message has to wait for it."""
        self._outbox.aside(self._signer.certificate)

    def publish(self, topic: Topic, message: Message) -> None:
        """Send a message to those who subscribed."""
        self._outbox.later(partial(self._fan_out, topic, message))

    def _fan_out(self, topic: Topic, message: Message) -> None:
        for subscription in topic.sns_backend._get_topic_subscriptions(topic):
            if wants(subscription.attributes, message):
                self._outbox.later(partial(self._try, subscription, message))

    def _try(self, subscription: Subscription, message: Message) -> None:
        try:
            self._send(subscription, message)
        except UndeliverableError as error:
            self._give_up(subscription, message, str(error))

    def _send(self, subscription: Subscription, message: Message) -> None:
        endpoint = subscription.endpoint
        match subscription.protocol:
            case "lambda":
                notification = self._notification(subscription, message)
                event = function_event(subscription.arn, notification, message)
                sender = Sender("sns.amazonaws.com", subscription.topic.arn)
                invoke_function(endpoint, json.dumps(event).encode(), sender)
            case "sqs":
                group_id = message.group_id if endpoint.endswith(".fifo") else None
                raw = _is_raw(subscription)
                if raw and len(message.attributes) > _MAX_RAW_ATTRIBUTES:
                    raise UndeliverableError("INVALID_PARAMETER", "it has more than 10 attributes")
                letter = Letter(
                    self._body(subscription, message),
                    _queue_attributes(message) if raw else {},
                    group_id,
                )
                send_to_queue(endpoint, letter, message.deduplication_id if group_id else None)
            case "http" | "https":
                self._outbox.aside(partial(self._post, subscription, message))
            case "application":
                backend = subscription.topic.sns_backend
                backend.get_endpoint(endpoint).publish(_text(message, "application"))
            case protocol:
                LOGGER.info("%s: nothing is sent by %s", subscription.arn, protocol)

    def _post(self, subscription: Subscription, message: Message) -> None:
        """Send by HTTP; apart from other work, for it may take long."""
        headers = {
            "Content-Type": "text/plain; charset=UTF-8",
            "x-amz-sns-message-type": "Notification",
            "x-amz-sns-message-id": message.id,
            "x-amz-sns-topic-arn": subscription.topic.arn,
            "x-amz-sns-subscription-arn": subscription.arn,
            **({"x-amz-sns-rawdelivery": "true"} if _is_raw(subscription) else {}),
        }
        body = self._body(subscription, message).encode()
        try:
            answer = _HTTP.request("POST", subscription.endpoint, body=body, headers=headers)
            problem = None if answer.status < 300 else f"it answers {answer.status}"
        except urllib3.exceptions.HTTPError as error:
            problem = str(error)
        if problem is not None:
            self._outbox.later(partial(self._give_up, subscription, message, problem))

    def _give_up(self, subscription: Subscription, message: Message, reason: str) -> None:
        LOGGER.error("%s does not reach %s: %s", subscription.arn, subscription.endpoint, reason)
        policy = json.loads(subscription.attributes.get("RedrivePolicy") or "{}")
        dead_letters = policy.get("deadLetterTargetArn")
        if dead_letters:
            body = self._body(subscription, message)
            attributes = {
                "ErrorMessage": {"DataType": "String", "StringValue": reason},
                "RequestID": {"DataType": "String", "StringValue": message.id},
            }
            try:
                send_to_queue(dead_letters, Letter(body, attributes, message.group_id))
            except UndeliverableError as error:
                LOGGER.error("%s: the dead letter is lost: %s", subscription.arn, error)

    def _body(self, subscription: Subscription, message: Message) -> str:
        """Return what a queue or an HTTP endpoint gets."""
        if _is_raw(subscription):
            return _text(message, subscription.protocol)
        notification: dict[str, Any] = self._notification(subscription, message)
        if message.attributes:
            notification["MessageAttributes"] = message.attributes
        return json.dumps(notification, indent=2, separators=(",", " : "), ensure_ascii=False)

    def _notification(self, subscription: Subscription, message: Message) -> dict[str, str]:
        topic = subscription.topic
        region = topic.arn.split(":")[3]
        version = str(vars(topic).get("signature_version") or "1")
        said = {
            "Type": "Notification",
            "MessageId": message.id,
            "TopicArn": topic.arn,
            **({"Subject": message.subject} if message.subject else {}),
            "Message": _text(message, subscription.protocol),
            "Timestamp": iso_milliseconds(message.at),
        }
        certificates = sns_backends[topic.account_id][region]._message_public_keys
        if self._signer.name not in certificates:  # one each time that the cloud started
            for name in list(certificates)[:-_OLD_CERTIFICATES]:
                del certificates[name]
            certificates[self._signer.name] = self._signer.certificate()
        host = f"https://sns.{region}.amazonaws.com/"
        return {
            **said,
            "SignatureVersion": version,
            "Signature": self._signer.sign(said, version),
            "SigningCertURL": host + self._signer.name,
            "UnsubscribeURL": f"{host}?Action=Unsubscribe&SubscriptionArn={subscription.arn}",
        }


def function_event(
    subscription_arn: str, notification: Mapping[str, str], message: Message
) -> dict[str, Any]:
    """Return the event that a function gets of a notification."""
    named = {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}
    said: dict[str, Any] = {named.get(name, name): text for name, text in notification.items()}
    said.setdefault("Subject", None)
    said["MessageAttributes"] = dict(message.attributes)
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription_arn,
        "Sns": said,
    }
    return {"Records": [record]}


def wants(settings: Mapping[str, Any], message: Message) -> bool:
    """Whether a subscription with those attributes is for the message."""
    policy = settings.get("FilterPolicy")
    if not policy or not json.loads(policy):
        return True
    if settings.get("FilterPolicyScope") == "MessageBody":
        try:
            document = json.loads(message.text)
        except ValueError:
            return False
        return isinstance(document, dict) and _parse_pattern(policy).matches(document)
    values = {name: _value(attribute) for name, attribute in message.attributes.items()}
    return _parse_pattern(policy).matches(values)


def _value(attribute: Mapping[str, str]) -> object:
    """Return what a filter policy compares with: a number, a list, or a text."""
    kind, text = attribute["Type"], attribute["Value"]
    if kind in ("Number", "String.Array"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text if kind.startswith("String") else {}  # what is binary matches nothing


def _text(message: Message, protocol: str) -> str:
    if not message.by_protocol:
        return message.text
    return message.by_protocol.get(protocol, message.by_protocol["default"])


def _is_raw(subscription: Subscription) -> bool:
    return subscription.attributes.get("RawMessageDelivery") in (True, "true")


def _queue_attributes(message: Message) -> dict[str, dict[str, str | bytes]]:
    attributes: dict[str, dict[str, str | bytes]] = {}
    for name, each in message.attributes.items():
        kind, value = each["Type"], each["Value"]
        if kind.startswith("Binary"):
            attributes[name] = {"DataType": kind, "BinaryValue": base64.b64decode(value)}
        else:
            attributes[name] = {"DataType": kind, "StringValue": value}
    return attributes
