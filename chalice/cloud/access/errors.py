"""Why a request is refused, before it is known in which shape the caller wants to hear it."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """What is wrong with the credentials of a request: AWS's sentence."""

    SIGNATURE = (
        "The request signature we calculated does not match the signature you provided. Check "
        "your AWS Secret Access Key and signing method. Consult the service documentation for "
        "details."
    )
    TOKEN = "The security token included in the request is invalid."  # noqa: S105
    EXPIRED_TOKEN = "The security token included in the request is expired"  # noqa: S105
    EXPIRED_REQUEST = "Request has expired"
    SKEWED = "Signature expired: the time of the request is too far from the time of the cloud"
    CONTENT = "The provided 'x-amz-content-sha256' header does not match what was computed."
    INCOMPLETE = "Authorization header requires existence of the parts of a signature."


class NotIdentifiedError(Exception):
    """The request names an access key of the cloud, and its signature does not hold."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class PolicyBrokenError(Exception):
    """A form does not keep to the policy it was signed with. ``str()`` is S3's sentence."""
