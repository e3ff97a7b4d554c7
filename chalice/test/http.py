"""Requests to the routes of an app."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.local import LocalGateway, LocalGatewayException
from chalice.test.callers import CALLER, Auth, CallerAuthorizer
from chalice.test.environment import BaseClient

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from chalice.app import Chalice
    from chalice.config import Config


class RequestOptions(TypedDict, total=False):
    """What a request has besides its path."""

    headers: Mapping[str, str]
    body: str | bytes
    auth: Auth


@dataclass
class HTTPResponse:
    """An answer as its client gets it. A header that was sent several times has a list."""

    body: bytes
    headers: dict[str, Any]
    status_code: int

    @property
    def json_body(self) -> Any:
        """The body parsed; None if it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @classmethod
    def create_from_dict(cls, response_dict: Mapping[str, Any]) -> Self:
        """Return the answer that a Lambda function returned as a dictionary."""
        body = response_dict["body"]
        if body is None:
            body = b""
        elif response_dict.get("isBase64Encoded", False):
            body = base64.b64decode(body)
        elif isinstance(body, str):
            body = body.encode()
        headers = {**response_dict["headers"], **response_dict["multiValueHeaders"]}
        return cls(body, headers, response_dict["statusCode"])


class _Gateway(LocalGateway):
    def __init__(self, app: Chalice, config: Config) -> None:
        super().__init__(app, config)
        self._authorizer = CallerAuthorizer(app)


@contextmanager
def _called_by(auth: Auth | None) -> Iterator[None]:
    token = CALLER.set(auth)
    try:
        yield
    finally:
        CALLER.reset(token)


class TestHTTPClient(BaseClient):
    """Sends requests through a local gateway: routes are matched and authorizers asked.

    Headers are sent as given and no other: a view finds `json_body` only if the request says
    that it is JSON. What the gateway answers by itself is an answer like any other.
    """

    __test__ = False  # pytest shall not collect it

    def __init__(self, app: Chalice, config: Config) -> None:
        super().__init__(app, config)
        self._gateway = _Gateway(app, config)

    def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: str | bytes = b"",
        auth: Auth | None = None,
    ) -> HTTPResponse:
        """Return the answer to a request; `path` may have a query string.

        `auth` says who calls a route that Cognito, IAM or a function of another app guards: they
        are let in. Authorizers of the app itself run.
        """
        with self._environment(DEFAULT_HANDLER_NAME), _called_by(auth):
            try:
                response = self._gateway.handle_request(method.upper(), path, headers or {}, body)
            except LocalGatewayException as error:
                return HTTPResponse(error.body or b"", dict(error.headers), error.CODE)
        return HTTPResponse.create_from_dict(response)

    def get(self, path: str, **kwargs: Unpack[RequestOptions]) -> HTTPResponse:
        """Send a GET request."""
        return self.request("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Unpack[RequestOptions]) -> HTTPResponse:
        """Send a POST request."""
        return self.request("POST", path, **kwargs)

    def put(self, path: str, **kwargs: Unpack[RequestOptions]) -> HTTPResponse:
        """Send a PUT request."""
        return self.request("PUT", path, **kwargs)

    def patch(self, path: str, **kwargs: Unpack[RequestOptions]) -> HTTPResponse:
        """Send a PATCH request."""
        return self.request("PATCH", path, **kwargs)

    def options(self, path: str, **kwargs: Unpack[RequestOptions]) -> HTTPResponse:
        """Send an OPTIONS request."""
        return self.request("OPTIONS", path, **kwargs)

    def delete(self, path: str, **kwargs: Unpack[RequestOptions]) -> HTTPResponse:
        """Send a DELETE request."""
        return self.request("DELETE", path, **kwargs)

    def head(self, path: str, **kwargs: Unpack[RequestOptions]) -> HTTPResponse:
        """Send a HEAD request."""
        return self.request("HEAD", path, **kwargs)
