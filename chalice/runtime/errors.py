"""Every error of the runtime; those that are answers carry an HTTP status."""

from __future__ import annotations


class ChaliceError(Exception):
    """The base of all errors of the runtime."""


class ChaliceViewError(ChaliceError):
    """Raised by a view to answer with `STATUS_CODE` and `{"Code": class name, "Message": text}`."""

    STATUS_CODE = 500


class ChaliceUnhandledError(ChaliceError):
    """Raised by a view to reach the middleware as an exception; a 500 if nobody catches it."""


class WebsocketDisconnectedError(ChaliceError):
    """The client behind `connection_id` is gone."""

    def __init__(self, connection_id: str) -> None:
        super().__init__(connection_id)
        self.connection_id = connection_id


class BadRequestError(ChaliceViewError):
    """400."""

    STATUS_CODE = 400


class UnauthorizedError(ChaliceViewError):
    """401."""

    STATUS_CODE = 401


class ForbiddenError(ChaliceViewError):
    """403."""

    STATUS_CODE = 403


class NotFoundError(ChaliceViewError):
    """404."""

    STATUS_CODE = 404


class MethodNotAllowedError(ChaliceViewError):
    """405."""

    STATUS_CODE = 405


class RequestTimeoutError(ChaliceViewError):
    """408."""

    STATUS_CODE = 408


class ConflictError(ChaliceViewError):
    """409."""

    STATUS_CODE = 409


class UnprocessableEntityError(ChaliceViewError):
    """422."""

    STATUS_CODE = 422


class TooManyRequestsError(ChaliceViewError):
    """429."""

    STATUS_CODE = 429


ALL_ERRORS: list[type[ChaliceViewError]] = [
    ChaliceViewError,
    BadRequestError,
    NotFoundError,
    UnauthorizedError,
    ForbiddenError,
    MethodNotAllowedError,
    RequestTimeoutError,
    ConflictError,
    UnprocessableEntityError,
    TooManyRequestsError,
]
