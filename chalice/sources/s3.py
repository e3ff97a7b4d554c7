"""Buckets: how ``@app.on_s3_event`` is checked and deployed.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote_plus

from chalice.errors import ToolError
from chalice.model.functions import Permission
from chalice.model.resources import Resource
from chalice.model.triggers import BucketNotification
from chalice.model.values import Arn, Document, Ref
from chalice.runtime.events.s3 import S3EventConfig
from chalice.sources.base import Problem, Target
from chalice.sources.given import Given
from chalice.sources.occasions import Occasion, hexadecimal

_FIRST = {
    "ObjectCreated": "Put",
    "ObjectRemoved": "Delete",
    "ObjectRestore": "Completed",
    "ObjectTagging": "Put",
    "Replication": "OperationFailedReplication",
    "LifecycleExpiration": "Delete",
}
"""The event that stands for all of a kind: ``ObjectCreated:*``."""
_VERSIONS = {
    "ObjectTagging": "2.3",
    "ObjectAcl": "2.3",
    "LifecycleExpiration": "2.3",
    "LifecycleTransition": "2.3",
    "IntelligentTiering": "2.3",
    "Replication": "2.2",
}
"""The version of a record where it is not 2.1."""


class S3Source:
    """Changes of objects."""

    kind = "s3"

    def problems(self, trigger: S3EventConfig) -> Iterable[Problem]:
        """Return what is wrong with the bucket's name and the events."""
        bucket = trigger.bucket
        if not bucket:
            hint = "name one; `environment_variables` of the stage are set while app.py is imported"
            yield Problem("`bucket` is empty", hint)
        elif ":" in bucket or "/" in bucket:
            bare = bucket.rpartition(":")[2].strip("/").rpartition("/")[2] or "my-bucket"
            yield Problem(f"`bucket` is no name of a bucket: `{bucket}`", f"write `{bare}`")
        if not trigger.events:
            yield Problem("`events` is empty", 'leave it out for `["s3:ObjectCreated:*"]`')
        for event in trigger.events:
            if not event.startswith("s3:"):
                hint = f"event types begin with `s3:`: `s3:{event}`"
                yield Problem(f"`{event}` is no type of S3 event", hint)

    def resources(self, trigger: S3EventConfig, target: Target) -> Iterable[Resource]:
        """Return the permission and the notification."""
        permission = Permission(
            name=f"{trigger.name}-s3event-permission",
            function=target.function,
            principal="s3.amazonaws.com",
            source_arn=Arn("s3", (trigger.bucket,), region="", account=""),
            of_this_account=True,
        )
        yield permission
        yield BucketNotification(
            name=f"{trigger.name}-s3event",
            bucket=trigger.bucket,
            function=target.function,
            events=tuple(sorted(trigger.events)),
            prefix=trigger.prefix or "",
            suffix=trigger.suffix or "",
            after=Ref(permission.name, "statement_id"),
        )

    def statements(self, trigger: S3EventConfig) -> Iterable[Document]:
        """Return nothing: S3 invokes the function itself."""
        return ()

    def options(self, trigger: S3EventConfig) -> Mapping[str, str]:
        """Return what can be said of an object and what happened to it."""
        return {
            "key": "the key of the object",
            "event": f"what happened, one of {', '.join(trigger.events)}",
            "size": "bytes",
            "version": "the id of the object's version",
        }

    def sample(self, trigger: S3EventConfig, given: Given, occasion: Occasion) -> dict[str, Any]:
        """Return the event of an object that the prefix and suffix let through."""
        prefix, suffix = trigger.prefix or "", trigger.suffix or ""
        key = given.text("key", f"{prefix}sample{suffix}" if suffix else f"{prefix}sample.txt")
        name = given.text("event", trigger.events[0] if trigger.events else "s3:ObjectCreated:*")
        if not key.startswith(prefix) or not key.endswith(suffix):
            wanted = " and ".join(
                f"{verb} `{part}`"
                for verb, part in (("begin with", prefix), ("end in", suffix))
                if part
            )
            raise ToolError(
                f"S3 does not call `{trigger.name}` for the key `{key}`",
                hint=f"keys that count {wanted}",
            )
        if not any(covers(wanted, full_name(name)) for wanted in trigger.events):
            raise ToolError(
                f"S3 does not call `{trigger.name}` for the event `{name}`",
                hint=f"it is declared for {', '.join(trigger.events)}",
            )
        size = given.number("size", 1024)
        made = event(trigger.bucket, key, concrete(name), occasion, size=size)
        if "version" in given:
            made["Records"][0]["s3"]["object"]["versionId"] = given.text("version", "")
        return made


def full_name(name: str) -> str:
    """Return an event as declarations have it: ``s3:ObjectCreated:Put``."""
    return name if name.startswith("s3:") else f"s3:{name}"


def concrete(name: str) -> str:
    """Return an event as records have it: ``ObjectCreated:Put``, also of ``s3:ObjectCreated:*``."""
    kind, _, what = full_name(name)[3:].partition(":")
    return f"{kind}:{_FIRST.get(kind, 'Put') if what == '*' else what}".rstrip(":")


def covers(declared: str, event: str) -> bool:
    """Whether ``s3:ObjectCreated:*`` or ``s3:ObjectCreated:Put`` means an event as well."""
    return declared == event or (declared.endswith(":*") and event.startswith(declared[:-1]))


def event(bucket: str, key: str, name: str, occasion: Occasion, *, size: int = 0) -> dict[str, Any]:
    """Return what S3 sends about an object, with its key as S3 quotes it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    about: dict[str, object] = {"key": quote_plus(key, safe="/")}
    if not name.startswith("ObjectRemoved:"):
        about |= {"size": size, "eTag": hexadecimal(32, key, size).lower()}
    about["sequencer"] = hexadecimal(18, key, name)
    record = {
        "eventVersion": _VERSIONS.get(name.partition(":")[0], "2.1"),
        "eventSource": "aws:s3",
        "awsRegion": occasion.place.region,
        "eventTime": occasion.iso(milliseconds=True),
        "eventName": name,
        "userIdentity": {"principalId": "AWS:AIDASAMPLEPRINCIPAL01"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {
            "x-amz-request-id": hexadecimal(16, bucket, key),
            "x-amz-id-2": hexadecimal(64, bucket, key),
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "sample-configuration",
            "bucket": {
                "name": bucket,
                "ownerIdentity": {"principalId": "A3SAMPLEOWNER1"},
                "arn": f"arn:{occasion.place.partition}:s3:::{bucket}",
            },
            "object": about,
        },
    }
    return {"Records": [record]}
