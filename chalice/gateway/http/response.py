"""What functions behind HTTP APIs and function URLs return, made ready to send."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from chalice.gateway.answers import JSON_TYPE, Answer, encode_headers
from chalice.gateway.proxy import MalformedResponseError

TEXT_TYPE = (b"content-type", b"text/plain;charset=UTF-8")


def read_v2(payload: bytes, default_type: tuple[bytes, bytes] = TEXT_TYPE) -> Answer:
    """Return what the function answered in format 2.0.

    ``{"statusCode": 201, "headers": {"x-a": "1"}, "cookies": ["a=1"], "body": "hi"}``; what has no
    ``statusCode`` is itself the body. Raises MalformedResponseError.
    """
    response = _parse(payload)
    if not isinstance(response, dict) or "statusCode" not in response:
        body = response.encode("utf-8", "replace") if isinstance(response, str) else payload
        return Answer(200, [JSON_TYPE], body)
    cookies = response.get("cookies") or []
    if not isinstance(cookies, list):
        raise MalformedResponseError("the cookies are not a list")
    pairs = [*_single(response), *(("set-cookie", str(cookie)) for cookie in cookies)]
    return _answer(response, pairs, default_type)


def read_v1(payload: bytes) -> Answer:
    """Return what the function answered in format 1.0. Raises MalformedResponseError."""
    response = _parse(payload)
    if not isinstance(response, dict) or "statusCode" not in response:
        raise MalformedResponseError("there is no statusCode")
    several = _object(response, "multiValueHeaders")
    pairs = [(name, str(value)) for name, values in several.items() for value in values or ()]
    named = {name.lower() for name, _ in pairs}
    pairs += [pair for pair in _single(response) if pair[0].lower() not in named]
    return _answer(response, pairs, TEXT_TYPE)


def _parse(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError as error:
        raise MalformedResponseError(f"not JSON: {error}") from error


def _answer(
    response: Mapping[str, Any], pairs: list[tuple[str, str]], default_type: tuple[bytes, bytes]
) -> Answer:
    status, body = response["statusCode"], response.get("body")
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 599:
        raise MalformedResponseError(f"statusCode is {status!r}")
    if body is not None and not isinstance(body, str):
        raise MalformedResponseError("the body is not a string")
    try:
        headers = encode_headers(pairs, remap=False)
        content = (body or "").encode("utf-8", "replace")
        if response.get("isBase64Encoded"):
            content = base64.b64decode(content)
    except ValueError as error:
        raise MalformedResponseError(str(error)) from error
    if not any(name == b"content-type" for name, _ in headers):
        headers.append(default_type)
    return Answer(status, headers, content)


def _single(response: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    headers = _object(response, "headers")
    for name, value in headers.items():
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, (bool, int, float)):
            yield name, json.dumps(value)
        elif value is not None:
            raise MalformedResponseError(f"the value of header {name} is {value!r}")


def _object(response: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = response.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise MalformedResponseError(f"{key} is not an object")
    return value
