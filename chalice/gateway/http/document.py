"""The document of an HTTP API compiled for serving: OpenAPI 3 with API Gateway's extensions.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html

The route ``$default`` is the path ``/$default``. An integration URI may be the ARN of a function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from chalice.gateway.deployment import Deployment
from chalice.gateway.guards import (
    AUTHORIZER,
    IamAuthorizer,
    Unsupported,
    function_of,
    security_schemes,
)
from chalice.gateway.http.cors import Cors
from chalice.gateway.routes import RouteTable

INTEGRATION = "x-amazon-apigateway-integration"
ANY_METHOD = "x-amazon-apigateway-any-method"
METHOD_AUTHORIZER = "x-amazon-apigateway-auth"
CORS = "x-amazon-apigateway-cors"
DEFAULT_ROUTE = "$default"
TIMEOUT = 30.0
"""Seconds that an integration may take where nothing is said."""

METHODS = frozenset(["get", "put", "post", "delete", "options", "head", "patch", "trace"])


@dataclass(frozen=True, slots=True)
class FunctionIntegration:
    """A function that gets the request in the format of that version; ``timeout`` in seconds."""

    function: str
    version: str
    timeout: float


@dataclass(frozen=True, slots=True)
class JwtAuthorizer:
    """Tokens of an issuer for one of ``audience``, which an identity source has."""

    name: str
    source: str
    issuer: str
    audience: frozenset[str]


@dataclass(frozen=True, slots=True)
class FunctionAuthorizer:
    """A function that decides by the request, asked and answering in the format of ``version``;
    ``is_simple``: it answers ``{"isAuthorized": true}``. ``ttl`` is in seconds, 0 for no cache.
    """

    name: str
    function: str
    version: str
    is_simple: bool
    ttl: float
    sources: tuple[str, ...]


HttpAuthorizer: TypeAlias = JwtAuthorizer | FunctionAuthorizer | IamAuthorizer | Unsupported


@dataclass(frozen=True, slots=True)
class Route:
    """A route: ``key`` is ``GET /users/{id}``, ``ANY /x`` or ``$default``; ``path`` is that of the
    key, or ``$default``. A token needs one of ``scopes``, if there are any.
    """

    key: str
    path: str
    integration: FunctionIntegration | Unsupported
    authorizer: HttpAuthorizer | None
    scopes: tuple[str, ...]


class HttpApi:
    """What ``Deployment.document`` says. Raises ValueError when it is not an API document."""

    def __init__(self, deployment: Deployment) -> None:
        document: Mapping[str, Any] = deployment.document
        self.cors = Cors(document[CORS]) if document.get(CORS) else None
        self._schemes = security_schemes(document)
        self._default: Route | None = None
        self._routes: dict[str, dict[str, Route]] = {}
        self._tables: dict[tuple[str, bool], RouteTable[Route]] = {}
        for path, operations in document.get("paths", {}).items():
            for name, operation in operations.items():
                if name == ANY_METHOD or name in METHODS:
                    self._add(path, name, operation, document.get("security"))

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route for a percent-encoded path, and what the parameters captured.

        Among the routes of that method and of any, the most specific path wins; between two with
        the same path that of the method. Where none matches there may be a default.
        """
        slashed = path.endswith("/") and path != "/"
        table = self._tables.get((method, slashed))
        if table is None:
            table = self._table(method, slashed=slashed)
            if method.lower() in METHODS:
                self._tables[method, slashed] = table
        found = table.match(path)
        if found is None and self._default is not None:
            return self._default, {}
        return found

    def _table(self, method: str, *, slashed: bool) -> RouteTable[Route]:
        routes: dict[str, Route] = {}
        for path, methods in self._routes.items():
            route = methods.get(method) or methods.get("ANY")
            # A slash at the end makes another path, except where the rest may be anything.
            alike = path == "/" or path.endswith("+}") or path.endswith("/") is slashed
            if route is not None and alike:
                routes[path.rstrip("/") or "/"] = route
        return RouteTable(routes)

    def _add(
        self,
        path: str,
        name: str,
        operation: Mapping[str, Any],
        security: list[Mapping[str, Any]] | None,
    ) -> None:
        method = "ANY" if name == ANY_METHOD else name.upper()
        is_default = path.strip("/") == DEFAULT_ROUTE
        wanted = operation.get("security", security) or ()
        names = {name: scopes for item in wanted for name, scopes in item.items()}
        kind = str((operation.get(METHOD_AUTHORIZER) or {}).get("type", "")).upper()
        authorizer: HttpAuthorizer | None = None
        if kind == "AWS_IAM":
            authorizer = IamAuthorizer()
        elif len(names) > 1:
            authorizer = Unsupported(f"several authorizers on one route: {', '.join(names)}")
        elif names:
            (only,) = names
            authorizer = _authorizer(only, self._schemes.get(only))
        route = Route(
            key=DEFAULT_ROUTE if is_default else f"{method} {path}",
            path=DEFAULT_ROUTE if is_default else path,
            integration=_integration(operation.get(INTEGRATION)),
            authorizer=authorizer,
            scopes=tuple(str(scope) for scopes in names.values() for scope in scopes or ()),
        )
        if is_default:
            self._default = route
        else:
            self._routes.setdefault(path, {})[method] = route


def function_arn(uri: object) -> str | None:
    """Return the ARN of the function that an integration URI of either form names."""
    if isinstance(uri, str) and uri.startswith("arn:") and uri.split(":")[2:3] == ["lambda"]:
        return uri
    return function_of(uri)


def _integration(definition: Mapping[str, Any] | None) -> FunctionIntegration | Unsupported:
    kind = str((definition or {}).get("type", "")).upper()
    if definition is None or kind != "AWS_PROXY":
        return Unsupported(f"integration type {kind or 'missing'}")
    function = function_arn(definition.get("uri"))
    if function is None:
        return Unsupported("the integration URI names no function")
    version = str(definition.get("payloadFormatVersion") or "1.0")
    if version not in ("1.0", "2.0"):
        return Unsupported(f"payload format version {version}")
    milliseconds = definition.get("timeoutInMillis")
    return FunctionIntegration(
        function, version, TIMEOUT if milliseconds is None else float(milliseconds) / 1000
    )


def _authorizer(name: str, definition: Mapping[str, Any] | None) -> HttpAuthorizer:
    details: Mapping[str, Any] = (definition or {}).get(AUTHORIZER) or {}
    source = details.get("identitySource") or ()
    listed = source.split(",") if isinstance(source, str) else source
    sources = tuple(str(each).strip() for each in listed if str(each).strip())
    match str(details.get("type", "")).lower():
        case "jwt":
            settings = details.get("jwtConfiguration") or {}
            return JwtAuthorizer(
                name,
                sources[0] if sources else "$request.header.Authorization",
                str(settings.get("issuer") or ""),
                frozenset(str(each) for each in settings.get("audience") or ()),
            )
        case "request":
            function = function_arn(details.get("authorizerUri"))
            if function is None:
                return Unsupported(f"authorizer {name}: its URI names no function")
            version = str(details.get("authorizerPayloadFormatVersion") or "2.0")
            if version not in ("1.0", "2.0"):
                return Unsupported(f"authorizer {name}: payload format version {version}")
            return FunctionAuthorizer(
                name,
                function,
                version,
                bool(details.get("enableSimpleResponses")) and version == "2.0",
                float(details.get("authorizerResultTtlInSeconds") or 0),
                sources,
            )
        case kind:
            return Unsupported(f"authorizer {name}: {kind or 'not defined'}")
