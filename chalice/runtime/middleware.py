"""Functions around handlers: `middleware(event, get_response)`.

The first one registered is the outermost.
"""

from __future__ import annotations

from functools import partial, wraps

from chalice.runtime.errors import ChaliceUnhandledError
from chalice.runtime.response import Response, as_response, awaited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias

    from chalice.runtime.app import Chalice

    Respond: TypeAlias = Callable[[Any], Response]
    Middleware: TypeAlias = Callable[[Any, Callable[[Any], Any]], Any]

EVENT_TYPES = frozenset(
    (
        "all",
        "cloudwatch",
        "dynamodb",
        "http",
        "kafka",
        "kinesis",
        "pure_lambda",
        "s3",
        "scheduled",
        "sns",
        "sqs",
        "websocket",
    )
)
"""What middleware can be registered for."""
_COROUTINE_FUNCTION = 0x80
"""`inspect.CO_COROUTINE`; importing `inspect` would take a cold start longer."""


class MiddlewareOf:
    """The middleware of one type of event, outermost first; each iteration sees what is new."""

    def __init__(
        self,
        registered: list[tuple[Callable[[Any, Callable[[Any], Any]], Any], str]],
        event_type: str,
    ) -> None:
        self._registered = registered
        self._event_type = event_type

    def __iter__(self) -> Iterator[Callable[[Any, Callable[[Any], Any]], Any]]:
        kinds = ("all", self._event_type)
        return (function for function, kind in self._registered if kind in kinds)


class MiddlewareHandler:
    """One middleware and what comes after it, as one function of the event."""

    def __init__(
        self,
        handler: Callable[[Any, Callable[[Any], Any]], Any],
        next_handler: Callable[[Any], Any],
    ) -> None:
        self.handler = handler
        self.next_handler = next_handler

    def __call__(self, request: Any) -> Any:
        """What the middleware makes of the event."""
        return call(self.handler, request, self.next_handler)


def call(
    middleware: Callable[[Any, Callable[[Any], Any]], Any],
    event: Any,
    get_response: Callable[[Any], Any],
) -> Any:
    """What the middleware returns; if it is an `async def`, it awaits its `get_response`."""
    if _is_async(middleware):
        from chalice.runtime.coroutines import run_middleware  # noqa: PLC0415

        return run_middleware(middleware, event, get_response)
    return awaited(middleware(event, get_response))


def _is_async(function: Any) -> bool:
    while isinstance(function, partial):
        function = function.func
    code = getattr(function, "__code__", None) or getattr(function.__call__, "__code__", None)
    return code is not None and bool(code.co_flags & _COROUTINE_FUNCTION)


class Chain:
    """The HTTP middleware of an app, as it is when the chain is made."""

    def __init__(self, app: Chalice) -> None:
        self._app = app
        self._handlers = app.middleware_handlers.copy()
        self._middleware: list[tuple[Middleware, bool]] = [
            (middleware, any(middleware is seeing for seeing in app.exception_middleware))
            for middleware, kind in reversed(self._handlers)
            if kind in ("all", "http")
        ]

    def is_outdated(self) -> bool:
        """Whether the app has other middleware by now."""
        return self._handlers != self._app.middleware_handlers

    def respond(
        self, request: Any, dispatch: Respond, answer_error: Callable[[Exception], Response]
    ) -> Response:
        """The outermost response; `answer_error` makes one of what `dispatch` raises."""
        respond = dispatch
        if not self._app.exception_middleware:
            for middleware, _ in self._middleware:
                respond = _linked(middleware, respond)
            return respond(request)
        failure = _Failure(answer_error)
        respond = failure.noting(dispatch)
        for middleware, sees_exceptions in self._middleware:
            get_response = failure.raising if sees_exceptions else failure.answering
            respond = _linked(middleware, get_response(respond))
        return failure.answering(respond)(request)


def _linked(middleware: Middleware, get_response: Respond) -> Respond:
    return lambda event: as_response(call(middleware, event, get_response))


class _Failure:
    """What the view of a request raised last, and the response to it, made when one is wanted.

    Middleware that does not see exceptions gets the response; where it returns just that, the
    exception goes on to the middleware around it that does.
    """

    def __init__(self, answer: Callable[[Exception], Response]) -> None:
        self._answer = answer
        self._error: Exception | None = None
        self._response: Response | None = None

    def noting(self, dispatch: Respond) -> Respond:
        def respond(event: Any) -> Response:
            self._error = self._response = None
            try:
                return dispatch(event)
            except ChaliceUnhandledError:
                raise
            except Exception as error:
                self._error = error
                raise

        return respond

    def raising(self, respond: Respond) -> Respond:
        def get_response(event: Any) -> Response:
            response = respond(event)
            if self._error is not None and response is self._response:
                raise self._error
            return response

        return get_response

    def answering(self, respond: Respond) -> Respond:
        def get_response(event: Any) -> Response:
            try:
                return respond(event)
            except Exception as error:
                if error is not self._error:
                    raise
                if self._response is None:
                    self._response = self._answer(error)
                return self._response

        return get_response


class ConvertToMiddleware:
    """A decorator of `(event, context)` functions, made a middleware.

    An event or context that the decorator replaces reaches event handlers; routes always get the
    request as it came.
    """

    def __init__(self, lambda_wrapper: Callable[..., Any]) -> None:
        self._wrapper = lambda_wrapper

    def __call__(self, event: Any, get_response: Callable[[Any], Any]) -> Any:
        """What the decorated rest of the chain returns."""
        from chalice.runtime.request import Request  # noqa: PLC0415

        if isinstance(event, Request):
            original, context = event.to_original_event(), event.lambda_context
        else:
            original, context = event.to_dict(), event.context

        @wraps(self._wrapper)
        def handler(new_event: Any, new_context: Any) -> Any:
            if new_event is original and new_context is context:
                return get_response(event)
            return get_response(type(event)(new_event, new_context))

        return self._wrapper(handler)(original, context)
