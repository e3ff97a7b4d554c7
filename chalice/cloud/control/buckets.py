"""S3 buckets that tell what happens to their objects.

moto takes no filter that an SDK writes in capitals, pushes within the caller's request, tells the
parts of one action as several events, and tells nothing of delete markers.
"""

from __future__ import annotations

import base64
import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import xmltodict  # type: ignore[import-untyped]
from moto.core.responses import ActionResult
from moto.s3.models import FakeDeleteMarker, s3_backends
from moto.s3.responses import S3Response

from chalice.cloud.access.buckets import WeighedS3Backend
from chalice.cloud.control.bucket_notifications import (
    InvalidArgumentError,
    NotificationConfig,
    describe_config,
    parse_config,
)
from chalice.cloud.control.service import CorrectedBackend, register

_CREDENTIAL = re.compile(r"Credential=([^/]+)/")
_EMPTY_ETAG = "d41d8cd98f00b204e9800998ecf8427e"


@dataclass(frozen=True, kw_only=True)
class ObjectEvent:
    """Something that happened to an object.

    ``name`` is ``ObjectCreated:Put``. ``at`` is in seconds since 1970. ``size`` and ``etag`` are
    None where the object is gone, ``version_id`` where the bucket keeps no versions. ``requester``
    is an access key id. ``sequencer`` grows with each event of a key.
    """

    name: str
    bucket: str
    bucket_arn: str
    region: str
    key: str
    at: float
    size: int | None
    etag: str | None
    version_id: str | None
    requester: str
    source_ip: str
    request_id: str
    host_id: str
    sequencer: str


class Notifies(Protocol):
    """What tells destinations, asked from any thread."""

    def notify(self, config: NotificationConfig, event: ObjectEvent) -> None:
        """Tell of an event those who want it."""

    def greet(self, config: NotificationConfig, event: ObjectEvent) -> None:
        """Send new queues and topics a test event; ``event`` says of which bucket and request."""

    def problem(self, config: NotificationConfig, bucket_arn: str) -> str | None:
        """Return why a destination would not take an event, None if all would."""


class ServedS3Backend(WeighedS3Backend):
    """The buckets of one partition. moto knows of no notifications, so it pushes none."""

    def __init__(self, region_name: str, account_id: str, notifier: Notifies) -> None:
        super().__init__(region_name, account_id)
        self.notifier = notifier
        self.notification_configs: dict[str, NotificationConfig] = {}

    def delete_bucket(self, bucket_name: str) -> Any:
        """Delete an empty bucket, and what it tells."""
        deleted = super().delete_bucket(bucket_name)
        if deleted is not None:
            self.notification_configs.pop(bucket_name, None)
        return deleted


