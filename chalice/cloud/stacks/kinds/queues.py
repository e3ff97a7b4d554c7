"""SQS and SNS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalice.cloud.stacks.calls import Calls
from chalice.cloud.stacks.kinds.kind import (
    Kind,
    Made,
    Properties,
    Site,
    changed,
    difference,
    listed,
    mapped,
    set_of,
)
from chalice.cloud.stacks.shapes import text_of

_QUEUE: Mapping[str, str] = {
    "DelaySeconds": "0",
    "KmsDataKeyReusePeriodSeconds": "300",
    "KmsMasterKeyId": "",
    "MaximumMessageSize": "262144",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "RedriveAllowPolicy": "",
    "RedrivePolicy": "",
    "SqsManagedSseEnabled": "true",
    "VisibilityTimeout": "30",
}
"""Attributes of queues with the value that they have when nobody sets them."""
_FIFO = ("ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit")


class Queue(Kind):
    """``AWS::SQS::Queue``."""

    type = "AWS::SQS::Queue"
    takes = frozenset({*_QUEUE, *_FIFO, "FifoQueue", "QueueName", "Tags"})
    fixed = set_of("FifoQueue QueueName")
    tags = "list"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the queue."""
        is_fifo = text_of(wanted.get("FifoQueue", "false")) == "true"
        name = wanted.get("QueueName") or site.name(80, end=".fifo" if is_fifo else "")
        attributes = {
            key: text_of(value) for key, value in wanted.items() if key in {*_QUEUE, *_FIFO}
        }
        if is_fifo:
            attributes["FifoQueue"] = "true"
        values: dict[str, Any] = {"QueueName": name, "Attributes": attributes}
        if wanted.get("Tags"):
            values["tags"] = mapped(wanted["Tags"])
        url = site.call("sqs", "create_queue", values)["QueueUrl"]
        return self._made(site, url)

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change the attributes that differ."""
        attributes = {
            name: text_of(wanted.get(name, _QUEUE.get(name, "false")))
            for name in (*_QUEUE, *_FIFO)
            if changed(before, wanted, name)
        }
        queue = {"QueueUrl": physical_id}
        if attributes:
            site.call("sqs", "set_queue_attributes", {**queue, "Attributes": attributes})
        added, removed = difference(before, wanted)
        if removed:
            site.call("sqs", "untag_queue", {**queue, "TagKeys": removed})
        if added:
            site.call("sqs", "tag_queue", {**queue, "Tags": added})
        return self._made(site, physical_id)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the queue."""
        site.call("sqs", "delete_queue", {"QueueUrl": physical_id})

    def _made(self, site: Site, url: str) -> Made:
        name = url.rpartition("/")[2]
        arn = site.arn("sqs", name)
        return Made(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})


class QueuePolicy(Kind):
    """``AWS::SQS::QueuePolicy``."""

    type = "AWS::SQS::QueuePolicy"
    takes = set_of("PolicyDocument Queues")
    needs = takes

    def create(self, site: Site, wanted: Properties) -> Made:
        """Give it to all of the queues."""
        self._set(site, wanted["Queues"], text_of(wanted["PolicyDocument"]))
        name = site.name()
        return Made(name, {"Id": name})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Give another, and take it from queues that are not named any more."""
        self._set(site, wanted["Queues"], text_of(wanted["PolicyDocument"]))
        self._set(site, [each for each in before["Queues"] if each not in wanted["Queues"]], "")
        return Made(physical_id, {"Id": physical_id})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Take it from all of them."""
        self._set(site, held["Queues"], "")

    def _set(self, site: Site, queues: list[str], policy: str) -> None:
        for url in queues:
            values = {"QueueUrl": url, "Attributes": {"Policy": policy}}
            (site.call if policy else site.drop)("sqs", "set_queue_attributes", values)


_TOPIC: Mapping[str, str] = {
    "ContentBasedDeduplication": "false",
    "DisplayName": "",
    "KmsMasterKeyId": "",
    "SignatureVersion": "1",
    "TracingConfig": "PassThrough",
}


