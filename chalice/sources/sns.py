"""Topics: how ``@app.on_sns_message`` is checked and deployed.

https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from chalice.model.functions import Permission
from chalice.model.resources import Resource
from chalice.model.triggers import TopicSubscription
from chalice.model.values import Arn, Document, Value
from chalice.runtime.events.sns import SNSEventConfig
from chalice.sources.base import Problem, Target
from chalice.sources.examples import example
from chalice.sources.given import Given
from chalice.sources.occasions import Occasion, unique_id

_SCOPES = ("MessageAttributes", "MessageBody")


class SNSSource:
    """Messages of a topic."""

    kind = "sns"

    def problems(self, trigger: SNSEventConfig) -> Iterable[Problem]:
        """Return what is wrong with how the topic and the filter are given."""
        topic = trigger.topic
        fields = topic.split(":")
        if (len(fields) > 1 or "/" in topic) and (len(fields) != 6 or fields[2] != "sns"):
            yield Problem(
                f"`topic` is neither a name nor an ARN of a topic: `{topic}`",
                "write the bare name, or `arn:aws:sns:REGION:ACCOUNT:NAME`",
            )
        if topic.endswith(".fifo"):
            hint = "subscribe a queue to the topic, and let the queue trigger the function"
            yield Problem(f"the FIFO topic `{topic}` cannot trigger a function", hint)
        if trigger.filter_policy_scope not in _SCOPES:
            summary = f"`filter_policy_scope` is `{trigger.filter_policy_scope}`"
            yield Problem(summary, f"use one of {', '.join(_SCOPES)}")

    def resources(self, trigger: SNSEventConfig, target: Target) -> Iterable[Resource]:
        """Return the permission and the subscription."""
        topic = _arn(trigger)
        yield Permission(
            name=f"{trigger.name}-sns-subscription-permission",
            function=target.function,
            principal="sns.amazonaws.com",
            source_arn=topic,
        )
        yield TopicSubscription(
            name=f"{trigger.name}-sns-subscription",
            topic=topic,
            function=target.function,
            filter_policy=trigger.filter_policy,
            filter_policy_scope=trigger.filter_policy_scope,
        )

    def statements(self, trigger: SNSEventConfig) -> Iterable[Document]:
        """Return nothing: SNS invokes the function itself."""
        return ()

    def options(self, trigger: SNSEventConfig) -> Mapping[str, str]:
        """Return what can be said of a message."""
        return {
            "message": "the text",
            "subject": "the subject",
            "attributes": 'the attributes: {"name": "text", "other": 1}',
        }

    def sample(self, trigger: SNSEventConfig, given: Given, occasion: Occasion) -> dict[str, Any]:
        """Return the event of a message that the filter policy lets through."""
        fitting = example(trigger.filter_policy or {})
        in_body = trigger.filter_policy_scope == "MessageBody"
        text = json.dumps(fitting) if in_body and fitting else "sample"
        return event(
            occasion.arn(_arn(trigger)),
            given.text("message", text),
            given.text("subject", "") or None,
            typed_attributes(given.document("attributes", {} if in_body else fitting)),
            occasion,
        )


def _arn(trigger: SNSEventConfig) -> Value:
    return trigger.topic if trigger.topic.startswith("arn:") else Arn("sns", (trigger.topic,))


def typed_attributes(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes as SNS shows them: ``{"name": {"Type": "String", "Value": "text"}}``.

    What has that form already stays.
    """
    return {name: _attribute(value) for name, value in plain.items()}


def _attribute(value: Any) -> Mapping[str, str]:
    match value:
        case {"Type": _, "Value": _}:
            return dict(value)
        case str():
            return {"Type": "String", "Value": value}
        case bool() | list():
            kind = "String.Array" if isinstance(value, list) else "String"
            return {"Type": kind, "Value": json.dumps(value)}
        case _:
            return {"Type": "Number", "Value": json.dumps(value)}


def event(
    topic_arn: str,
    message: str,
    subject: str | None,
    attributes: Mapping[str, Any],
    occasion: Occasion,
) -> dict[str, Any]:
    """Return a message of a topic, in the form that ``typed_attributes`` are in."""
    subscription = f"{topic_arn}:{unique_id(topic_arn)}"
    host = f"https://sns.{occasion.place.region}.amazonaws.com/"
    notification = {
        "Type": "Notification",
        "MessageId": unique_id(topic_arn, message),
        "TopicArn": topic_arn,
        "Subject": subject,
        "Message": message,
        "Timestamp": occasion.iso(milliseconds=True),
        "SignatureVersion": "1",
        "Signature": "sample",
        "SigningCertUrl": f"{host}SimpleNotificationService-sample.pem",
        "UnsubscribeUrl": f"{host}?Action=Unsubscribe&SubscriptionArn={subscription}",
        "MessageAttributes": dict(attributes),
    }
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription,
        "Sns": notification,
    }
    return {"Records": [record]}
