"""What a bucket tells of its objects, and to whom: the configuration of notifications.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict  # type: ignore[import-untyped]
from moto.s3.exceptions import MalformedXML, S3ClientError
from moto.s3.notifications import S3NotificationEvent

_KINDS = {
    "Topic": ("sns", "TopicConfigurations", "TopicArn"),
    "Queue": ("sqs", "QueueConfigurations", "QueueArn"),
    "CloudFunction": ("lambda", "LambdaFunctionConfigurations", "LambdaFunctionArn"),
}
"""Element of a request: the service, and what answers call the list and the ARN."""


class InvalidArgumentError(S3ClientError):
    """The configuration cannot be."""

    def __init__(self, sentence: str) -> None:
        super().__init__("InvalidArgument", sentence)


@dataclass(frozen=True, slots=True)
class Notification:
    """One destination, with the events (``s3:ObjectCreated:*``) that it gets.

    ``kind`` is ``Topic``, ``Queue`` or ``CloudFunction``. ``prefix`` and ``suffix`` are None when
    the filter has no such rule.
    """

    id: str
    kind: str
    arn: str
    events: tuple[str, ...]
    prefix: str | None = None
    suffix: str | None = None

    def wants(self, name: str, key: str) -> bool:
        """Whether it is for the event ``ObjectCreated:Put`` of the object ``key``."""
        return (
            any(_covers(wanted, f"s3:{name}") for wanted in self.events)
            and key.startswith(self.prefix or "")
            and key.endswith(self.suffix or "")
        )

    def overlaps(self, other: Notification) -> bool:
        """Whether both could be for the same event of the same object."""
        mine, theirs = (
            (self.prefix or "", self.suffix or ""),
            (other.prefix or "", other.suffix or ""),
        )
        return (
            any(_covers(a, b) or _covers(b, a) for a in self.events for b in other.events)
            and (mine[0].startswith(theirs[0]) or theirs[0].startswith(mine[0]))
            and (mine[1].endswith(theirs[1]) or theirs[1].endswith(mine[1]))
        )


@dataclass(frozen=True, slots=True)
class NotificationConfig:
    """All that a bucket tells; with ``event_bridge``, every event to the default bus as well."""

    notifications: tuple[Notification, ...] = ()
    event_bridge: bool = False


def parse_config(body: bytes, region: str) -> NotificationConfig:
    """Parse the body of a PutBucketNotificationConfiguration request for a bucket in ``region``.

    Raises ``S3ClientError``.
    """
    try:
        document = xmltodict.parse(body)["NotificationConfiguration"] or {}
        found = tuple(_notifications(document))
    except (ExpatError, KeyError, TypeError, AttributeError):
        raise MalformedXML from None
    for notification in found:
        if notification.arn.split(":")[3] != region:
            raise InvalidArgumentError(
                "The notification destination service region is not valid for the bucket "
                "location constraint"
            )
    if any(one.overlaps(other) for one, other in combinations(found, 2)):
        raise InvalidArgumentError(
            "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules "
            "if the prefixes are overlapping for the same event type."
        )
    return NotificationConfig(found, "EventBridgeConfiguration" in document)


def describe_config(config: NotificationConfig) -> dict[str, Any]:
    """Return the members of a GetBucketNotificationConfiguration response."""
    answer: dict[str, Any] = {}
    for notification in config.notifications:
        _, members, arn = _KINDS[notification.kind]
        shown: dict[str, Any] = {
            "Id": notification.id,
            arn: notification.arn,
            "Events": list(notification.events),
        }
        rules = [
            {"Name": name, "Value": value}
            for name, value in (("Prefix", notification.prefix), ("Suffix", notification.suffix))
            if value is not None
        ]
        if rules:
            shown["Filter"] = {"Key": {"FilterRules": rules}}
        answer.setdefault(members, []).append(shown)
    if config.event_bridge:
        answer["EventBridgeConfiguration"] = {}
    return answer


def _notifications(document: Mapping[str, Any]) -> Iterator[Notification]:
    for kind, (service, _, _) in _KINDS.items():
        for each in _listed(document.get(f"{kind}Configuration")):
            arn, events = each[kind], tuple(_listed(each["Event"]))
            if arn.split(":")[2:3] != [service] or arn.count(":") < 5:
                raise InvalidArgumentError("The ARN is not well formed")
            for event in events:
                if event not in S3NotificationEvent.events():
                    raise InvalidArgumentError(
                        f"The event '{event}' is not supported for notifications"
                    )
            rules = _filter_rules(each.get("Filter"))
            name = each.get("Id") or str(uuid.uuid4())
            yield Notification(name, kind, arn, events, rules.get("prefix"), rules.get("suffix"))


def _filter_rules(given: Mapping[str, Any] | None) -> dict[str, str]:
    rules: dict[str, str] = {}
    for rule in _listed(((given or {}).get("S3Key") or {}).get("FilterRule")):
        name = rule["Name"].lower()
        if name not in ("prefix", "suffix"):
            raise InvalidArgumentError("filter rule name must be either prefix or suffix")
        if name in rules:
            raise InvalidArgumentError(f"Cannot specify more than one {name} rule in a filter.")
        rules[name] = rule["Value"] or ""
    return rules


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _covers(wanted: str, event: str) -> bool:
    """Whether ``s3:ObjectCreated:*`` or ``s3:ObjectCreated:Put`` covers an event or wildcard."""
    return wanted == event or (wanted.endswith(":*") and event.startswith(wanted[:-1]))
