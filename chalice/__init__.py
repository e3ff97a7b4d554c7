"""A serverless microframework for Python; a name's module is imported when it is first used."""

from __future__ import annotations

__version__ = "2.0.0.dev0"
chalice_version = __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chalice import app as app
    from chalice.runtime.app import Chalice
    from chalice.runtime.auth import (
        AuthResponse,
        AuthRoute,
        CognitoUserPoolAuthorizer,
        CustomAuthorizer,
        IAMAuthorizer,
    )
    from chalice.runtime.blueprint import Blueprint
    from chalice.runtime.cors import CORSConfig
    from chalice.runtime.errors import (
        BadRequestError,
        ChaliceUnhandledError,
        ChaliceViewError,
        ConflictError,
        ForbiddenError,
        NotFoundError,
        TooManyRequestsError,
        UnauthorizedError,
        UnprocessableEntityError,
        WebsocketDisconnectedError,
    )
    from chalice.runtime.events.schedule import Cron, Rate
    from chalice.runtime.middleware import ConvertToMiddleware
    from chalice.runtime.response import Response

__all__ = [
    "AuthResponse",
    "AuthRoute",
    "BadRequestError",
    "Blueprint",
    "CORSConfig",
    "Chalice",
    "ChaliceUnhandledError",
    "ChaliceViewError",
    "CognitoUserPoolAuthorizer",
    "ConflictError",
    "ConvertToMiddleware",
    "Cron",
    "CustomAuthorizer",
    "ForbiddenError",
    "IAMAuthorizer",
    "NotFoundError",
    "Rate",
    "Response",
    "TooManyRequestsError",
    "UnauthorizedError",
    "UnprocessableEntityError",
    "WebsocketDisconnectedError",
    "__version__",
]


def __getattr__(name: str) -> object:
    if name == "app":
        from importlib import import_module  # noqa: PLC0415

        return import_module("chalice.app")
    if name not in __all__:
        raise AttributeError(f"module 'chalice' has no attribute {name!r}")
    from chalice.runtime import load  # noqa: PLC0415

    value = globals()[name] = load(name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "app"})
