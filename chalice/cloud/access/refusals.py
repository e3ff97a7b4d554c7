"""Refusals, each in the shape and with the code that the service in question gives it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias
from xml.sax.saxutils import escape

from chalice.cloud.access.calls import Call
from chalice.gateway.signature_v4 import Reason

Family: TypeAlias = Literal["json", "query", "s3", "ec2"]
Code: TypeAlias = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP response. The keys of ``headers`` are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def deny(call: Call, sentence: str) -> Refusal:
    """Return the answer to a caller whose policies do not allow the call."""
    status, code = _DENIALS[_family(call)]
    if call.service == "sns":
        code = "AuthorizationError"
    return _refusal(call, status, code, sentence)


def refuse(call: Call, reason: Reason) -> Refusal:
    """Return the answer to a caller whose signature does not hold."""
    family = _family(call)
    status, code = _CODES[reason][family]
    sentence = _S3_SENTENCES.get(reason, reason.value) if family == "s3" else reason.value
    return _refusal(call, status, code, sentence)


_DENIALS: Mapping[Family, Code] = {
    "json": (403, "AccessDeniedException"),
    "query": (403, "AccessDenied"),
    "s3": (403, "AccessDenied"),
    "ec2": (403, "UnauthorizedOperation"),
}
_MISMATCH: Mapping[Family, Code] = {
    "json": (403, "InvalidSignatureException"),
    "query": (403, "SignatureDoesNotMatch"),
    "s3": (403, "SignatureDoesNotMatch"),
    "ec2": (401, "AuthFailure"),
}
_CODES: Mapping[Reason, Mapping[Family, Code]] = {
    Reason.SIGNATURE: _MISMATCH,
    Reason.SKEWED: {**_MISMATCH, "s3": (403, "RequestTimeTooSkewed")},
    Reason.EXPIRED_REQUEST: {**_MISMATCH, "s3": (403, "AccessDenied")},
    Reason.CONTENT: {**_MISMATCH, "s3": (400, "XAmzContentSHA256Mismatch")},
    Reason.TOKEN: {
        "json": (403, "UnrecognizedClientException"),
        "query": (403, "InvalidClientTokenId"),
        "s3": (400, "InvalidToken"),
        "ec2": (401, "AuthFailure"),
    },
    Reason.EXPIRED_TOKEN: {
        "json": (403, "ExpiredTokenException"),
        "query": (403, "ExpiredToken"),
        "s3": (400, "ExpiredToken"),
        "ec2": (400, "RequestExpired"),
    },
    Reason.INCOMPLETE: {
        "json": (400, "IncompleteSignatureException"),
        "query": (400, "IncompleteSignature"),
        "s3": (400, "AuthorizationHeaderMalformed"),
        "ec2": (401, "AuthFailure"),
    },
}
_S3_SENTENCES: Mapping[Reason, str] = {
    Reason.TOKEN: "The provided token is malformed or otherwise invalid.",
    Reason.EXPIRED_TOKEN: "The provided token has expired.",
    Reason.SKEWED: "The difference between the request time and the current time is too large.",
}
# Services that once spoke the query protocol tell clients of JSON the old code of the error.
_OLD_CODES = {
    "AccessDeniedException": "AccessDenied",
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "UnrecognizedClientException": "InvalidClientTokenId",
    "ExpiredTokenException": "ExpiredToken",
    "IncompleteSignatureException": "IncompleteSignature",
}


def _family(call: Call) -> Family:
    if call.service in ("s3", "s3control"):
        return "s3"
    match call.protocol:
        case "ec2":
            return "ec2"
        case "query" | "rest-xml":
            return "query"
        case "json" | "rest-json" | "cbor":
            return "json"


def _refusal(call: Call, status: int, code: str, sentence: str) -> Refusal:
    request_id = str(uuid.uuid4())
    headers = {"x-amzn-requestid": request_id}
    family = _family(call)
    if family == "json":
        headers["x-amzn-errortype"] = code
        if call.is_query_compatible:
            headers["x-amzn-query-error"] = f"{_OLD_CODES.get(code, code)};Sender"
        elif call.protocol == "json":
            status = 400
    content_type, write = _WRITERS[call.protocol if family == "json" else family]
    body = b"" if call.is_head else write(code, sentence, request_id)
    return Refusal(status, {**headers, "content-type": content_type}, body)


def _json(code: str, sentence: str, _: str) -> bytes:
    return json.dumps({"__type": code, "message": sentence}).encode()


def _query(code: str, sentence: str, request_id: str) -> bytes:
    return (
        "<ErrorResponse><Error><Type>Sender</Type>"
        f"<Code>{code}</Code><Message>{escape(sentence)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()


def _s3(code: str, sentence: str, request_id: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{escape(sentence)}</Message>"
        f"<RequestId>{request_id}</RequestId></Error>"
    ).encode()


def _ec2(code: str, sentence: str, request_id: str) -> bytes:
    return (
        f"<Response><Errors><Error><Code>{code}</Code><Message>{escape(sentence)}</Message>"
        f"</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    ).encode()


def _cbor(code: str, sentence: str, _: str) -> bytes:
    """Return a map of two texts: 0xa0 begins a map, 0x79 a text whose length takes two bytes."""
    texts = [text.encode() for text in ("__type", code, "message", sentence)]
    return b"\xa2" + b"".join(b"\x79" + len(text).to_bytes(2, "big") + text for text in texts)


_WRITERS: Mapping[str, tuple[str, Callable[[str, str, str], bytes]]] = {
    "json": ("application/x-amz-json-1.0", _json),
    "rest-json": ("application/json", _json),
    "cbor": ("application/cbor", _cbor),
    "query": ("text/xml", _query),
    "s3": ("application/xml", _s3),
    "ec2": ("text/xml;charset=UTF-8", _ec2),
}
