"""Handlers declared apart from an app, and registered on one or more of them later."""

from __future__ import annotations

from chalice.runtime.decorators import DecoratorAPI

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import Logger
    from typing import Any, TypeAlias

    from chalice.runtime.app import Chalice
    from chalice.runtime.decorators import RegistrationOptions
    from chalice.runtime.request import Request

    Declaration: TypeAlias = Callable[[Chalice, RegistrationOptions], None]


class Blueprint(DecoratorAPI):
    """Has every decorator of an app; Lambda imports its handlers from the module `import_name`.

    Middleware of a blueprint is the whole app's once it is registered, error handlers are for the
    blueprint's own handlers. What is declared after the registration counts from then on.
    """

    def __init__(self, import_name: str) -> None:
        self._import_name = import_name
        self._deferred: list[Declaration] = []
        self._registrations: list[tuple[Chalice, RegistrationOptions]] = []
        self._nested: list[Blueprint] = []
        self._app: Chalice | None = None
        self.error_handlers: dict[type[Exception], Callable[[Any], Any]] = {}

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
        options = {
            **options,
            "module_name": self._import_name,
            "error_handlers": (self.error_handlers, *options.get("error_handlers", ())),
        }
        self._registrations.append((app, options))
        for declare in self._deferred:
            declare(app, options)

    def register_blueprint(
        self, blueprint: Blueprint, name_prefix: str | None = None, url_prefix: str | None = None
    ) -> None:
        """Nest a blueprint: its prefixes come after those that this one is registered with.

        Raises ValueError for this blueprint itself and for one that it is nested in.
        """
        if self in blueprint._family():
            raise ValueError("A blueprint cannot be registered on itself.")
        self._nested.append(blueprint)

        def declare(app: Chalice, options: RegistrationOptions) -> None:
            prefixes = (options.get("url_prefix"), url_prefix)
            paths = [prefix for prefix in prefixes if prefix is not None]
            names: RegistrationOptions = {
                "name_prefix": (options.get("name_prefix") or "") + (name_prefix or ""),
                "url_prefix": "/".join(path.strip("/") for path in paths) if paths else None,
            }
            blueprint.register(app, {**options, **names})

        self._declare(declare)

    def _family(self) -> list[Blueprint]:
        return [self, *(member for nested in self._nested for member in nested._family())]

    def register_middleware(
        self,
        func: Callable[[Any, Callable[[Any], Any]], Any],
        event_type: str = "all",
        *,
        exceptions: bool = False,
    ) -> None:
        """Middleware of the app, from the moment of registration on."""
        self._declare(
            lambda app, _options: app.register_middleware(func, event_type, exceptions=exceptions)
        )

    def register_error_handler(
        self, exception: type[Exception], func: Callable[[Any], Any]
    ) -> None:
        """As the decorator `error`: for handlers of this blueprint and of those nested in it."""
        self.error_handlers[exception] = func

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

        self._declare(declare)

    def _declare(self, declare: Declaration) -> None:
        self._deferred.append(declare)
        for app, options in self._registrations:
            declare(app, options)


def _unregistered(attribute: str) -> RuntimeError:
    return RuntimeError(f"Can only access Blueprint.{attribute} if it's registered to an app.")
