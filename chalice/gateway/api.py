"""An API document compiled for serving. It says nothing of requests.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from chalice.gateway.answers import JSON_TYPE, Headers, encode_headers
from chalice.gateway.deployment import Deployment
from chalice.gateway.guards import Guard, Unsupported, compile_guard, function_of, security_schemes
from chalice.gateway.media import MediaTypes
from chalice.gateway.own_responses import RESPONSES, OwnResponses
from chalice.gateway.routes import RouteTable

INTEGRATION = "x-amazon-apigateway-integration"
ANY_METHOD = "x-amazon-apigateway-any-method"
METHOD_AUTHORIZER = "x-amazon-apigateway-auth"
KEY_SOURCE = "x-amazon-apigateway-api-key-source"
BINARY_TYPES = "x-amazon-apigateway-binary-media-types"

_RESPONSE_HEADER = "method.response.header."
_METHODS = frozenset(["get", "put", "post", "delete", "options", "head", "patch"])


@dataclass(frozen=True, slots=True)
class Proxy:
    """A function that gets the whole request. ``timeout`` is in seconds."""

    function: str
    timeout: float


@dataclass(frozen=True, slots=True)
class Mock:
    """An answer that needs no function.

    ``templates`` has, by media type, the status code that its request template asks for.
    ``answers`` are tried in order: a pattern of such codes, the status, the headers.
    """

    templates: Mapping[str, int]
    passthrough: str
    answers: tuple[tuple[re.Pattern[str], int, Headers], ...]


Integration: TypeAlias = Proxy | Mock | Unsupported


@dataclass(frozen=True, slots=True)
class Method:
    """What happens when a method of a resource is called. ``is_open``: nothing is asked of
    callers.
    """

    integration: Integration
    guard: Guard
    is_open: bool


@dataclass(frozen=True, slots=True)
class Resource:
    """A path and its methods, upper-case; ``ANY`` is all that are not there by name."""

    path: str
    id: str
    methods: Mapping[str, Method]


class Api:
    """What ``Deployment.document`` says. Raises ValueError when it is not an API document."""

    def __init__(self, deployment: Deployment) -> None:
        document: Mapping[str, Any] = deployment.document
        definitions = security_schemes(document)
        resources = {
            path: Resource(
                path,
                _resource_id(deployment.api_id, path),
                {
                    "ANY" if name == ANY_METHOD else name.upper(): _method(
                        operation, operation.get("security", document.get("security")), definitions
                    )
                    for name, operation in operations.items()
                    if name in _METHODS or name == ANY_METHOD
                },
            )
            for path, operations in document.get("paths", {}).items()
        }
        self.resources: RouteTable[Resource] = RouteTable(resources)
        self.binary = MediaTypes(document.get(BINARY_TYPES, ()))
        self.keys_from_authorizers = document.get(KEY_SOURCE, "HEADER") == "AUTHORIZER"
        self.responses = OwnResponses(document.get(RESPONSES, {}))


def _resource_id(api_id: str, path: str) -> str:
    digest = hashlib.sha256(f"{api_id} {path}".encode()).digest()
    return base64.b32encode(digest)[:6].decode("ascii").lower()


def _method(
    operation: Mapping[str, Any],
    security: list[Mapping[str, Any]] | None,
    definitions: Mapping[str, Any],
) -> Method:
    guard = compile_guard(security or (), definitions, operation.get(METHOD_AUTHORIZER))
    is_open = not guard.api_key_required and guard.authorizer is None
    return Method(_integration(operation.get(INTEGRATION)), guard, is_open)


def _integration(definition: Mapping[str, Any] | None) -> Integration:
    kind = str((definition or {}).get("type", "")).lower()
    if definition is None or kind not in ("aws_proxy", "mock"):
        return Unsupported(f"integration type {kind or 'missing'}")
    if kind == "mock":
        try:
            return _mock(definition)
        except (ValueError, re.error) as error:
            return Unsupported(f"mock integration: {error}")
    function = function_of(definition.get("uri"))
    if function is None:
        return Unsupported("the integration URI names no function")
    return Proxy(function, float(definition.get("timeoutInMillis", 29_000)) / 1000)


def _mock(definition: Mapping[str, Any]) -> Mock:
    answers: list[tuple[re.Pattern[str], int, Headers]] = []
    responses = definition.get("responses", {})
    for code in sorted(responses, key="default".__eq__):  # the default after all others
        response = responses[code]
        values = {
            name[len(_RESPONSE_HEADER) :]: value[1:-1]
            for name, value in response.get("responseParameters", {}).items()
            if name.startswith(_RESPONSE_HEADER) and value[:1] == value[-1:] == "'"
        }
        headers = encode_headers(values.items())
        if not any(name == b"content-type" for name, _ in headers):
            headers.append(JSON_TYPE)
        pattern = re.compile(".*" if code == "default" else code)
        answers.append((pattern, int(response.get("statusCode", 200)), headers))
    templates: dict[str, int] = {}
    for media_type, template in definition.get("requestTemplates", {}).items():
        status = mocked_status(template)
        if status is None:
            raise ValueError(f"request template {template!r}")
        templates[media_type.lower()] = status
    passthrough = str(definition.get("passthroughBehavior", "when_no_match")).lower()
    return Mock(templates, passthrough, tuple(answers))


def mocked_status(text: str | bytes) -> int | None:
    """Return the code that a mock integration's request asks for: ``{"statusCode": 200}``."""
    try:
        status = json.loads(text)["statusCode"]
    except (ValueError, KeyError, TypeError):
        return None
    return status if isinstance(status, int) else None
