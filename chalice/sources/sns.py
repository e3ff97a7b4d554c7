"""Topics: how ``@app.on_sns_message`` is checked and deployed.

https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

from collections.abc import Iterable

from chalice.model.functions import Permission
from chalice.model.resources import Resource
from chalice.model.triggers import TopicSubscription
from chalice.model.values import Arn, Document, Value
from chalice.runtime.events.sns import SNSEventConfig
from chalice.sources.base import Problem, Target

_SCOPES = ("MessageAttributes", "MessageBody")


class SNSSource:
    """Messages of a topic."""

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
        topic: Value = trigger.topic
        if not trigger.topic.startswith("arn:"):
            topic = Arn("sns", (trigger.topic,))
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
