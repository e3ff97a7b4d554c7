"""What a stage of a WebSocket API serves: routes, each with what it runs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from chalice.gateway.api import Unsupported
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


@dataclass(frozen=True, slots=True)
class RequestAuthorizer:
    """A function that decides by the handshake. Each of ``sources``, such as
    ``route.request.querystring.token``, must be there for the function to be asked at all.
    """

    name: str
    function: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """The client must have signed the handshake, and IAM must let it connect."""


Integration: TypeAlias = Function | Fixed | Unsupported
Authorizer: TypeAlias = RequestAuthorizer | Signature | Unsupported


@dataclass(frozen=True, slots=True)
class Route:
    """What happens to the messages that select it. ``responds`` says whether the client gets what
    the integration answers.
    """

    key: str
    integration: Integration
    responds: bool = False
    authorizer: Authorizer | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class SocketDeployment:
    """One stage of one WebSocket API. ``routes`` are by key; ``variables`` the stage's."""

    api_id: str
    stage: str
    routes: Mapping[str, Route]
    selection: RouteSelection
    account: str
    region: str
    partition: str = "aws"
    variables: Mapping[str, str] | None = None

    @property
    def host(self) -> str:
        """The name that API Gateway gives the API."""
        suffix = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        return f"{self.api_id}.execute-api.{self.region}.{suffix}"

    def arn(self, path: str) -> str:
        """Return the ARN of something in the stage: ``$connect``, ``POST/@connections/…``."""
        return (
            f"arn:{self.partition}:execute-api:{self.region}:{self.account}:"
            f"{self.api_id}/{self.stage}/{path}"
        )


class SocketCatalog(Protocol):
    """Knows which WebSocket APIs are deployed."""

    def find(self, api_id: str, stage: str) -> SocketDeployment | None:
        """Return what that stage of that API serves, None when there is no such stage."""
        ...
