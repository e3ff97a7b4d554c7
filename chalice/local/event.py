"""The event of a request: the part of API Gateway's event that apps read."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from chalice.gateway.media import MediaTypes
from chalice.local.routes import RouteMatcher


class LambdaEventConverter:
    """Makes events for the routes of `route_matcher`. `binary_types` reach the app as base64."""

    LOCAL_SOURCE_IP: ClassVar[str] = "127.0.0.1"

    def __init__(
        self, route_matcher: RouteMatcher, binary_types: Iterable[str] | None = None
    ) -> None:
        self._routes = route_matcher
        self._binary = MediaTypes(binary_types or ())

    def create_lambda_event(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: str | bytes | None = None,
    ) -> dict[str, Any]:
        """Return the event of a request. Raises ValueError for a path that no route has.

        `path` may have a query string. A body that is not binary stays as it is.
        """
        route = self._routes.match_route(path)
        lowered = {name.lower(): value for name, value in headers.items()}
        event: dict[str, Any] = {
            "requestContext": {
                "httpMethod": method,
                "resourcePath": route.route,
                "identity": {"sourceIp": self.LOCAL_SOURCE_IP},
                "path": path.partition("?")[0],
            },
            "headers": lowered,
            "pathParameters": route.captured,
            "multiValueQueryStringParameters": route.query_params or None,
            "stageVariables": {},
            "body": body,
        }
        content_type = lowered.get("content-type")
        if body is not None and content_type is not None and self._binary.match(content_type):
            data = body.encode() if isinstance(body, str) else body
            event["body"] = base64.b64encode(data).decode("ascii")
            event["isBase64Encoded"] = True
        return event
