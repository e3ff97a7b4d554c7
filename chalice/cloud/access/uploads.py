"""Uploads to S3 by a web form that somebody signed beforehand (``generate_presigned_post``).

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from chalice.cloud.access.calls import Call, http_request
from chalice.cloud.access.errors import PolicyBrokenError
from chalice.gateway.signature_v4 import NotIdentifiedError, Reason, signing_key
from chalice.gateway.signatures import SignedRequest


@dataclass(frozen=True, slots=True)
class Upload:
    """A form. ``fields`` have lower-case names; ``scope`` is empty for signature version 2."""

    access_key: str
    scope: str
    signature: str
    policy: str
    token: str | None
    bucket: str
    key: str
    size: int
    fields: Mapping[str, str]

    @property
    def region(self) -> str:
        """The region it was signed for, empty when it was signed for any."""
        return self.scope.split("/")[1] if self.scope.count("/") == 3 else ""

    @property
    def call(self) -> Call:
        """The call that it stands for."""
        parameters = {"Bucket": self.bucket, "Key": self.key}
        return Call("s3", "s3", "PutObject", "rest-xml", parameters)


def may_be_upload(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request that is not signed otherwise could be a form."""
    return method == "POST" and headers.get("content-type", "").startswith("multipart/form-data")


def read_upload(request: SignedRequest) -> Upload | None:
    """Return the form that a request is, None when it is no form that somebody signed."""
    asked = http_request(request)
    fields = {name.lower(): value for name, value in asked.form.items()}
    fields.update({name.lower(): file.filename or "" for name, file in asked.files.items()})
    credential, _, scope = fields.get("x-amz-credential", "").partition("/")
    access_key = credential or fields.get("awsaccesskeyid", "")
    if not access_key or "policy" not in fields:
        return None
    file = asked.files.get("file")
    size = len(file.read()) if file is not None else len(asked.form.get("file", "").encode())
    host = dict(request.headers).get("host", "").rpartition(":")[0]
    bucket = request.path.strip("/").partition("/")[0] or host.partition(".")[0]
    return Upload(
        access_key=access_key,
        scope=scope,
        signature=fields.get("x-amz-signature" if scope else "signature", ""),
        policy=fields["policy"],
        token=fields.get("x-amz-security-token"),
        bucket=bucket,
        key=fields.get("key", "").replace("${filename}", fields.get("file", "")),
        size=size,
        fields=fields,
    )


def check_upload(upload: Upload, secret: str, token: str | None, now: float) -> None:
    """Raise ``NotIdentifiedError`` unless the owner of ``secret`` signed the policy of the form,
    and ``PolicyBrokenError`` unless the form keeps to it. ``now`` is in seconds since 1970.
    """
    if (upload.token or None) != token:
        raise NotIdentifiedError(Reason.TOKEN)
    policy = upload.policy.encode()
    if upload.scope:
        key = signing_key(secret, upload.scope)
        expected = hmac.new(key, policy, hashlib.sha256).hexdigest()
    else:
        digest = hmac.new(secret.encode(), policy, hashlib.sha1).digest()
        expected = base64.b64encode(digest).decode()
    if not hmac.compare_digest(expected.encode(), upload.signature.encode()):
        raise NotIdentifiedError(Reason.SIGNATURE)
    try:
        document = json.loads(base64.b64decode(policy))
        expires = _seconds(str(document["expiration"]))
        conditions = list(document["conditions"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise PolicyBrokenError("Invalid Policy: Invalid JSON.") from None
    if now > expires:
        raise PolicyBrokenError("Invalid according to Policy: Policy expired.")
    for condition in conditions:
        if not _holds(condition, upload):
            shown = json.dumps(condition)
            raise PolicyBrokenError(
                f"Invalid according to Policy: Policy Condition failed: {shown}"
            )


def _holds(condition: Any, upload: Upload) -> bool:
    """Whether a form meets ``{"acl": "private"}``, ``["starts-with", "$key", "user/"]``,
    ``["eq", "$key", "a"]`` or ``["content-length-range", 1, 1024]``.
    """
    match condition:
        case dict():
            return all(_field(upload, name) == wanted for name, wanted in condition.items())
        case ["content-length-range", least, most]:
            return int(least) <= upload.size <= int(most)
        case [str(operator), str(name), str(wanted)]:
            value = _field(upload, name.removeprefix("$"))
            is_prefix = operator.lower() == "starts-with"
            return value.startswith(wanted) if is_prefix else value == wanted
        case _:
            return False


def _field(upload: Upload, name: str) -> str:
    own = {"bucket": upload.bucket, "key": upload.key}
    return own.get(name.lower(), upload.fields.get(name.lower(), ""))


def _seconds(text: str) -> float:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
