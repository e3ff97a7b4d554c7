"""What an exception means to the client: an answer with its status, or a logged 500."""

from __future__ import annotations

from chalice.runtime.errors import ChaliceViewError
from chalice.runtime.response import (
    Response,
    as_response,
    awaited,
    error_response,
    sendable_headers,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from chalice.runtime.app import Chalice
    from chalice.runtime.decorators import ErrorHandlers
    from chalice.runtime.mediatypes import MediaTypes
    from chalice.runtime.request import Request


def error_answer(
    error: Exception,
    scopes: tuple[ErrorHandlers, ...],
    internal_error: Callable[[Exception], Response],
) -> Response:
    """By the handler of the nearest class in the first scope that has one, else by its class.

    `internal_error` answers what is neither handled nor a ChaliceViewError.
    """
    try:
        for handlers in scopes:
            for cls in type(error).__mro__ if handlers else ():
                if cls in handlers:
                    response = as_response(awaited(handlers[cls](error)))
                    response.headers = sendable_headers(response.headers)
                    return response
    except Exception as failure:
        error = failure
    if not isinstance(error, ChaliceViewError):
        return internal_error(error)
    try:
        return error_response(str(error), type(error).__name__, error.STATUS_CODE)
    except Exception as failure:
        return internal_error(failure)


def internal_error(
    error: Exception, app: Chalice, request: Request | None, binary_types: MediaTypes
) -> Response:
    """Log the error; a 500 that says nothing about it, except with `app.debug`."""
    path: Any = "unknown" if request is None else request.path
    app.log.error("Caught exception for path %s", path, exc_info=error)
    if not app.debug:
        return error_response("An internal server error occurred.", "InternalServerError", 500)
    from traceback import format_exception  # noqa: PLC0415

    trace: Any = "".join(format_exception(type(error), error, error.__traceback__))
    if binary_types.matches("text/plain"):
        trace = trace.encode(errors="backslashreplace")
    return Response(trace, headers={"Content-Type": "text/plain"}, status_code=500)


def unsupported_media_type(content_type: str) -> Response:
    """The answer to a request of a type that the route does not take."""
    return error_response(f"Unsupported media type: {content_type}", "UnsupportedMediaType", 415)


def not_acceptable(content_type: str) -> Response:
    """The answer that stands for a binary one to a client that accepts no binary type."""
    return error_response(
        f"Request did not specify an Accept header with {content_type}, "
        f"The response has a Content-Type of {content_type}. If a response has a binary "
        "Content-Type then the request must specify an Accept header that matches.",
        "BadRequest",
        400,
    )
