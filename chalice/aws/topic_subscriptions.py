"""Subscriptions of functions to SNS topics: https://docs.aws.amazon.com/sns/latest/api/"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from chalice.aws.calls import doing, or_none
from chalice.aws.session import Session
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.triggers import TopicSubscription
from chalice.model.values import Outputs

_POLICY, _SCOPE = "FilterPolicy", "FilterPolicyScope"
_DEFAULT_SCOPE = "MessageAttributes"


class TopicSubscriptions:
    """Subscriptions, found by their topic and function: SNS keeps one for each pair."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _sns(self) -> Any:
        return self._session.client("sns")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the function's subscription to the topic."""
        topic, function = identity["topic"], identity["function"]
        with doing(f"reading the subscriptions of topic {topic}"):
            for found in or_none(lambda: self._subscriptions(topic)) or ():
                if found["Endpoint"] == function:
                    return _outputs(topic, found["SubscriptionArn"], function)
        return None

    def read(self, record: Record) -> Found | None:
        """Return the subscription as it stands."""
        arn = record.outputs["subscription_arn"]
        with doing(f"reading subscription {arn}"):
            found = or_none(lambda: self._sns.get_subscription_attributes(SubscriptionArn=arn))
        if found is None:
            return None
        attributes = found["Attributes"]
        policy = attributes.get(_POLICY)
        subscription = TopicSubscription(
            name=record.name,
            topic=attributes["TopicArn"],
            function=attributes["Endpoint"],
            filter_policy=(json.loads(policy) or None) if policy else None,
            filter_policy_scope=attributes.get(_SCOPE) or _DEFAULT_SCOPE,
        )
        return Found(subscription, record.outputs)

    def create(self, subscription: TopicSubscription) -> Outputs:
        """Subscribe the function; one that is subscribed already gets the filter."""
        topic, function = str(subscription.topic), str(subscription.function)
        tail = function.rpartition(":")[2]
        with doing(f"subscribing {tail} to SNS topic {topic}"):
            made = self._sns.subscribe(
                TopicArn=topic, Protocol="lambda", Endpoint=function, ReturnSubscriptionArn=True
            )
        outputs = _outputs(topic, made["SubscriptionArn"], function)
        if subscription.filter_policy is not None:
            self._set_filter(subscription, made["SubscriptionArn"])
        return outputs

    def update(
        self, subscription: TopicSubscription, record: Record, fields: Collection[str]
    ) -> Outputs:
        """Change the filter."""
        self._set_filter(subscription, record.outputs["subscription_arn"])
        return record.outputs

    def delete(self, record: Record) -> None:
        """Unsubscribe the function."""
        arn = record.outputs["subscription_arn"]
        with doing(f"deleting subscription {arn}"):
            or_none(lambda: self._sns.unsubscribe(SubscriptionArn=arn))

    def _set_filter(self, subscription: TopicSubscription, arn: str) -> None:
        """Set the scope first: SNS checks a policy against the scope that there is."""
        policy = json.dumps(subscription.filter_policy or {})
        with doing(f"setting the filter of subscription {arn}"):
            for name, value in ((_SCOPE, subscription.filter_policy_scope), (_POLICY, policy)):
                self._sns.set_subscription_attributes(
                    SubscriptionArn=arn, AttributeName=name, AttributeValue=value
                )

    def _subscriptions(self, topic: str) -> list[Any]:
        pages = self._sns.get_paginator("list_subscriptions_by_topic")
        return [each for page in pages.paginate(TopicArn=topic) for each in page["Subscriptions"]]


def _outputs(topic: str, subscription: str, function: str) -> Outputs:
    return {"topic_arn": topic, "subscription_arn": subscription, "lambda_arn": function}