class Topic(Kind):
    """``AWS::SNS::Topic``."""

    type = "AWS::SNS::Topic"
    takes = frozenset({*_TOPIC, "FifoTopic", "Subscription", "Tags", "TopicName"})
    fixed = set_of("FifoTopic TopicName")
    tags = "list"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the topic and its subscriptions."""
        is_fifo = text_of(wanted.get("FifoTopic", "false")) == "true"
        name = wanted.get("TopicName") or site.name(256, end=".fifo" if is_fifo else "")
        attributes = {key: text_of(value) for key, value in wanted.items() if key in _TOPIC}
        if is_fifo:
            attributes["FifoTopic"] = "true"
        values = {"Name": name, "Attributes": attributes, "Tags": listed(wanted.get("Tags"))}
        arn = site.call("sns", "create_topic", values)["TopicArn"]
        self._subscribe(site, arn, wanted.get("Subscription") or [])
        return self._made(arn)

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change attributes, subscriptions and tags."""
        topic = {"TopicArn": physical_id}
        for name, unset in _TOPIC.items():
            if changed(before, wanted, name):
                value = text_of(wanted.get(name, unset))
                attribute = {"AttributeName": name, "AttributeValue": value}
                site.call("sns", "set_topic_attributes", {**topic, **attribute})
        old, new = before.get("Subscription") or [], wanted.get("Subscription") or []
        self._subscribe(site, physical_id, [each for each in new if each not in old])
        self._unsubscribe(site, physical_id, [each for each in old if each not in new])
        added, removed = difference(before, wanted)
        if removed:
            values = {"ResourceArn": physical_id, "TagKeys": removed}
            site.call("sns", "untag_resource", values)
        if added:
            tags = listed(added)
            site.call("sns", "tag_resource", {"ResourceArn": physical_id, "Tags": tags})
        return self._made(physical_id)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the topic."""
        self._unsubscribe(site, physical_id, held.get("Subscription") or [])
        site.call("sns", "delete_topic", {"TopicArn": physical_id})

    def _subscribe(self, site: Site, arn: str, wanted: list[Mapping[str, Any]]) -> None:
        for each in wanted:
            site.call("sns", "subscribe", {**each, "TopicArn": arn})

    def _unsubscribe(self, site: Site, arn: str, ended: list[Mapping[str, Any]]) -> None:
        if not ended:
            return
        gone = {(each["Protocol"], each["Endpoint"]) for each in ended}
        answer = site.call("sns", "list_subscriptions_by_topic", {"TopicArn": arn})
        for each in answer["Subscriptions"]:
            if (each["Protocol"], each["Endpoint"]) in gone:
                named = {"SubscriptionArn": each["SubscriptionArn"]}
                site.drop("sns", "unsubscribe", named)

    def _made(self, arn: str) -> Made:
        return Made(arn, {"TopicArn": arn, "TopicName": arn.rpartition(":")[2]})


_SUBSCRIPTION = set_of(
    "DeliveryPolicy FilterPolicy FilterPolicyScope RawMessageDelivery RedrivePolicy "
    "ReplayPolicy SubscriptionRoleArn"
)


class Subscription(Kind):
    """``AWS::SNS::Subscription``."""

    type = "AWS::SNS::Subscription"
    takes = _SUBSCRIPTION | set_of("Endpoint Protocol Region TopicArn")
    needs = set_of("Protocol TopicArn")
    fixed = set_of("Endpoint Protocol Region TopicArn")
    follows = set_of("AWS::Lambda::Permission AWS::SQS::QueuePolicy")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Subscribe."""
        attributes = {key: text_of(value) for key, value in wanted.items() if key in _SUBSCRIPTION}
        values = {
            "TopicArn": wanted["TopicArn"],
            "Protocol": wanted["Protocol"],
            "Attributes": attributes,
            "ReturnSubscriptionArn": True,
        }
        if "Endpoint" in wanted:
            values["Endpoint"] = wanted["Endpoint"]
        arn = self._there(site, wanted)("sns", "subscribe", values)["SubscriptionArn"]
        return Made(arn, {"Arn": arn})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change the attributes that differ."""
        unset = {"RawMessageDelivery": "false", "FilterPolicyScope": "MessageAttributes"}
        for name in sorted(_SUBSCRIPTION):
            if changed(before, wanted, name):
                value = text_of(wanted.get(name, unset.get(name, "{}")))
                attribute = {"AttributeName": name, "AttributeValue": value}
                values = {"SubscriptionArn": physical_id, **attribute}
                self._there(site, wanted)("sns", "set_subscription_attributes", values)
        return Made(physical_id, {"Arn": physical_id})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """End the subscription."""
        call = self._there(site, held)
        call("sns", "unsubscribe", {"SubscriptionArn": physical_id})

    def _there(self, site: Site, values: Properties) -> Calls:
        """Return calls in the region of the topic, if the template gives it."""
        return replace(site.call, region=values["Region"]) if "Region" in values else site.call


class TopicPolicy(Kind):
    """``AWS::SNS::TopicPolicy``."""

    type = "AWS::SNS::TopicPolicy"
    takes = set_of("PolicyDocument Topics")
    needs = takes

    def create(self, site: Site, wanted: Properties) -> Made:
        """Give it to all of the topics."""
        self._set(site, wanted)
        name = site.name()
        return Made(name, {"Id": name})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Give them another."""
        self._set(site, wanted)
        return Made(physical_id, {"Id": physical_id})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Leave the owner of each topic alone with it, as at first."""
        for arn in held["Topics"]:
            own = {
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes"],
                "Resource": arn,
                "Condition": {"StringEquals": {"AWS:SourceOwner": site.account}},
            }
            policy = {"Version": "2008-10-17", "Statement": [own]}
            attribute = {"AttributeName": "Policy", "AttributeValue": text_of(policy)}
            site.drop("sns", "set_topic_attributes", {"TopicArn": arn, **attribute})

    def _set(self, site: Site, wanted: Properties) -> None:
        policy = text_of(wanted["PolicyDocument"])
        for arn in wanted["Topics"]:
            attribute = {"AttributeName": "Policy", "AttributeValue": policy}
            site.call("sns", "set_topic_attributes", {"TopicArn": arn, **attribute})