class ServedS3Response(S3Response):
    """One request to S3."""

    def __init__(self) -> None:
        super().__init__()
        self._request_id = secrets.token_hex(8).upper()
        self._host_id = base64.b64encode(secrets.token_bytes(56)).decode()

    def bucket_response(self, request: Any, full_url: str, headers: Any) -> Any:
        """Answer a request about a bucket."""
        return self._with_ids(super().bucket_response(request, full_url, headers))

    def key_response(self, request: Any, full_url: str, headers: Any) -> Any:
        """Answer a request about an object."""
        return self._with_ids(super().key_response(request, full_url, headers))

    def _with_ids(self, response: Any) -> Any:
        response[1].update({"x-amz-request-id": self._request_id, "x-amz-id-2": self._host_id})
        return response

    # The configuration.

    def _bucket_response_put(
        self, request: Any, bucket_name: str, querystring: dict[str, Any]
    ) -> Any:
        if "notification" not in querystring:
            return super()._bucket_response_put(request, bucket_name, querystring)
        self._set_action("BUCKET", "PUT", querystring)
        self._authenticate_and_authorize_s3_action(bucket_name=bucket_name)
        bucket = self._served.get_bucket(bucket_name)
        config = parse_config(self.body, bucket.region_name)
        if self.headers.get("x-amz-skip-destination-validation", "").lower() != "true":
            problem = self._served.notifier.problem(config, bucket.arn)
            if problem is not None:
                raise InvalidArgumentError(
                    f"Unable to validate the following destination configurations: {problem}"
                )
        self._served.notification_configs[bucket_name] = config
        self._served.notifier.greet(config, self._event("TestEvent", ""))
        return 200, {}, ""

    def get_bucket_notification(self) -> Any:
        """Answer GetBucketNotificationConfiguration."""
        self._served.get_bucket(self.bucket_name)
        config = self._served.notification_configs.get(self.bucket_name, NotificationConfig())
        self.data["Action"] = "GetBucketNotificationConfiguration"
        return self.serialized(ActionResult(describe_config(config)))

    # What happens to objects.

    def put_object(self) -> Any:
        """Answer PutObject."""
        return self._telling("ObjectCreated:Put", super().put_object)

    def copy_object(self) -> Any:
        """Answer CopyObject."""
        return self._telling("ObjectCreated:Copy", super().copy_object)

    def put_object_tagging(self) -> Any:
        """Answer PutObjectTagging."""
        return self._telling("ObjectTagging:Put", super().put_object_tagging)

    def delete_object_tagging(self) -> Any:
        """Answer DeleteObjectTagging."""
        return self._telling("ObjectTagging:Delete", super().delete_object_tagging)

    def put_object_acl(self) -> Any:
        """Answer PutObjectAcl."""
        return self._telling("ObjectAcl:Put", super().put_object_acl)

    def delete_object(self) -> Any:
        """Answer DeleteObject."""
        deleted = [(self.parse_key_name(), self._get_param("versionId"))]
        return self._deleting(deleted, super().delete_object)

    def _bucket_response_delete_keys(self, bucket_name: str, authenticated: bool = True) -> Any:
        listed = xmltodict.parse(self.body, strip_whitespace=False)["Delete"].get("Object") or []
        objects = listed if isinstance(listed, list) else [listed]
        deleted = [(each["Key"], each.get("VersionId")) for each in objects]
        answer = super()._bucket_response_delete_keys
        return self._deleting(deleted, lambda: answer(bucket_name, authenticated))

    def _bucket_response_post(self, request: Any, bucket_name: str) -> Any:
        response = super()._bucket_response_post(request, bucket_name)
        if not self.is_delete_keys() and response[0] < 400:
            self._tell("ObjectCreated:Post", self.querystring["key"][0])
        return response

    def _key_response_post(
        self, request: Any, body: bytes, bucket_name: str, query: dict[str, Any], key_name: str
    ) -> Any:
        upload = query.get("uploadId", [""])[0]
        before = self._served.get_object(bucket_name, key_name) if upload else None
        repeated = before is not None and before.multipart and before.multipart.id == upload
        response = super()._key_response_post(request, body, bucket_name, query, key_name)
        if response[0] in (200, 202) and not repeated:
            if upload:
                self._tell("ObjectCreated:CompleteMultipartUpload", key_name)
            elif "restore" in query:
                self._tell("ObjectRestore:Post", key_name)
        return response

    def _telling(self, name: str, answer: Callable[[], Any]) -> Any:
        response = answer()
        if response[0] < 300:
            self._tell(name, self.parse_key_name(), self._get_param("versionId"))
        return response

    def _tell(self, name: str, key: str, version_id: str | None = None) -> None:
        """Tell of what happened to an object that is there."""
        config = self._config()
        found = config and self._served.get_object(self.bucket_name, key, version_id=version_id)
        if config and found:
            etag = found.etag.strip('"')
            version = found.version_id if found.version_id != "null" else None
            event = self._event(name, key, size=found.size, etag=etag, version_id=version)
            self._served.notifier.notify(config, event)

    def _deleting(
        self, deleted: Iterable[tuple[str, str | None]], answer: Callable[[], Any]
    ) -> Any:
        """Answer, and tell of those objects and versions that were there and no longer are."""
        config = self._config()
        if config is None:
            return answer()
        before = [(key, version, self._find(key, version)) for key, version in deleted]
        response = answer()
        for key, version, found in before:
            now = self._find(key, version)
            if version is None and isinstance(now, FakeDeleteMarker) and now is not found:
                name, kept = "ObjectRemoved:DeleteMarkerCreated", now.version_id
                event = self._event(name, key, etag=_EMPTY_ETAG, version_id=kept)
                self._served.notifier.notify(config, event)
            elif found is not None and now is None:
                event = self._event("ObjectRemoved:Delete", key, version_id=version)
                self._served.notifier.notify(config, event)
        return response

    def _find(self, key: str, version_id: str | None) -> Any:
        """Return the version of an object, or its last one, be it a delete marker; else None."""
        versions = self._served.get_bucket(self.bucket_name).keys.getlist(key, [])
        if version_id is None:
            return versions[-1] if versions else None
        return next((each for each in versions if str(each.version_id) == version_id), None)

    def _config(self) -> NotificationConfig | None:
        config = self._served.notification_configs.get(self.bucket_name)
        return config if config and (config.notifications or config.event_bridge) else None

    def _event(
        self,
        name: str,
        key: str,
        *,
        size: int | None = None,
        etag: str | None = None,
        version_id: str | None = None,
    ) -> ObjectEvent:
        bucket = self._served.get_bucket(self.bucket_name)
        signed_by = _CREDENTIAL.search(self.headers.get("Authorization", ""))
        return ObjectEvent(
            name=name,
            bucket=bucket.name,
            bucket_arn=bucket.arn,
            region=bucket.region_name,
            key=key,
            at=time.time(),
            size=size,
            etag=etag,
            version_id=version_id,
            requester=signed_by[1] if signed_by else "Anonymous",
            source_ip=self.request.remote_addr or "127.0.0.1",
            request_id=self._request_id,
            host_id=self._host_id,
            sequencer=f"{time.time_ns():018X}",
        )

    @property
    def _served(self) -> ServedS3Backend:
        backend = self.backend
        assert isinstance(backend, ServedS3Backend)
        return backend


class CorrectedS3Backend(CorrectedBackend, ServedS3Backend):
    """moto's S3 behind our responses."""

    service_package = "moto.s3"
    response = ServedS3Response
    unsaved = frozenset({"notifier"})


def correct_s3(notifier: Notifies) -> None:
    """Let moto serve S3 with all of this. ``notifier`` tells destinations."""

    def make(region_name: str, account_id: str) -> CorrectedS3Backend:
        return CorrectedS3Backend(region_name, account_id, notifier)

    register(s3_backends, make)
