"""Who calls a route, told to the app as API Gateway tells it, without a token or a signature."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, TypedDict

from chalice.app import (
    Authorizer,
    ChaliceAuthorizer,
    CognitoUserPoolAuthorizer,
    CustomAuthorizer,
    IAMAuthorizer,
)
from chalice.local import LocalGatewayAuthorizer


class Auth(TypedDict, total=False):
    """A caller who was let in: one of these, by the authorizer that the route has.

    `claims` are those of a Cognito token; `identity` is what API Gateway knows of who signed,
    such as `{"userArn": "arn:…:user/ann"}`; `context` is what an authorizer of another app said,
    with the `principalId`.
    """

    claims: Mapping[str, Any]
    identity: Mapping[str, Any]
    context: Mapping[str, Any]


CALLER: ContextVar[Auth | None] = ContextVar("CALLER", default=None)
"""Who sends the request that is under way; None for somebody whom the authorizer is to judge."""


class CallerAuthorizer(LocalGatewayAuthorizer):
    """Lets the caller in who is said to be one, and asks the app about all others."""

    def authorize(
        self, raw_path: str, lambda_event: dict[str, Any], lambda_context: object
    ) -> tuple[dict[str, Any], object]:
        """Return event and context; the event says who the caller is.

        Raises ValueError for a caller whom the route's authorizer would not tell of in this way.
        """
        caller = CALLER.get()
        if caller is None:
            return super().authorize(raw_path, lambda_event, lambda_context)
        request = lambda_event["requestContext"]
        entry = self._app.routes.get(request["resourcePath"], {}).get(request["httpMethod"])
        if entry is None:
            return lambda_event, lambda_context
        wanted = _wanted(entry.authorizer, str(entry.uri_pattern))
        if caller.keys() != {wanted}:
            raise ValueError(
                f"the authorizer of {entry.uri_pattern} tells of callers by `{wanted}`, "
                f"not by {sorted(caller)}"
            )
        if wanted == "claims":
            request["authorizer"] = {"claims": dict(caller["claims"])}
        elif wanted == "identity":
            request["identity"] = {**request["identity"], **caller["identity"]}
        else:
            request["authorizer"] = dict(caller["context"])
        return lambda_event, lambda_context


def _wanted(authorizer: Authorizer | None, path: str) -> str:
    match authorizer:
        case CognitoUserPoolAuthorizer():
            return "claims"
        case IAMAuthorizer():
            return "identity"
        case CustomAuthorizer():
            return "context"
        case ChaliceAuthorizer():
            raise ValueError(
                f"the authorizer of {path} is a function of the app, which runs: send its header"
            )
        case _:
            raise ValueError(f"{path} has no authorizer: everybody may call it")
