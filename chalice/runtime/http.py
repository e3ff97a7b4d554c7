"""Answers an API Gateway REST event: route, check, call the view, encode."""

from __future__ import annotations

from chalice.runtime.encoding import with_default
from chalice.runtime.errors import ChaliceUnhandledError, ChaliceViewError
from chalice.runtime.mediatypes import JSON, MediaTypes, content_type_of, header_value
from chalice.runtime.response import (
    Response,
    as_response,
    awaited,
    error_response,
    json_text,
    merge_cors,
    sendable_headers,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from chalice.runtime.app import Chalice
    from chalice.runtime.decorators import ErrorHandlers
    from chalice.runtime.doors import DoorHandler
    from chalice.runtime.middleware import Chain
    from chalice.runtime.request import CurrentInvocation, Request
    from chalice.runtime.routing import RouteEntry


class RestAPIEventHandler:
    """Serves the routes of one app; every Exception of user code ends in a response."""

    def __init__(self, app: Chalice, invocation: CurrentInvocation) -> None:
        self._app = app
        self._invocation = invocation
        self._binary_types = MediaTypes(())
        self._json_is_binary = False
        self._text_types: frozenset[str] = frozenset((JSON,))
        self._accepted: dict[tuple[str, ...], MediaTypes] = {}
        self._middleware: Chain | None = None
        self._doors: DoorHandler | None = None

    @property
    def current_request(self) -> Request | None:
        """The request being served."""
        return self._invocation.request

    @property
    def lambda_context(self) -> Any:
        """The Lambda context of the request being served."""
        return self._invocation.lambda_context

    def answer(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """The answer to an event in the form of its door; raises no Exception."""
        try:
            path = event["requestContext"]["resourcePath"]
        except (KeyError, TypeError):
            path = None
        if path is None:
            return self._answer_elsewhere(event, context)
        invocation = self._invocation  # its `begin`, without the cost of a call
        invocation.latest = current = [event, context]
        invocation.own.set(current)
        headers: dict[str, str] = {}
        app = self._app
        try:
            if self._binary_types != app.api.binary_types:
                self._prepare_binary_types(app.api.binary_types)
            if app.middleware_handlers:
                value: Any = self._respond_through_middleware(event)
            else:
                value = self._respond(event, headers)
        except Exception as error:
            value = self._error_answer(error)
        try:
            if app.json_default is not None:
                response = value if isinstance(value, Response) else Response(value, headers)
                return with_default(app.json_default, response.to_dict, self._binary_types)
            if not isinstance(value, Response):
                body, status = value, 200
            elif headers:
                body, status = value.body, value.status_code
            else:
                return value.to_dict(self._binary_types)
            return {
                "headers": headers,
                "multiValueHeaders": {},
                "statusCode": status,
                "body": json_text(body),
            }
        except Exception as error:
            return self._instead_of_unsendable(event, error)

    def _answer_elsewhere(self, event: Any, context: Any) -> dict[str, Any]:
        if self._doors is None:
            from chalice.runtime.doors import DoorHandler  # noqa: PLC0415

            self._doors = DoorHandler(self._app, self._invocation)
        answer = self._doors.answer_door(event, context)
        if answer is not None:
            return answer
        self._invocation.begin([None, context, None])
        return error_response("Unknown request.", "InternalServerError", 500).to_dict()

    def _prepare_binary_types(self, binary_types: list[str]) -> None:
        self._binary_types = MediaTypes(binary_types)
        self._json_is_binary = self._binary_types.matches(JSON)
        self._text_types = frozenset(() if self._json_is_binary else (JSON,))

    def _respond_through_middleware(self, event: dict[str, Any]) -> Response:
        chain = self._middleware
        if chain is None or chain.is_outdated():
            from chalice.runtime.middleware import Chain  # noqa: PLC0415

            chain = self._middleware = Chain(self._app)

        def dispatch(_event: Any) -> Response:
            headers: dict[str, str] = {}
            value = self._respond(event, headers)
            return value if isinstance(value, Response) else Response(value, headers)

        def answer_error(error: Exception) -> Response:
            entry = self._entry(event)
            response = self._view_error_answer(error)
            return response if entry is None else self._checked(event, response, entry)

        response = chain.respond(self.current_request, dispatch, answer_error)
        response.headers = sendable_headers(response.headers)
        return response

    def _respond(self, event: dict[str, Any], headers: dict[str, str]) -> Any:
        """A Response, or the body of a plain one: a 200 whose headers were put into `headers`.

        Those of a Response that can be sent as it is are put there too.
        """
        context = event["requestContext"]
        try:
            entry = self._app.routes.get(context["resourcePath"], _NO_METHODS)[
                context["httpMethod"]
            ]
        except KeyError:
            return self._unsupported_method(context)
        arguments = {}
        if entry.view_args:
            try:
                values = event["pathParameters"]
                for name in entry.view_args:
                    arguments[name] = values[name]
            except (KeyError, TypeError) as error:
                return self._internal_error(error)
        accepted = entry.content_types
        if accepted:
            content_type = content_type_of(event.get("headers") or _NO_HEADERS)
            sent = JSON if content_type is None else content_type
            if sent not in accepted and not self._media_types(accepted).matches(sent):
                return _with_cors(_unsupported_media_type(sent), entry)
        if RestAPIEventHandler._get_view_function_response is _GET_RESPONSE:
            value = self._call_view(entry.view_function, arguments)
            if not isinstance(value, _NOT_PLAIN) and not self._json_is_binary:
                if entry.cors is not None:
                    headers.update(entry.cors.get_access_control_headers())
                return value
            response = as_response(value)
            if type(response) is Response and response.headers and self._is_simple(response):
                response = response if entry.cors is None else _with_cors(response, entry)
                headers.update(response.headers)
                return response
        else:
            response = self._get_view_function_response(entry.view_function, arguments)
        return self._checked(event, response, entry)

    def _is_simple(self, response: Response) -> bool:
        """Whether it can be sent as it is: no header twice, no bytes, no binary type."""
        headers = response.headers
        for value in headers.values():
            if type(value) is not str:
                return False
        content_type = headers.get("Content-Type")
        if content_type not in self._text_types or "content-type" in headers:
            content_type = content_type_of(headers)
            if self._binary_types.matches(JSON if content_type is None else content_type):
                return False
        return type(response.body) is not bytes

    def _checked(self, event: dict[str, Any], response: Response, entry: RouteEntry) -> Response:
        """The response, or a 400 if it is binary and the request accepts no binary type; CORS."""
        headers = response.headers
        if headers or self._json_is_binary:
            binary_types = self._binary_types
            content_type = content_type_of(headers)
            if binary_types.matches(JSON if content_type is None else content_type):
                accept = header_value(event.get("headers") or _NO_HEADERS, "accept")
                if accept is None or not binary_types.matches(accept):
                    response = _not_acceptable(content_type or "")
        return response if entry.cors is None else _with_cors(response, entry)

    def _entry(self, event: dict[str, Any]) -> RouteEntry | None:
        context = event["requestContext"]
        methods = self._app.routes.get(context["resourcePath"], _NO_METHODS)
        return methods.get(context.get("httpMethod"))

    def _media_types(self, accepted: list[str]) -> MediaTypes:
        key = tuple(accepted)
        types = self._accepted.get(key)
        if types is None:
            types = self._accepted[key] = MediaTypes(accepted)
        return types

    def _get_view_function_response(
        self, view_function: Callable[..., Any], function_args: dict[str, Any]
    ) -> Response:
        # For instrumentation: it wraps this method on the class.
        return as_response(self._call_view(view_function, function_args))

    def _call_view(self, view: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        """What the view returns; what its exception means, unless middleware is to see that."""
        try:
            value = view(**arguments)
            if type(value) not in _USUAL_TYPES:
                if not isinstance(value, Response):
                    value = awaited(value)
                if isinstance(value, Response) and value.headers:
                    value.headers = sendable_headers(value.headers)
        except ChaliceUnhandledError:
            raise
        except Exception as error:
            if self._app.exception_middleware:
                raise
            return self._view_error_answer(error)
        return value

    def _unsupported_method(self, context: dict[str, Any]) -> Response:
        allowed = ", ".join(self._app.routes.get(context["resourcePath"], {}))
        return error_response(
            f"Unsupported method: {context.get('httpMethod')}",
            "MethodNotAllowedError",
            405,
            {"Allow": allowed},
        )

    def _view_error_answer(self, error: Exception) -> Response:
        entry = self._entry(self._invocation.event)
        return self._error_answer(error, () if entry is None else entry.error_handlers)

    def _error_answer(self, error: Exception, scopes: tuple[ErrorHandlers, ...] = ()) -> Response:
        """By the handler of the nearest class: of the innermost scope, else of the app, if any."""
        for handlers in (*scopes, self._app.error_handlers):
            for cls in type(error).__mro__ if handlers else ():
                if cls in handlers:
                    return self._handled(handlers[cls], error)
        return self._default_answer(error)

    def _handled(self, handler: Callable[[Any], Any], error: Exception) -> Response:
        try:
            response = as_response(awaited(handler(error)))
            response.headers = sendable_headers(response.headers)
        except Exception as failure:
            return self._default_answer(failure)
        return response

    def _default_answer(self, error: Exception) -> Response:
        if not isinstance(error, ChaliceViewError):
            return self._internal_error(error)
        try:
            return error_response(str(error), type(error).__name__, error.STATUS_CODE)
        except Exception as failure:
            return self._internal_error(failure)

    def _internal_error(self, error: Exception) -> Response:
        request = self.current_request
        path = "unknown" if request is None else request.path
        self._app.log.error("Caught exception for path %s", path, exc_info=error)
        if self._app.debug:
            from traceback import format_exception  # noqa: PLC0415

            trace: Any = "".join(format_exception(type(error), error, error.__traceback__))
            if self._binary_types.matches("text/plain"):
                trace = trace.encode(errors="backslashreplace")
            return Response(trace, headers={"Content-Type": "text/plain"}, status_code=500)
        return error_response("An internal server error occurred.", "InternalServerError", 500)

    def _instead_of_unsendable(self, event: dict[str, Any], error: Exception) -> dict[str, Any]:
        response = self._internal_error(error)
        entry = self._entry(event)
        try:
            if entry is not None:
                _with_cors(response, entry)
        except Exception as failure:
            response = self._internal_error(failure)
        return response.to_dict(self._binary_types)


_GET_RESPONSE = RestAPIEventHandler._get_view_function_response
_NOT_PLAIN = (Response, bytes)
_USUAL_TYPES = frozenset((dict, list, str, bytes, type(None)))
_NO_METHODS: dict[str, RouteEntry] = {}
_NO_HEADERS: dict[str, str] = {}


def _with_cors(response: Response, entry: RouteEntry) -> Response:
    if entry.cors is not None:
        cors = entry.cors.get_access_control_headers()
        response.headers = merge_cors(response.headers, cors) if response.headers else cors
    return response


def _unsupported_media_type(content_type: str) -> Response:
    return error_response(f"Unsupported media type: {content_type}", "UnsupportedMediaType", 415)


def _not_acceptable(content_type: str) -> Response:
    return error_response(
        f"Request did not specify an Accept header with {content_type}, "
        f"The response has a Content-Type of {content_type}. If a response has a binary "
        "Content-Type then the request must specify an Accept header that matches.",
        "BadRequest",
        400,
    )
