"""Handlers declared apart from an app, and registered on one or more of them later."""

from __future__ import annotations

from chalice.runtime.decorators import DecoratorAPI

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import Logger
    from typing import Any

    from chalice.runtime.app import Chalice
    from chalice.runtime.decorators import RegistrationOptions
    from chalice.runtime.request import Request


class Blueprint(DecoratorAPI):
    """Has every decorator of an app; Lambda imports its handlers from the module `import_name`.

    Middleware and error handlers of a blueprint are the whole app's once it is registered.
    """

    def __init__(self, import_name: str) -> None:
        self._import_name = import_name
        self._deferred: list[Callable[[Chalice, RegistrationOptions], None]] = []
        self._app: Chalice | None = None

    @property
    def log(self) -> Logger:
        """The app's logger."""
        return self._registered("log").log

    @property
    def current_app(self) -> Chalice:
        """The app that the blueprint was registered on last."""
        return self._registered("current_app")

    @property
    def current_request(self) -> Request:
        """The request being served; raises RuntimeError outside one."""
        request = self._registered("current_request").current_request
        if request is None:
            raise _unregistered("current_request")
        return request

    @property
    def lambda_context(self) -> Any:
        """The Lambda context of the request being served, None outside one."""
        return self._registered("lambda_context").lambda_context

    def _registered(self, attribute: str) -> Chalice:
        if self._app is None:
            raise _unregistered(attribute)
        return self._app

    def register(self, app: Chalice, options: RegistrationOptions) -> None:
        """Declare everything on `app`, with the prefixes in `options`."""
        self._app = app
        for declare in self._deferred:
            declare(app, {**options, "module_name": self._import_name})

    def register_middleware(
        self, func: Callable[[Any, Callable[[Any], Any]], Any], event_type: str = "all"
    ) -> None:
        """Middleware of the app, from the moment of registration on."""
        self._deferred.append(lambda app, _options: app.register_middleware(func, event_type))

    def register_error_handler(
        self, exception: type[Exception], func: Callable[[Any], Any]
    ) -> None:
        """An error handler of the app, from the moment of registration on."""
        self._deferred.append(lambda app, _options: app.register_error_handler(exception, func))

    def _register_handler(
        self,
        handler_type: str,
        name: str,
        user_handler: Callable[..., Any],
        wrapped_handler: Callable[..., Any],
        kwargs: dict[str, Any],
        options: RegistrationOptions | None = None,
    ) -> None:
        def declare(app: Chalice, options: RegistrationOptions) -> None:
            app._register_handler(
                handler_type, name, user_handler, wrapped_handler, kwargs.copy(), options
            )

        self._deferred.append(declare)


def _unregistered(attribute: str) -> RuntimeError:
    return RuntimeError(f"Can only access Blueprint.{attribute} if it's registered to an app.")
