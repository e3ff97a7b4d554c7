"""When and where a sample event happens, and the ids in it."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone

from chalice.model.values import Place, Value, resolve

PLACE = Place("aws", "us-east-1", "123456789012")
API_ID = "sample123a"
"""What the APIs of samples are called."""


@dataclass(frozen=True)
class Occasion:
    """``now`` is in seconds since 1970. ``place`` is where what the event tells of is; ``prefix``
    (``app-stage``) is what the names of the app's own resources begin with there, ``api_stage``
    the first part of the path of its API.
    """

    now: float = field(default_factory=time.time)
    place: Place = PLACE
    prefix: str = "sample-dev"
    api_stage: str = "api"

    @property
    def milliseconds(self) -> int:
        """The time in milliseconds since 1970."""
        return int(self.now * 1000)

    def iso(self, *, milliseconds: bool = False) -> str:
        """Return the time as ``2026-01-31T12:00:00Z``, or with ``.123`` before the Z."""
        moment = datetime.fromtimestamp(self.now, timezone.utc)
        fraction = f".{moment.microsecond // 1000:03d}" if milliseconds else ""
        return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"

    def clock(self) -> str:
        """Return the time as API Gateway writes it: ``09/Apr/2015:12:34:56 +0000``."""
        moment = datetime.fromtimestamp(self.now, timezone.utc)
        return f"{moment.day:02}/{_MONTHS[moment.month - 1]}/{moment:%Y:%H:%M:%S} +0000"

    @property
    def domain(self) -> str:
        """The domain name of an API."""
        return f"{API_ID}.execute-api.{self.place.region}.amazonaws.com"

    def arn(self, value: Value) -> str:
        """Return an ARN in this place."""
        return str(resolve(value, self.place, {}))


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def unique_id(*of: object) -> str:
    """Return a UUID that is the same for the same things, so that samples can be compared."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, repr(of)))


def hexadecimal(digits: int, *of: object) -> str:
    """Return hexadecimal digits in capitals, the same for the same things."""
    return hashlib.sha256(repr(of).encode()).hexdigest().upper()[:digits]
