"""Buckets: how ``@app.on_s3_event`` is checked and deployed.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
"""

from __future__ import annotations

from collections.abc import Iterable

from chalice.model.functions import Permission
from chalice.model.resources import Resource
from chalice.model.triggers import BucketNotification
from chalice.model.values import Arn, Document, Ref
from chalice.runtime.events.s3 import S3EventConfig
from chalice.sources.base import Problem, Target


class S3Source:
    """Changes of objects."""

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
