"""What S3 sends to functions, queues, topics and EventBridge.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from __future__ import annotations

import json
import logging
import uuid
from functools import partial
from typing import Any
from urllib.parse import quote_plus

from moto.s3.models import OWNER
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from chalice.cloud.control.bucket_notifications import Notification, NotificationConfig
from chalice.cloud.control.buckets import ObjectEvent
from chalice.cloud.control.lookups import NoSuchFunctionError, parse_function_name
from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.delivery.outbox import Outbox
from chalice.cloud.delivery.targets import (
    Letter,
    Sender,
    UndeliverableError,
    permits,
    put_on_bus,
    send,
)
from chalice.cloud.delivery.times import iso_milliseconds, iso_seconds

LOGGER = logging.getLogger(__name__)

_SERVICE = "s3.amazonaws.com"
_VERSIONS = {
    "ObjectTagging": "2.3",
    "ObjectAcl": "2.3",
    "LifecycleExpiration": "2.3",
    "LifecycleTransition": "2.3",
    "IntelligentTiering": "2.3",
    "Replication": "2.2",
}
"""The version of a record where it is not 2.1."""
_BRIDGED: dict[str, tuple[str, dict[str, str]]] = {
    "ObjectCreated:Put": ("Object Created", {"reason": "PutObject"}),
    "ObjectCreated:Post": ("Object Created", {"reason": "POST Object"}),
    "ObjectCreated:Copy": ("Object Created", {"reason": "CopyObject"}),
    "ObjectCreated:CompleteMultipartUpload": (
        "Object Created",
        {"reason": "CompleteMultipartUpload"},
    ),
    "ObjectRemoved:Delete": (
        "Object Deleted",
        {"reason": "DeleteObject", "deletion-type": "Permanently Deleted"},
    ),
    "ObjectRemoved:DeleteMarkerCreated": (
        "Object Deleted",
        {"reason": "DeleteObject", "deletion-type": "Delete Marker Created"},
    ),
    "ObjectTagging:Put": ("Object Tags Added", {}),
    "ObjectTagging:Delete": ("Object Tags Deleted", {}),
    "ObjectAcl:Put": ("Object ACL Updated", {}),
    "ObjectRestore:Post": ("Object Restore Initiated", {}),
}
"""What EventBridge calls an event, and what it says besides."""


class BucketNotifier:
    """Tells destinations of what happens to objects, after the request that did it."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def notify(self, config: NotificationConfig, event: ObjectEvent) -> None:
        """Tell of an event those who want it."""
        for notification in config.notifications:
            if notification.wants(event.name, event.key):
                document = {"Records": [record(event, notification.id)]}
                self._outbox.later(partial(_send, notification.arn, document, event.bucket_arn))
        if config.event_bridge and event.name in _BRIDGED:
            self._outbox.later(partial(_bridge, event))

    def greet(self, config: NotificationConfig, event: ObjectEvent) -> None:
        """Send queues and topics a test event."""
        document = {
            "Service": "Amazon S3",
            "Event": "s3:TestEvent",
            "Time": iso_milliseconds(event.at),
            "Bucket": event.bucket,
            "RequestId": event.request_id,
            "HostId": event.host_id,
        }
        for arn in {each.arn for each in config.notifications if each.kind != "CloudFunction"}:
            self._outbox.later(partial(_send, arn, document, event.bucket_arn))

    def problem(self, config: NotificationConfig, bucket_arn: str) -> str | None:
        """Return why a destination would not take an event, None if all would."""
        problems = (_problem(each, bucket_arn) for each in config.notifications)
        return next((problem for problem in problems if problem), None)


def record(event: ObjectEvent, configuration_id: str) -> dict[str, Any]:
    """Return the record of an event."""
    described = {
        "key": quote_plus(event.key, safe="/"),
        "size": event.size,
        "eTag": event.etag,
        "versionId": event.version_id,
        "sequencer": event.sequencer,
    }
    return {
        "eventVersion": _VERSIONS.get(event.name.partition(":")[0], "2.1"),
        "eventSource": "aws:s3",
        "awsRegion": event.region,
        "eventTime": iso_milliseconds(event.at),
        "eventName": event.name,
        "userIdentity": {"principalId": f"AWS:{event.requester}"},
        "requestParameters": {"sourceIPAddress": event.source_ip},
        "responseElements": {
            "x-amz-request-id": event.request_id,
            "x-amz-id-2": event.host_id,
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": event.bucket,
                "ownerIdentity": {"principalId": OWNER},
                "arn": event.bucket_arn,
            },
            "object": {name: value for name, value in described.items() if value is not None},
        },
    }


def bridged(event: ObjectEvent) -> dict[str, Any]:
    """Return the document that EventBridge gets of an event."""
    kind, more = _BRIDGED[event.name]
    described = {
        "key": event.key,
        "size": event.size,
        "etag": event.etag,
        "version-id": event.version_id,
        "sequencer": event.sequencer,
    }
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": "aws.s3",
        "account": ACCOUNT,
        "time": iso_seconds(event.at),
        "region": event.region,
        "resources": [event.bucket_arn],
        "detail": {
            "version": "0",
            "bucket": {"name": event.bucket},
            "object": {name: value for name, value in described.items() if value is not None},
            "request-id": event.request_id,
            "requester": ACCOUNT,
            "source-ip-address": event.source_ip,
            **more,
        },
    }


def _send(arn: str, document: dict[str, Any], bucket_arn: str) -> None:
    try:
        send(arn, Letter(json.dumps(document)), Sender(_SERVICE, bucket_arn))
    except UndeliverableError as error:
        LOGGER.error("%s does not reach %s: %s", bucket_arn, arn, error)


def _bridge(event: ObjectEvent) -> None:
    put_on_bus("default", event.region, bridged(event))


def _problem(notification: Notification, bucket_arn: str) -> str | None:
    """Return why a destination would not take an event, None if it would."""
    arn = notification.arn
    region, name = arn.split(":")[3], arn.split(":", 5)[5]
    match notification.kind:
        case "CloudFunction":
            try:
                permitted = permits(parse_function_name(arn, ""), Sender(_SERVICE, bucket_arn))
            except (NoSuchFunctionError, UndeliverableError):
                return f"The destination Lambda function does not exist [{arn}]"
            return None if permitted else f"Not authorized to invoke function [{arn}]"
        case "Queue":
            there = name in sqs_backends[ACCOUNT][region].queues
            return None if there else f"The destination queue does not exist [{arn}]"
        case _:
            there = arn in sns_backends[ACCOUNT][region].topics
            return None if there else f"The destination topic does not exist [{arn}]"
