"""API Gateway for one app: it routes, answers preflights, asks authorizers, calls the app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from chalice.app import Chalice, RouteEntry
from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.local.authorizer import LocalGatewayAuthorizer
from chalice.local.context import LambdaContext
from chalice.local.errors import no_such_route
from chalice.local.event import LambdaEventConverter
from chalice.local.routes import RouteMatcher, UnknownRouteError
from chalice.openapi import preflight_headers

if TYPE_CHECKING:
    from chalice.config import Config


class LocalGateway:
    """Serves the paths that the app has now; methods may be added to them later.

    `config` is asked for the function's name, memory and timeout; None stands for no project.
    """

    MAX_LAMBDA_EXECUTION_TIME: ClassVar[int] = 900
    """Seconds that an invocation may take where nothing is configured."""

    def __init__(self, app_object: Chalice, config: Config | None = None) -> None:
        self._app_object = app_object
        self._config = config
        self.event_converter = LambdaEventConverter(
            RouteMatcher(app_object.routes), app_object.api.binary_types
        )
        self._authorizer = LocalGatewayAuthorizer(app_object)

    def handle_request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: str | bytes | None,
    ) -> dict[str, Any]:
        """Return the app's answer to a request, in the form that Lambda returns it.

        `path` may have a query string. Raises LocalGatewayException where API Gateway would
        answer by itself: 403 for an unknown path, 401 without a token, and so on.
        """
        lambda_context = self._generate_lambda_context()
        try:
            event = self._generate_lambda_event(method, path, headers, body)
        except UnknownRouteError as error:
            lowered = {name.lower(): value for name, value in headers.items()}
            dated = "x-amz-date" in lowered or "date" in lowered
            raise no_such_route(lowered.get("authorization"), dated=dated) from error
        request = event["requestContext"]
        request.setdefault("requestId", str(uuid4()))
        methods = self._app_object.routes.get(request["resourcePath"], {})
        if method == "OPTIONS" and method not in methods:
            return _preflight(methods)
        event, context = self._authorizer.authorize(path, event, lambda_context)
        return self._app_object(event, context)

    def _generate_lambda_context(self) -> LambdaContext:
        config = self._config
        if config is None:
            return LambdaContext(DEFAULT_HANDLER_NAME, None, self.MAX_LAMBDA_EXECUTION_TIME * 1000)
        return LambdaContext(
            config.function_name, config.lambda_memory_size, config.lambda_timeout * 1000
        )

    def _generate_lambda_event(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: str | bytes | None,
    ) -> dict[str, Any]:
        # A method of its own for libraries that add to the event.
        return self.event_converter.create_lambda_event(method, path, headers, body)


def _preflight(methods: Mapping[str, RouteEntry]) -> dict[str, Any]:
    headers = preflight_headers(methods)
    return {
        "statusCode": 200,
        "headers": headers or {"Access-Control-Allow-Methods": "OPTIONS"},
        "multiValueHeaders": {},
        "body": None,
    }
