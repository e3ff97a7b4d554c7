"""Signatures of calls of AWS: version 4, and version 2 of S3's presigned URLs.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult

from botocore.auth import HmacV1Auth
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from chalice.gateway import signature_v4
from chalice.gateway.signature_v4 import (
    NotIdentifiedError,
    Reason,
    Signature,
    check_token,
    check_value,
    query_pairs,
)
from chalice.gateway.signatures import SignedRequest


def read_signature(request: SignedRequest) -> Signature | None:
    """Return what the request says of its signer, None when it names none."""
    found = signature_v4.read_signature(request)
    if found is not None or "AWSAccessKeyId=" not in request.query:
        return found
    query = dict(query_pairs(request.query))
    token = query.get("x-amz-security-token")
    key, value, expires = (
        query.get(name, "") for name in ("AWSAccessKeyId", "Signature", "Expires")
    )
    until = int(expires) if expires.isdigit() else 0
    return Signature("old query", key, "", "", "s3", (), "", token, until, value)


def check_signature(
    signature: Signature, request: SignedRequest, secret: str, token: str | None
) -> None:
    """Raise ``NotIdentifiedError`` unless the owner of ``secret`` signed the request, in time.

    ``token`` is the session token that belongs to the access key, None when there is none.
    """
    if signature.form != "old query":
        signature_v4.check_signature(signature, request, secret, token)
        return
    check_token(signature, token)
    check_value(signature, _sign_old(signature, request, Credentials(signature.access_key, secret)))
    if request.now > float(signature.expires or 0):
        raise NotIdentifiedError(Reason.EXPIRED_REQUEST)


def _sign_old(signature: Signature, request: SignedRequest, credentials: Credentials) -> str:
    """Return the signature of version 2 of a presigned URL of S3. What headers said when it was
    signed is in its query; a header of the request counts more.
    """
    headers: Any = HTTPHeaders()
    for name, value in dict((*query_pairs(request.query), *request.headers)).items():
        if name.startswith("x-amz-") or name in ("content-md5", "content-type"):
            headers[name] = value
    signer = _OldSigner(credentials)
    signer.expires = str(signature.expires)
    host = dict(request.headers).get("host", "").rpartition(":")[0]
    bucket = f"/{host.removesuffix('.localhost')}" if host.endswith(".localhost") else ""
    split = SplitResult("", "", bucket + request.path, request.query, "")
    signed: str = signer.get_signature(request.method, split, headers)
    return signed


class _OldSigner(HmacV1Auth):
    """Signs the time at which a URL expires in place of the date."""

    expires = ""

    def _get_date(self) -> str:
        return self.expires
