"""Functions around handlers: `middleware(event, get_response)`."""

from __future__ import annotations

from functools import wraps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

EVENT_TYPES = frozenset(
    (
        "all",
        "cloudwatch",
        "dynamodb",
        "http",
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
        return self.handler(request, self.next_handler)


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
