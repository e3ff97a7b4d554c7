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
from chalice.gateway.media import MediaTypes
from chalice.gateway.routes import RouteTable

INTEGRATION = "x-amazon-apigateway-integration"
ANY_METHOD = "x-amazon-apigateway-any-method"
AUTHORIZER = "x-amazon-apigateway-authorizer"
AUTHORIZER_TYPE = "x-amazon-apigateway-authtype"
BINARY_TYPES = "x-amazon-apigateway-binary-media-types"

_FUNCTION_URI = re.compile(r".*:lambda:path/[0-9-]+/functions/(.+)/invocations")
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


@dataclass(frozen=True, slots=True)
class TokenAuthorizer:
    """A function that decides by the value of one header. ``ttl`` is in seconds, 0 for no cache;
    ``pattern`` is what the whole value must look like for the function to be asked at all.
    """

    name: str
    header: str
    function: str
    ttl: float
    pattern: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something in the document that the gateway cannot do: requests that need it fail."""

    reason: str


Integration: TypeAlias = Proxy | Mock | Unsupported
Authorizer: TypeAlias = TokenAuthorizer | Unsupported


@dataclass(frozen=True, slots=True)
class Method:
    """What happens when a method of a resource is called."""

    integration: Integration
    api_key_required: bool
    authorizer: Authorizer | None


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
        definitions: Mapping[str, Any] = document.get("securityDefinitions", {})
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


def _resource_id(api_id: str, path: str) -> str:
    digest = hashlib.sha256(f"{api_id} {path}".encode()).digest()
    return base64.b32encode(digest)[:6].decode("ascii").lower()


def _method(
    operation: Mapping[str, Any],
    security: list[Mapping[str, Any]] | None,
    definitions: Mapping[str, Any],
) -> Method:
    # Swagger says that one item of the list is enough; API Gateway demands them all.
    names = list(dict.fromkeys(name for item in security or () for name in item))
    keys = [name for name in names if _is_api_key(definitions.get(name, {}))]
    others = [name for name in names if name not in keys]
    authorizer: Authorizer | None = None
    if len(others) > 1:
        authorizer = Unsupported(f"several authorizers on one method: {', '.join(others)}")
    elif others:
        authorizer = _authorizer(others[0], definitions.get(others[0]))
    return Method(_integration(operation.get(INTEGRATION)), bool(keys), authorizer)


def _is_api_key(definition: Mapping[str, Any]) -> bool:
    return (
        definition.get("type") == "apiKey"
        and str(definition.get("name", "")).lower() == "x-api-key"
        and AUTHORIZER_TYPE not in definition
    )


def _authorizer(name: str, definition: Mapping[str, Any] | None) -> Authorizer:
    if definition is None:
        return Unsupported(f"authorizer {name} is not defined")
    kind = definition.get(AUTHORIZER_TYPE)
    details: Mapping[str, Any] = definition.get(AUTHORIZER, {})
    if kind != "custom" or details.get("type") != "token":
        return Unsupported(f"authorizer {name}: {kind} {details.get('type', '')}".rstrip())
    function = _function(details.get("authorizerUri"))
    if function is None:
        return Unsupported(f"authorizer {name}: its URI names no function")
    expression = details.get("identityValidationExpression")
    try:
        pattern = re.compile(expression) if expression else None
    except re.error as error:
        return Unsupported(f"authorizer {name}: {expression!r}: {error}")
    return TokenAuthorizer(
        name=name,
        header=str(definition.get("name", "Authorization")),
        function=function,
        ttl=float(details.get("authorizerResultTtlInSeconds", 300)),
        pattern=pattern,
    )


def _function(uri: object) -> str | None:
    found = _FUNCTION_URI.fullmatch(uri) if isinstance(uri, str) else None
    return None if found is None else found.group(1)


def _integration(definition: Mapping[str, Any] | None) -> Integration:
    kind = str((definition or {}).get("type", "")).lower()
    if definition is None or kind not in ("aws_proxy", "mock"):
        return Unsupported(f"integration type {kind or 'missing'}")
    if kind == "mock":
        try:
            return _mock(definition)
        except (ValueError, re.error) as error:
            return Unsupported(f"mock integration: {error}")
    function = _function(definition.get("uri"))
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
