"""Answers of the gateway itself, which are raised: the app is not asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar
from uuid import uuid4

from chalice.gateway.answers import no_such_method_message


class LocalGatewayException(Exception):  # noqa: N818
    """An answer with the status `CODE`, these headers and this body, None for an empty one."""

    CODE: ClassVar[int] = 0

    def __init__(self, headers: Mapping[str, str], body: bytes | None = None) -> None:
        super().__init__(headers, body)
        self.headers = headers
        self.body = body


class InvalidAuthorizerError(LocalGatewayException):
    """The authorizer failed, or what it returned is no policy."""

    CODE = 500


class ForbiddenError(LocalGatewayException):
    """The path does not exist, or the caller may not use it."""

    CODE = 403


class NotAuthorizedError(LocalGatewayException):
    """The caller did not say who they are in a way that can be read."""

    CODE = 401


def no_such_route(authorization: str | None, *, dated: bool) -> ForbiddenError:
    """Return the answer for a path that no route has. `dated`: there is a date header."""
    message = no_such_method_message(authorization, dated=dated)
    return ForbiddenError(
        _headers("UnauthorizedException"), json.dumps({"message": message}).encode()
    )


def unauthorized() -> NotAuthorizedError:
    """Return the answer to somebody without a token, or with one that is none."""
    return NotAuthorizedError(_headers("UnauthorizedException"), b'{"message":"Unauthorized"}')


def denied(*, explicitly: bool) -> ForbiddenError:
    """Return the answer to somebody whom the policy does not allow the call."""
    message = "User is not authorized to access this resource"
    if explicitly:
        message += " with an explicit deny"
    return ForbiddenError(
        _headers("AccessDeniedException"), json.dumps({"Message": message}).encode()
    )


def authorizer_failed() -> InvalidAuthorizerError:
    """Return the answer when the authorizer is at fault; its log says why."""
    return InvalidAuthorizerError(_headers("AuthorizerConfigurationException"), b'{"message":null}')


def _headers(error_type: str) -> dict[str, str]:
    return {"x-amzn-RequestId": str(uuid4()), "x-amzn-ErrorType": error_type}
