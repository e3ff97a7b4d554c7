"""Signatures of requests: what they claim, and whether they hold.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, Literal, TypeAlias
from urllib.parse import SplitResult, quote, unquote

from botocore.auth import HmacV1Auth
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials
from botocore.utils import normalize_url_path

from chalice.cloud.access.errors import NotIdentifiedError, Reason
from chalice.gateway.signatures import SignedRequest

Form: TypeAlias = Literal["header", "query", "old query"]

_TOLERANCE = 900.0
"""Seconds by which the clock of a signer may differ from ours."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_HEADER_PART = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")


@dataclass(frozen=True, slots=True)
class Signature:
    """What a request says of who signed it.

    ``scope`` is ``20260301/us-east-1/s3/aws4_request``; of an old query, S3's presigned URLs of
    signature version 2, it is empty, and ``signed_headers`` too. ``timestamp`` is
    ``20260301T120000Z``, and ``expires`` in seconds after it; of an old query they are empty and
    the second since 1970. ``token`` is the session token.
    """

    form: Form
    access_key: str
    scope: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    timestamp: str
    token: str | None
    expires: int | None
    value: str


def read_signature(request: SignedRequest) -> Signature | None:
    """Return what the request says of its signer, None when it names none."""
    headers = dict(request.headers)
    authorization = headers.get("authorization", "")
    if authorization.startswith("AWS4-"):
        parts = dict(_HEADER_PART.findall(authorization))
        timestamp = headers.get("x-amz-date", "")
        return _read("header", parts, timestamp, headers.get("x-amz-security-token"), None)
    if "X-Amz-Credential=" in request.query:
        query = dict(_pairs(request.query))
        parts = {
            name: query.get(f"X-Amz-{name}", "")
            for name in ("Credential", "SignedHeaders", "Signature")
        }
        token = query.get("X-Amz-Security-Token")
        timestamp = query.get("X-Amz-Date", "")
        return _read("query", parts, timestamp, token, query.get("X-Amz-Expires", ""))
    if "AWSAccessKeyId=" in request.query:
        query = dict(_pairs(request.query))
        token = query.get("x-amz-security-token")
        key, value, expires = (
            query.get(name, "") for name in ("AWSAccessKeyId", "Signature", "Expires")
        )
        until = int(expires) if expires.isdigit() else 0
        return Signature("old query", key, "", "", "s3", (), "", token, until, value)
    return None


def check_signature(
    signature: Signature, request: SignedRequest, secret: str, token: str | None
) -> None:
    """Raise ``NotIdentifiedError`` unless the owner of ``secret`` signed the request, in time.

    ``token`` is the session token that belongs to the access key, None when there is none.
    """
    if not signature.value:
        raise NotIdentifiedError(Reason.INCOMPLETE)
    if (signature.token or None) != token:
        raise NotIdentifiedError(Reason.TOKEN)
    if signature.form == "old query":
        expected = _sign_old(signature, request, Credentials(signature.access_key, secret))
        expiry = float(signature.expires or 0)
        too_early = False
    else:
        signed = _seconds(signature.timestamp)
        expected = _sign(signature, request, secret)
        expiry = signed + (_TOLERANCE if signature.expires is None else signature.expires)
        too_early = signed - request.now > _TOLERANCE
    if not hmac.compare_digest(expected.encode(), signature.value.encode()):
        raise NotIdentifiedError(Reason.SIGNATURE)
    if too_early or request.now > expiry:
        is_presigned = signature.form != "header"
        raise NotIdentifiedError(Reason.EXPIRED_REQUEST if is_presigned else Reason.SKEWED)


def _read(
    form: Form, parts: Mapping[str, str], timestamp: str, token: str | None, expires: str | None
) -> Signature | None:
    access_key, _, scope = parts.get("Credential", "").partition("/")
    scopes = scope.split("/")
    if len(scopes) != 4:
        return None
    return Signature(
        form=form,
        access_key=access_key,
        scope=scope,
        region=scopes[1],
        service=scopes[2],
        signed_headers=tuple(parts.get("SignedHeaders", "").lower().split(";")),
        timestamp=timestamp,
        token=token,
        expires=None if expires is None else int(expires) if expires.isdigit() else 0,
        value=parts.get("Signature", ""),
    )


def _sign(signature: Signature, request: SignedRequest, secret: str) -> str:
    # Headers are bytes to HTTP, and came here as the characters of the same numbers.
    canonical = hashlib.sha256(_canonical(signature, request).encode("latin-1")).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{signature.timestamp}\n{signature.scope}\n{canonical}"
    key = signing_key(secret, signature.scope)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=512)
def signing_key(secret: str, scope: str) -> bytes:
    """Return the key that signs what is in a scope: date, region, service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _canonical(signature: Signature, request: SignedRequest) -> str:
    headers: dict[str, list[str]] = {}
    for name, value in request.headers:
        headers.setdefault(name, []).append(" ".join(value.split()))
    lines = [f"{name}:{','.join(headers.get(name, ()))}\n" for name in signature.signed_headers]
    path = request.path or "/"
    if signature.service != "s3":
        path = quote(normalize_url_path(path), safe="/~")
    return "\n".join(
        (
            request.method,
            path,
            _canonical_query(request.query),
            "".join(lines),
            ";".join(signature.signed_headers),
            _content_digest(signature, request, headers),
        )
    )


def _content_digest(
    signature: Signature, request: SignedRequest, headers: Mapping[str, list[str]]
) -> str:
    """Return the digest of the content as it was signed. Raises when the content has another."""
    claimed = headers.get("x-amz-content-sha256", [""])[0]
    if not claimed and signature.form == "query" and signature.service == "s3":
        return "UNSIGNED-PAYLOAD"
    if claimed and not _DIGEST.fullmatch(claimed):
        return claimed  # UNSIGNED-PAYLOAD, or chunks that are signed one by one
    digest = hashlib.sha256(request.body).hexdigest()
    if claimed and claimed != digest:
        raise NotIdentifiedError(Reason.CONTENT)
    return digest


def _canonical_query(query: str) -> str:
    pairs = [
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in _pairs(query)
        if name != "X-Amz-Signature"
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _pairs(query: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [(unquote(name), unquote(value)) for name, _, value in pairs]


def _seconds(timestamp: str) -> float:
    try:
        moment = datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ")
    except ValueError:
        raise NotIdentifiedError(Reason.INCOMPLETE) from None
    return moment.replace(tzinfo=timezone.utc).timestamp()


def _sign_old(signature: Signature, request: SignedRequest, credentials: Credentials) -> str:
    """Return the signature of version 2 of a presigned URL of S3. What headers said when it was
    signed is in its query; a header of the request counts more.
    """
    headers: Any = HTTPHeaders()
    for name, value in dict((*_pairs(request.query), *request.headers)).items():
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
