"""The object that an event decorator leaves in a module, and that Lambda calls."""

from __future__ import annotations

import logging
from functools import update_wrapper

from chalice.runtime import load
from chalice.runtime.events import Event, Generic
from chalice.runtime.middleware import MiddlewareHandler
from chalice.runtime.response import Response, awaited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypeVar

    from chalice.runtime.app import Chalice
    from chalice.runtime.decorators import ErrorHandlers, RegistrationOptions
    from chalice.runtime.events.batch import Batch

    Handler = TypeVar("Handler", bound="BaseLambdaHandler[Any]")
    Middleware = Callable[[Any, Callable[[Any], Any]], Any]
    Argument = TypeVar("Argument")
    Decorate = Callable[
        [Callable[[Argument], Any] | "BaseLambdaHandler[Any]"], "EventSourceHandler[Event]"
    ]
    Filters = list[dict[str, Any]]


class BaseLambdaHandler(Generic[Event]):
    """A user's function with middleware around it, called with `(event, context)`.

    `func` is that function, or what adapts it to one argument. `handler` is the chain of middleware
    that ends in it: None until the first call, and the same from then on.
    """

    __name__: str
    __wrapped__: Callable[..., Any]
    app: Chalice | None = None
    """The app that it was registered on last; None while its blueprint waits for one."""
    error_handlers: tuple[ErrorHandlers, ...] = ()
    is_declared = False
    """Whether it comes from a decorator, so that an app registers it sooner or later."""
    batch: Batch | None = None
    """How `func` gets the records one by one; None if it gets the event."""
    stacked: BaseLambdaHandler[Any] | None = None
    """The handler of another trigger that decorates the same function, under this one."""

    def __init__(
        self,
        func: Callable[[Any], Any],
        event_class: type[Event],
        middleware_handlers: Iterable[Middleware] | None = None,
    ) -> None:
        update_wrapper(self, func, updated=())
        self.func = func
        self.user_function: Callable[..., Any] = func
        self.event_class = event_class
        self.handler: Callable[[Any], Any] | None = None
        self.middleware_handlers: Iterable[Middleware] = middleware_handlers or ()

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        """What the function and the middleware around it make of the event.

        Of handlers stacked on one function the outermost that knows such events is called.
        """
        if self.app is None and self.is_declared:
            from chalice.runtime.deployed import import_app  # noqa: PLC0415

            import_app()
        handler: BaseLambdaHandler[Any] = self
        while handler.stacked is not None and not handler.event_class.recognizes(event):
            handler = handler.stacked
        return self._answer(event, context) if handler is self else handler(event, context)

    def bind(
        self, app: Chalice, event_type: str, error_handlers: tuple[ErrorHandlers, ...] = ()
    ) -> None:
        """Belong to an app: its middleware for `event_type`, error handlers and log.

        `error_handlers` are those that count before the app's, the innermost blueprint's first.
        """
        self.app = app
        self.error_handlers = error_handlers
        self.middleware_handlers = app._get_middleware_handlers(event_type)

    def _answer(self, event: dict[str, Any], context: Any) -> Any:
        raise NotImplementedError("_answer")

    def _run(self, event: Event) -> Any:
        chain = self.handler
        if chain is None:
            chain = self._call
            for middleware in reversed([*self.middleware_handlers]):
                chain = MiddlewareHandler(middleware, chain)
            self.handler = chain
        try:
            return chain(event)
        except Exception as error:
            return self._recover(error)

    def _call(self, event: Event) -> Any:
        if self.batch is None:
            return awaited(self.func(event))
        return self.batch.run(event, self._call_with_record, self._log())

    def _call_with_record(self, record: Any) -> None:
        try:
            awaited(self.func(record))
        except Exception as error:
            self._recover(error)

    def _recover(self, error: Exception) -> Any:
        """What the error handler of the nearest class returns; raises the error without one."""
        scopes = (
            self.error_handlers
            if self.app is None
            else (*self.error_handlers, self.app.error_handlers)
        )
        for handlers in scopes:
            for cls in type(error).__mro__:
                if cls in handlers:
                    return self._unless_for_browsers(awaited(handlers[cls](error)), error)
        raise error

    def _unless_for_browsers(self, result: Any, error: Exception) -> Any:
        """The result; raises the error if it is an HTTP answer, which tells a queue nothing."""
        if isinstance(result, Response):
            raise error
        return result

    def _log(self) -> logging.Logger:
        return logging.getLogger(self.__module__) if self.app is None else self.app.log


class EventSourceHandler(BaseLambdaHandler[Event]):
    """A function that a source of events triggers; its result is what Lambda gets, unchanged."""

    def _answer(self, event: dict[str, Any], context: Any) -> Any:
        return self._run(self.event_class(event, context))


class Registrar:
    """What the classes `Triggers` build on: apps and blueprints, which record handlers.

    Each module of a source has such a class, with its decorator. `_event_type` is what middleware
    calls the events, `_record` the name of the class that says what the toolchain deploys.
    """

    _event_type: str
    _record: str

    def _register_handler(
        self,
        handler_type: str,
        name: str,
        user_handler: Callable[..., Any],
        wrapped_handler: Callable[..., Any],
        kwargs: dict[str, Any],
        options: RegistrationOptions | None = None,
    ) -> None:
        raise NotImplementedError("_register_handler")

    @classmethod
    def _record_handler(
        cls,
        app: Chalice,
        handler_type: str,
        name: str,
        entry: str,
        function: Callable[..., Any],
        settings: Mapping[str, Any],
    ) -> None:
        """Record a handler of `app`, which Lambda finds by its `entry`."""
        trigger: Any = load(cls._record)
        app.event_sources.append(trigger(name=name, handler_string=entry, **settings))


def event_handler(
    api: Registrar,
    handler_type: str,
    name: str | None,
    event_class: type[Event],
    settings: dict[str, Any],
    batch: Batch | None = None,
    adapt: Callable[[Callable[..., Any]], Callable[[Any], Any]] | None = None,
) -> Callable[[Callable[..., Any]], EventSourceHandler[Event]]:
    """The decorator that makes a handler of such events and registers it with these settings."""

    def wrap(function: Callable[..., Any]) -> EventSourceHandler[Event]:
        func = function if adapt is None else adapt(function)
        handler = EventSourceHandler(func, event_class)  # the one that `chalice.app` has now
        handler.batch = batch
        return handler

    return registering(api, handler_type, name, settings, wrap)


def registering(
    api: Registrar,
    handler_type: str,
    name: str | None,
    settings: dict[str, Any],
    wrap: Callable[[Callable[..., Any]], Handler],
) -> Callable[[Callable[..., Any]], Handler]:
    """The decorator that registers the handler which `wrap` makes of a function."""

    def decorate(function: Callable[..., Any]) -> Handler:
        below = function if isinstance(function, BaseLambdaHandler) else None
        user_function = function if below is None else below.user_function
        own_name = lambda_name(user_function)
        handler = wrap(user_function)
        handler.user_function = user_function
        handler.stacked = below
        handler.is_declared = True
        registered = name or own_name
        api._register_handler(handler_type, registered, user_function, handler, settings)
        return handler

    return decorate


def lambda_name(function: Callable[..., Any]) -> str:
    """The name that Lambda finds the function by; raises TypeError for a callable without one."""
    name = getattr(function, "__name__", None)
    if not isinstance(name, str):
        raise TypeError(f"{function!r} has no __name__ for Lambda to find it by: use a function")
    return name
