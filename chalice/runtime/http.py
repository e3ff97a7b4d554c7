"""Answers an API Gateway proxy event: route, check, call the view, encode."""

from __future__ import annotations

from chalice.runtime.errors import ChaliceUnhandledError, ChaliceViewError
from chalice.runtime.mediatypes import JSON, MediaTypes, content_type_of
from chalice.runtime.request import Request
from chalice.runtime.response import Response, error_response, merge_cors, sendable_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from chalice.runtime.app import Chalice
    from chalice.runtime.request import CurrentInvocation
    from chalice.runtime.routing import RouteEntry

    Respond = Callable[[Any], Response]
    Middleware = Callable[[Any, Respond], Any]


class RestAPIEventHandler:
    """Serves the routes of one app. What can fail in user code ends in a response."""

    def __init__(self, app: Chalice, invocation: CurrentInvocation) -> None:
        self._app = app
        self._invocation = invocation
        self._binary_types = MediaTypes(())
        self._json_is_binary = False
        self._middleware: tuple[Middleware, ...] = ()
        self._middleware_handlers: list[tuple[Middleware, str]] = []

    @property
    def current_request(self) -> Request | None:
        """The request being served."""
        return self._invocation.get()[0]

    @property
    def lambda_context(self) -> Any:
        """The Lambda context of the request being served."""
        return self._invocation.get()[1]

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """The answer to a REST (payload 1.0) event; raises no Exception."""
        try:
            path = event["requestContext"]["resourcePath"]
        except (KeyError, TypeError):
            path = None
        if path is None:
            self._invocation.set(None, context)
            return error_response("Unknown request.", "InternalServerError", 500).to_dict()
        request = Request(event, context)
        self._invocation.set(request, context)
        try:
            app = self._app
            if self._binary_types != app.api.binary_types:
                self._prepare_binary_types(app.api.binary_types)
            if app.middleware_handlers:
                response = self._respond_through_middleware(request)
            else:
                response = self._respond(request)
        except Exception as error:
            response = self._error_answer(error)
        try:
            return response.to_dict(self._binary_types)
        except Exception as error:
            return self._instead_of_unsendable(request, error)

    def _prepare_binary_types(self, binary_types: list[str]) -> None:
        self._binary_types = MediaTypes(binary_types)
        self._json_is_binary = self._binary_types.matches(JSON)

    def _respond_through_middleware(self, request: Request) -> Response:
        handlers = self._app.middleware_handlers
        if handlers != self._middleware_handlers:
            self._middleware_handlers = handlers.copy()
            self._middleware = tuple(
                middleware for middleware, kind in reversed(handlers) if kind in ("all", "http")
            )

        def dispatch(_event: Any) -> Response:
            return self._respond(request)

        respond: Respond = dispatch
        for middleware in self._middleware:
            respond = _linked(middleware, respond)
        response = respond(request)
        response.headers = sendable_headers(response.headers)
        return response

    def _respond(self, request: Request) -> Response:
        event = request._event
        context = event["requestContext"]
        method = context.get("httpMethod")
        methods = self._app.routes.get(context["resourcePath"], {})
        entry = methods.get(method)
        if entry is None:
            return error_response(
                f"Unsupported method: {method}",
                "MethodNotAllowedError",
                405,
                {"Allow": ", ".join(methods)},
            )
        arguments = {}
        if entry.view_args:
            try:
                values = event["pathParameters"]
                arguments = {name: values[name] for name in entry.view_args}
            except (KeyError, TypeError) as error:
                return self._internal_error(error)
        if entry.content_types:
            refusal = _media_type_refusal(event, entry)
            if refusal is not None:
                return refusal
        response = self._get_view_function_response(entry.view_function, arguments)
        if entry.cors is not None:
            response.headers = merge_cors(response.headers, entry.cors.get_access_control_headers())
        if self._json_is_binary or response.headers:
            return self._refuse_unaccepted_binary(request, entry, response)
        return response

    def _get_view_function_response(
        self, view_function: Callable[..., Any], function_args: dict[str, Any]
    ) -> Response:
        # Instrumentation wraps this method on the class: its name and arguments are public.
        try:
            value = view_function(**function_args)
            response = value if isinstance(value, Response) else Response(value)
            if response.headers:
                response.headers = sendable_headers(response.headers)
        except ChaliceUnhandledError:
            raise
        except Exception as error:
            return self._error_answer(error)
        return response

    def _refuse_unaccepted_binary(
        self, request: Request, entry: RouteEntry, response: Response
    ) -> Response:
        content_type = content_type_of(response.headers)
        if not self._binary_types.matches(JSON if content_type is None else content_type):
            return response
        accept = request.headers.get("accept")
        if accept is not None and self._binary_types.matches(accept):
            return response
        name = content_type or ""
        refusal = error_response(
            f"Request did not specify an Accept header with {name}, "
            f"The response has a Content-Type of {name}. If a response has a binary "
            "Content-Type then the request must specify an Accept header that matches.",
            "BadRequest",
            400,
        )
        if entry.cors is not None:
            refusal.headers = entry.cors.get_access_control_headers()
        return refusal

    def _error_answer(self, error: Exception) -> Response:
        """By the app's own handler of the nearest class, else what the error class says."""
        handlers = self._app.error_handlers
        if handlers:
            for cls in type(error).__mro__:
                if cls in handlers:
                    return self._handled(handlers[cls], error)
        return self._default_answer(error)

    def _handled(self, handler: Callable[[Any], Any], error: Exception) -> Response:
        try:
            value = handler(error)
            response = value if isinstance(value, Response) else Response(value)
            response.headers = sendable_headers(response.headers)
        except Exception as failure:
            return self._default_answer(failure)
        return response

    def _default_answer(self, error: Exception) -> Response:
        if isinstance(error, ChaliceViewError):
            return error_response(str(error), type(error).__name__, error.STATUS_CODE)
        return self._internal_error(error)

    def _internal_error(self, error: Exception) -> Response:
        request = self.current_request
        path = "unknown" if request is None else request.path
        self._app.log.error("Caught exception for path %s", path, exc_info=error)
        if self._app.debug:
            from traceback import format_exception  # noqa: PLC0415

            text = "".join(format_exception(type(error), error, error.__traceback__))
            return Response(text, headers={"Content-Type": "text/plain"}, status_code=500)
        return error_response("An internal server error occurred.", "InternalServerError", 500)

    def _instead_of_unsendable(self, request: Request, error: Exception) -> dict[str, Any]:
        response = self._internal_error(error)
        entry = self._app.routes.get(request.path, {}).get(request.method)
        if entry is not None and entry.cors is not None:
            response.headers = merge_cors(response.headers, entry.cors.get_access_control_headers())
        return response.to_dict(self._binary_types)


def _linked(middleware: Middleware, get_response: Respond) -> Respond:
    def respond(event: Any) -> Response:
        value = middleware(event, get_response)
        return value if isinstance(value, Response) else Response(value)

    return respond


def _media_type_refusal(event: dict[str, Any], entry: RouteEntry) -> Response | None:
    content_type = content_type_of(event.get("headers") or {})
    wanted = JSON if content_type is None else content_type
    if wanted in entry.content_types or MediaTypes(entry.content_types).matches(wanted):
        return None
    headers = None if entry.cors is None else entry.cors.get_access_control_headers()
    return error_response(
        f"Unsupported media type: {content_type}", "UnsupportedMediaType", 415, headers
    )
