"""A WebSocket API compiled for serving.

The document of such a deployment is what AWS shows of the API's parts, there being no OpenAPI for
WebSockets: ``{"routeSelectionExpression": "$request.body.action", "routes": [{"routeKey": …}],
"integrations": {"<id>": {…}}, "authorizers": {"<id>": {…}}}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from chalice.gateway.api import mocked_status
from chalice.gateway.deployment import Deployment
from chalice.gateway.guards import IamAuthorizer, RequestAuthorizer, Unsupported, function_of
from chalice.gateway.sockets.selection import RouteSelection

CONNECT = "$connect"
DEFAULT = "$default"
DISCONNECT = "$disconnect"


@dataclass(frozen=True, slots=True)
class Function:
    """A function that gets the event. ``timeout`` is in seconds."""

    arn: str
    timeout: float


@dataclass(frozen=True, slots=True)
class Fixed:
    """A mock integration: it answers that status, and runs nothing."""

    status: int


Integration: TypeAlias = Function | Fixed | Unsupported
Authorizer: TypeAlias = RequestAuthorizer | IamAuthorizer | Unsupported


@dataclass(frozen=True, slots=True)
class Route:
    """What happens to the messages that select it. ``responds`` says whether the client gets what
    the integration answers.
    """

    key: str
    integration: Integration
    responds: bool = False
    authorizer: Authorizer | None = None
    api_key_required: bool = False


class SocketApi:
    """What ``Deployment.document`` says."""

    def __init__(self, deployment: Deployment) -> None:
        document: Mapping[str, Any] = deployment.document
        integrations: Mapping[str, Any] = document.get("integrations", {})
        authorizers: Mapping[str, Any] = document.get("authorizers", {})
        self.routes = {
            route["routeKey"]: Route(
                key=route["routeKey"],
                integration=_integration(integrations.get(_target_id(route))),
                responds=bool(route.get("routeResponseSelectionExpression")),
                authorizer=_authorizer(route, authorizers),
                api_key_required=bool(route.get("apiKeyRequired")),
            )
            for route in document.get("routes", ())
        }
        self._selection = RouteSelection(str(document.get("routeSelectionExpression", "")))

    def select(self, message: str) -> Route | None:
        """Return the route of a message. No client can run the routes of connections."""
        key = self._selection.select(message)
        found = None if key in (None, CONNECT, DISCONNECT) else self.routes.get(str(key))
        return found or self.routes.get(DEFAULT)


def host_of(deployment: Deployment) -> str:
    """Return the name that API Gateway gives the API."""
    suffix = "amazonaws.com.cn" if deployment.partition == "aws-cn" else "amazonaws.com"
    return f"{deployment.api_id}.execute-api.{deployment.region}.{suffix}"


def arn_of(deployment: Deployment, path: str) -> str:
    """Return the ARN of something in the stage: ``$connect``, ``POST/@connections/…``."""
    return (
        f"arn:{deployment.partition}:execute-api:{deployment.region}:{deployment.account}:"
        f"{deployment.api_id}/{deployment.stage}/{path}"
    )


def _target_id(route: Mapping[str, Any]) -> str:
    return str(route.get("target") or "").removeprefix("integrations/")


def _integration(definition: Mapping[str, Any] | None) -> Integration:
    kind = (definition or {}).get("integrationType")
    if definition is None:
        return Unsupported("the route has no integration")
    if kind == "MOCK":
        templates: Iterable[str] = (definition.get("requestTemplates") or {}).values()
        found = [status for status in map(mocked_status, templates) if status is not None]
        return Fixed(found[0]) if found else Unsupported("no request template has a statusCode")
    if kind != "AWS_PROXY":
        return Unsupported(f"integration type {kind}")
    function = function_of(definition.get("integrationUri"))
    if function is None:
        return Unsupported("the integration URI names no function")
    return Function(function, float(definition.get("timeoutInMillis") or 29_000) / 1000)


def _authorizer(
    route: Mapping[str, Any], authorizers: Mapping[str, Any]
) -> RequestAuthorizer | IamAuthorizer | Unsupported | None:
    match route.get("authorizationType") or "NONE":
        case "NONE":
            return None
        case "AWS_IAM":
            return IamAuthorizer()
        case "CUSTOM":
            definition: Mapping[str, Any] = authorizers.get(str(route.get("authorizerId")), {})
        case kind:
            return Unsupported(f"authorization type {kind}")
    name = str(definition.get("name"))
    function = function_of(definition.get("authorizerUri"))
    if function is None:
        return Unsupported(f"authorizer {name}: its URI names no function")
    sources = definition.get("identitySource") or ()
    wanted = tuple(source.removeprefix("route.") for source in sources)
    # What a WebSocket's authorizer says is asked for anew by each client.
    return RequestAuthorizer(name, function, 0.0, wanted)
