"""Changes of objects in an S3 bucket.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

from chalice.runtime.events import BaseEventSourceConfig, BaseLambdaEvent
from chalice.runtime.events.handler import Registrar, event_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from chalice.runtime.events.handler import Decorate


class S3Event(BaseLambdaEvent):
    """One object that changed; `key` is decoded, None in S3's test notification for a bucket."""

    EVENT_SOURCE = "aws:s3"

    bucket: str
    key: str | Any

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        if event_dict.get("Event") == "s3:TestEvent":
            self.bucket, self.key = event_dict["Bucket"], None
            return
        from urllib.parse import unquote_plus  # noqa: PLC0415

        s3 = event_dict["Records"][0]["s3"]
        self.bucket = s3["bucket"]["name"]
        self.key = unquote_plus(s3["object"]["key"])


class S3EventConfig(BaseEventSourceConfig):
    """A bucket that triggers a function by `events` such as `s3:ObjectCreated:*`.

    Only objects whose key starts with `prefix` and ends in `suffix` count; None is any.
    """

    def __init__(
        self,
        name: str,
        bucket: str,
        events: list[str],
        prefix: str | None,
        suffix: str | None,
        handler_string: str,
    ) -> None:
        super().__init__(name, handler_string)
        self.bucket = bucket
        self.events = events
        self.prefix = prefix
        self.suffix = suffix


class Triggers(Registrar):
    """The decorator of functions that objects trigger."""

    _event_type: str = "s3"
    _record: str = "S3EventConfig"

    def on_s3_event(
        self,
        bucket: str,
        events: list[str] | None = None,
        prefix: str | None = None,
        suffix: str | None = None,
        name: str | None = None,
    ) -> Decorate[S3Event, S3Event]:
        """Call the function when objects of the bucket change, if None when they are created.

        Only those count whose key starts with `prefix` and ends in `suffix`.
        """
        settings = {
            "bucket": bucket,
            "events": ["s3:ObjectCreated:*"] if events is None else events,
            "prefix": prefix,
            "suffix": suffix,
        }
        return event_handler(self, "on_s3_event", name, S3Event, settings)
