"""Notifications of S3 buckets, of which we own the entries that name our functions.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html

A bucket has one configuration, which is read and written whole. Ours are written one after the
other, and looked at again: what somebody else wrote at the same moment may have won.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from threading import Lock
from typing import Any, TypeAlias

from chalice.aws.calls import doing, once_free, or_none
from chalice.aws.session import Session
from chalice.errors import ToolError
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.triggers import BucketNotification
from chalice.model.values import Outputs

Entry: TypeAlias = Mapping[str, Any]
_ENTRIES = "LambdaFunctionConfigurations"
_ATTEMPTS = 3


class BucketNotifications:
    """Entries, found by their bucket and function."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._locks: dict[str, Lock] = defaultdict(Lock)

    @property
    def _s3(self) -> Any:
        return self._session.client("s3")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the entry for that function in that bucket."""
        bucket, function = identity["bucket"], identity["function"]
        if self._entry(bucket, function) is None:
            return None
        return {"bucket": bucket, "lambda_arn": function}

    def read(self, record: Record) -> Found | None:
        """Return the entry as it stands."""
        bucket, function = record.outputs["bucket"], record.outputs["lambda_arn"]
        entry = self._entry(bucket, function)
        if entry is None:
            return None
        rules = entry.get("Filter", {}).get("Key", {}).get("FilterRules", [])
        filters = {rule["Name"].lower(): rule["Value"] for rule in rules}
        notification = BucketNotification(
            name=record.name,
            bucket=bucket,
            function=function,
            events=tuple(sorted(entry["Events"])),
            prefix=filters.get("prefix", ""),
            suffix=filters.get("suffix", ""),
        )
        return Found(notification, record.outputs)

    def create(self, notification: BucketNotification) -> Outputs:
        """Add the entry, or put it in the place of the one for that function."""
        bucket, function = notification.bucket, str(notification.function)
        entry = _entry(notification)

        def change(entries: list[Entry]) -> list[Entry]:
            # S3 takes no two entries for the same events, be they for a function and its alias.
            places = [i for i, each in enumerate(entries) if _is_for_any(each, function)]
            if not places:
                return [*entries, entry]
            first = places[0]
            kept = {"Id": entries[first]["Id"]} if "Id" in entries[first] else {}
            return [*entries[:first], {**kept, **entry}, *entries[first + 1 :]]

        def is_done(entries: list[Entry]) -> bool:
            return any(_is_for(each, function) and _same(each, entry) for each in entries)

        with doing(f"making bucket {bucket} notify {function.rpartition(':')[2]}"):
            self._rewrite(bucket, change, is_done)
        return {"bucket": bucket, "lambda_arn": function}

    def update(
        self, notification: BucketNotification, record: Record, fields: Collection[str]
    ) -> Outputs:
        """Rewrite the entry."""
        return self.create(notification)

    def delete(self, record: Record) -> None:
        """Remove the entry; the bucket may be gone."""
        bucket, function = record.outputs["bucket"], record.outputs["lambda_arn"]

        def change(entries: list[Entry]) -> list[Entry]:
            return [each for each in entries if not _is_for(each, function)]

        def is_done(entries: list[Entry]) -> bool:
            return change(entries) == entries

        with doing(f"removing a notification from bucket {bucket}"):
            or_none(lambda: self._rewrite(bucket, change, is_done))

    def _rewrite(
        self,
        bucket: str,
        change: Callable[[list[Entry]], list[Entry]],
        is_done: Callable[[list[Entry]], bool],
    ) -> None:
        with self._locks[bucket]:
            for _ in range(_ATTEMPTS):
                configuration = self._configuration(bucket)
                entries = configuration.get(_ENTRIES, [])
                if is_done(entries):
                    return
                changed = {**configuration, _ENTRIES: change(entries)}
                once_free(
                    lambda whole=changed: self._s3.put_bucket_notification_configuration(  # type: ignore[misc]
                        Bucket=bucket, NotificationConfiguration=whole
                    ),
                    self._session.pause,
                )
            if not is_done(self._configuration(bucket).get(_ENTRIES, [])):
                raise ToolError(
                    f"somebody else keeps changing the notifications of bucket {bucket}",
                    hint="run the same command again when they have finished",
                )

    def _configuration(self, bucket: str) -> dict[str, Any]:
        found = self._s3.get_bucket_notification_configuration(Bucket=bucket)
        return {key: value for key, value in found.items() if key != "ResponseMetadata"}

    def _entry(self, bucket: str, function: str) -> Entry | None:
        with doing(f"reading the notifications of bucket {bucket}"):
            found = or_none(lambda: self._configuration(bucket))
        for entry in (found or {}).get(_ENTRIES, []):
            if _is_for(entry, function):
                return dict(entry)
        return None


def _is_for(entry: Entry, function: str) -> bool:
    return bool(entry["LambdaFunctionArn"] == function)


def _is_for_any(entry: Entry, function: str) -> bool:
    """Whether the entry is for that function, whichever version or alias of it."""
    arn: str = entry["LambdaFunctionArn"]
    return arn.split(":")[:7] == function.split(":")[:7]


def _same(entry: Entry, wanted: Entry) -> bool:
    return _comparable(entry) == _comparable(wanted)


def _comparable(entry: Entry) -> tuple[object, ...]:
    rules = entry.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    filters = sorted((rule["Name"].lower(), rule["Value"]) for rule in rules)
    return sorted(entry["Events"]), filters


def _entry(notification: BucketNotification) -> Entry:
    entry: dict[str, Any] = {
        "LambdaFunctionArn": notification.function,
        "Events": list(notification.events),
    }
    given = {"Prefix": notification.prefix, "Suffix": notification.suffix}
    rules = [{"Name": name, "Value": value} for name, value in given.items() if value]
    if rules:
        entry["Filter"] = {"Key": {"FilterRules": rules}}
    return entry
