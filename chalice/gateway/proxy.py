"""The response that a function returned, checked and made ready to send.

https://docs.aws.amazon.com/apigateway/latest/developerguide/
set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping

from chalice.gateway.answers import JSON_TYPE, Answer, encode_headers
from chalice.gateway.media import MediaTypes

_KEYS = frozenset(("statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"))


class MalformedResponseError(ValueError):
    """The function returned what API Gateway does not take; the text says why."""


def read_response(payload: bytes, accept: str, binary: MediaTypes) -> Answer:
    """Return what the function answered: ``{"statusCode": 200, "headers": {}, "body": "hi"}``.

    A body marked as base64 is decoded when the first media type of ``accept`` is one of the API's
    binary types, and is otherwise sent as the base64 text it is. Raises MalformedResponseError.
    """
    try:
        response = json.loads(payload)
    except ValueError as error:
        raise MalformedResponseError(f"not JSON: {error}") from error
    if not isinstance(response, dict):
        raise MalformedResponseError("not an object")
    if not _KEYS.issuperset(response):
        unknown = ", ".join(sorted(response.keys() - _KEYS))
        raise MalformedResponseError(f"unknown keys: {unknown}")
    body = response.get("body")
    if body is not None and not isinstance(body, str):
        raise MalformedResponseError("the body is not a string")
    encoded = response.get("isBase64Encoded")
    if encoded is not None and not isinstance(encoded, bool):
        raise MalformedResponseError("isBase64Encoded is not a boolean")
    try:
        headers = encode_headers(_headers(response))
        content = (body or "").encode("utf-8", "replace")
        if encoded and binary.match(accept):
            content = base64.b64decode(content)
    except ValueError as error:
        raise MalformedResponseError(str(error)) from error
    if not any(name == b"content-type" for name, _ in headers):
        headers.append(JSON_TYPE)
    return Answer(_status(response.get("statusCode")), headers, content)


def _status(value: object) -> int:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 200 <= value <= 599:
        raise MalformedResponseError(f"statusCode is {value!r}")
    return value


def _headers(response: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the headers; a pair in both places counts once."""
    several = _object(response, "multiValueHeaders")
    single = _object(response, "headers")
    pairs = []
    for name, values in several.items():
        if not isinstance(values, list):
            raise MalformedResponseError(f"the values of header {name} are not a list")
        pairs += [(name, _text(name, value)) for value in values]
    seen = {(name.lower(), value) for name, value in pairs}
    for name, value in single.items():
        text = _text(name, value)
        if (name.lower(), text) not in seen:
            yield name, text
    yield from pairs


def _object(response: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = response.get(key)
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise MalformedResponseError(f"{key} is not an object")


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    raise MalformedResponseError(f"the value of header {name} is {value!r}")
