"""Version 4 of AWS's signatures: what one claims, and whether it holds.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from functools import lru_cache
from typing import Literal, TypeAlias
from urllib.parse import quote, unquote

from chalice.gateway.signatures import SignatureRefusedError, SignedRequest

Form: TypeAlias = Literal["header", "query", "old query"]

TOLERANCE = 900.0
"""Seconds by which the clock of a signer may differ from ours."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_HEADER_PART = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")


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
    """The signature of a request does not hold."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


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
        query = dict(query_pairs(request.query))
        parts = {
            name: query.get(f"X-Amz-{name}", "")
            for name in ("Credential", "SignedHeaders", "Signature")
        }
        token = query.get("X-Amz-Security-Token")
        timestamp = query.get("X-Amz-Date", "")
        return _read("query", parts, timestamp, token, query.get("X-Amz-Expires", ""))
    return None


def check_signature(
    signature: Signature, request: SignedRequest, secret: str, token: str | None
) -> None:
    """Raise ``NotIdentifiedError`` unless the owner of ``secret`` signed the request, in time.

    ``token`` is the session token that belongs to the access key, None when there is none.
    """
    check_token(signature, token)
    signed = _seconds(signature.timestamp)
    check_value(signature, _sign(signature, request, secret))
    is_presigned = signature.expires is not None
    expiry = signed + (TOLERANCE if signature.expires is None else signature.expires)
    if signed - request.now > TOLERANCE or request.now > expiry:
        raise NotIdentifiedError(Reason.EXPIRED_REQUEST if is_presigned else Reason.SKEWED)


def check_token(signature: Signature, token: str | None) -> None:
    """Raise ``NotIdentifiedError`` for a signature without a value, or of another session."""
    if not signature.value:
        raise NotIdentifiedError(Reason.INCOMPLETE)
    if (signature.token or None) != token:
        raise NotIdentifiedError(Reason.TOKEN)


def check_value(signature: Signature, expected: str) -> None:
    """Raise ``NotIdentifiedError`` unless the signature is the one expected."""
    if not hmac.compare_digest(expected.encode(), signature.value.encode()):
        raise NotIdentifiedError(Reason.SIGNATURE)


def require_scope(signature: Signature | None, service: str, region: str) -> Signature:
    """Return a signature that is for that service and region. Raises SignatureRefusedError."""
    if signature is None:
        raise SignatureRefusedError(
            "MissingAuthenticationTokenException", "Missing Authentication Token"
        )
    if signature.service != service:
        wrong = f"correct service: '{service}'"
    elif signature.region != region:
        wrong = f"a valid region, not '{signature.region}'"
    else:
        return signature
    sentence = f"Credential should be scoped to {wrong}."
    raise SignatureRefusedError("InvalidSignatureException", sentence)


def refusal(error: NotIdentifiedError) -> SignatureRefusedError:
    """Return what API Gateway says to somebody whose signature does not hold."""
    return SignatureRefusedError(_TYPES[error.reason], str(error))


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
        path = quote(_normalized(path), safe="/~")
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
        for name, value in query_pairs(query)
        if name != "X-Amz-Signature"
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Return the decoded parameters of a query, in which ``+`` is no space."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [(unquote(name), unquote(value)) for name, _, value in pairs]


def _seconds(timestamp: str) -> float:
    try:
        moment = datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ")
    except ValueError:
        raise NotIdentifiedError(Reason.INCOMPLETE) from None
    return moment.replace(tzinfo=timezone.utc).timestamp()


def _normalized(path: str) -> str:
    """Return a path without empty and dotted segments: signers leave those out."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    end = "/" if kept and path.endswith("/") else ""
    return f"/{'/'.join(kept)}{end}"


_TYPES: Mapping[Reason, str] = {
    Reason.SIGNATURE: "InvalidSignatureException",
    Reason.SKEWED: "InvalidSignatureException",
    Reason.EXPIRED_REQUEST: "InvalidSignatureException",
    Reason.CONTENT: "InvalidSignatureException",
    Reason.TOKEN: "UnrecognizedClientException",
    Reason.EXPIRED_TOKEN: "ExpiredTokenException",
    Reason.INCOMPLETE: "IncompleteSignatureException",
}
