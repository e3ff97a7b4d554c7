"""The decorators that apps and blueprints share."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypedDict, TypeVar

    from typing_extensions import Unpack

    from chalice.runtime import websocket
    from chalice.runtime.auth import Authorizer, AuthRequest, ChaliceAuthorizer
    from chalice.runtime.cors import CORSConfig
    from chalice.runtime.events import (
        dynamodb,
        eventbridge,
        function,
        kafka,
        kinesis,
        s3,
        schedule,
        sns,
        sqs,
    )
    from chalice.runtime.events.handler import Registrar
    from chalice.runtime.response import Response

    View = TypeVar("View", bound=Callable[..., Any])
    MiddlewareFunction = TypeVar(
        "MiddlewareFunction", bound=Callable[[Any, Callable[[Any], Any]], Any]
    )
    ErrorHandler = TypeVar("ErrorHandler", bound=Callable[[Any], Any])
    ErrorHandlers = Mapping[type[Exception], Callable[[Any], Any]]

    class VerbOptions(TypedDict, total=False):
        """The keyword arguments of `get`, `post`, `put`, `patch` and `delete`."""

        name: str | None
        authorizer: Authorizer | None
        authorizer_name: str | None
        content_types: list[str]
        api_key_required: bool | None
        cors: bool | CORSConfig | None

    class RouteOptions(VerbOptions, total=False):
        """The keyword arguments of `route`."""

        methods: Iterable[str] | None

    class RegistrationOptions(TypedDict, total=False):
        """What a blueprint adds to each registration."""

        module_name: str
        name_prefix: str | None
        url_prefix: str | None
        error_handlers: tuple[ErrorHandlers, ...]

    class TriggerDecorators(
        dynamodb.Triggers,
        eventbridge.Triggers,
        function.Triggers,
        kafka.Triggers,
        kinesis.Triggers,
        s3.Triggers,
        schedule.Triggers,
        sns.Triggers,
        sqs.Triggers,
        websocket.Triggers,
    ):
        """The decorators of functions that something else than HTTP triggers."""

else:

    class _Loaded:
        """A method of the class `Triggers` of a module, which is imported when one is used."""

        def __init__(self, module: str) -> None:
            self.module = module

        def __set_name__(self, owner: type, name: str) -> None:
            self._name = name

        def __get__(self, instance: Any, owner: type) -> Any:
            return vars(self.load())[self._name].__get__(instance, owner)

        def load(self) -> Any:
            from importlib import import_module  # noqa: PLC0415

            return import_module(f"chalice.runtime.{self.module}").Triggers

    class TriggerDecorators:
        """Has the names of the classes `Triggers`."""

        def _register_handler(self, *_arguments: Any) -> None:
            raise NotImplementedError("_register_handler")

        lambda_function = _Loaded("events.function")
        schedule = _Loaded("events.schedule")
        on_cw_event = _Loaded("events.eventbridge")
        on_s3_event = _Loaded("events.s3")
        on_sns_message = _Loaded("events.sns")
        on_sqs_message = _Loaded("events.sqs")
        on_kafka = _Loaded("events.kafka")
        on_kinesis_record = _Loaded("events.kinesis")
        on_dynamodb_record = _Loaded("events.dynamodb")
        on_ws_connect = _Loaded("websocket")
        on_ws_message = _Loaded("websocket")
        on_ws_disconnect = _Loaded("websocket")


def triggers_of(decorator: str) -> type[Registrar]:
    """The class `Triggers` that has such a decorator; raises ValueError if none has."""
    loaded: Any = vars(TriggerDecorators).get(decorator)
    if loaded is None or decorator.startswith("_"):
        raise ValueError(f"Unknown handler type: {decorator}")
    triggers: type[Registrar] = loaded.load()
    return triggers


class DecoratorAPI(TriggerDecorators):
    """Records handlers through `_register_handler`; the decorated functions stay usable."""

    def route(self, path: str, **kwargs: Unpack[RouteOptions]) -> Callable[[View], View]:
        """Answer `path` with the view; it gets the `{names}` in the path as keyword arguments.

        `methods` defaults to GET, `content_types` (of requests) to JSON, `[]` admits all; `cors`
        None means `app.api.cors`. Decorating raises TypeError or ValueError for what is no route.
        """

        def decorate(view: View) -> View:
            name = kwargs.get("name") or function_name(view)
            # A view that has a trigger too is the handler which that trigger's decorator made.
            function = getattr(view, "user_function", view)
            settings = {"path": path, "kwargs": {**kwargs}}
            self._register_handler("route", name, function, view, settings)
            return view

        return decorate

    def get(self, path: str, **kwargs: Unpack[VerbOptions]) -> Callable[[View], View]:
        """`route` with `methods=["GET"]`."""
        return self.route(path, methods=["GET"], **kwargs)

    def post(self, path: str, **kwargs: Unpack[VerbOptions]) -> Callable[[View], View]:
        """`route` with `methods=["POST"]`."""
        return self.route(path, methods=["POST"], **kwargs)

    def put(self, path: str, **kwargs: Unpack[VerbOptions]) -> Callable[[View], View]:
        """`route` with `methods=["PUT"]`."""
        return self.route(path, methods=["PUT"], **kwargs)

    def patch(self, path: str, **kwargs: Unpack[VerbOptions]) -> Callable[[View], View]:
        """`route` with `methods=["PATCH"]`."""
        return self.route(path, methods=["PATCH"], **kwargs)

    def delete(self, path: str, **kwargs: Unpack[VerbOptions]) -> Callable[[View], View]:
        """`route` with `methods=["DELETE"]`."""
        return self.route(path, methods=["DELETE"], **kwargs)

    def authorizer(
        self,
        ttl_seconds: int | None = None,
        execution_role: str | None = None,
        name: str | None = None,
        header: str = "Authorization",
    ) -> Callable[[Callable[[AuthRequest], Any]], ChaliceAuthorizer]:
        """Deploy the function as a Lambda authorizer; use the result as `authorizer=` of routes."""
        from chalice.runtime.auth import ChaliceAuthorizer  # noqa: PLC0415

        def decorate(function: Callable[[AuthRequest], Any]) -> ChaliceAuthorizer:
            registered = name or function_name(function)
            authorizer = ChaliceAuthorizer(registered, function)
            settings = {
                "name": registered,
                "ttl_seconds": ttl_seconds,
                "execution_role": execution_role,
                "header": header,
            }
            self._register_handler("authorizer", registered, function, authorizer, settings)
            return authorizer

        return decorate

    def middleware(
        self, event_type: str = "all", *, exceptions: bool = False
    ) -> Callable[[MiddlewareFunction], MiddlewareFunction]:
        """Run `function(event, get_response)` around every handler of this type of event.

        What a view raises reaches HTTP middleware as a Response; with `exceptions=True`,
        `get_response` raises it. Handlers of other events always raise.
        """

        def decorate(function: MiddlewareFunction) -> MiddlewareFunction:
            self.register_middleware(function, event_type, exceptions=exceptions)
            return function

        return decorate

    def register_middleware(
        self,
        func: Callable[[Any, Callable[[Any], Any]], Any],
        event_type: str = "all",
        *,
        exceptions: bool = False,
    ) -> None:
        """As the decorator `middleware`; raises ValueError for an unknown type of event."""
        raise NotImplementedError("register_middleware")

    def error(self, exception: type[Exception]) -> Callable[[ErrorHandler], ErrorHandler]:
        """Answer with `function(error)` when a handler raises this class; the nearest class wins.

        Its result is used as the handler's would be: a Response or a body for routes, for events
        what Lambda gets. There a Response means nothing, and the error is raised after all. Those
        of a blueprint count for its own handlers only, before those of what it is registered on.
        """

        def decorate(function: ErrorHandler) -> ErrorHandler:
            self.register_error_handler(exception, function)
            return function

        return decorate

    def errorhandler(self, exception: type[Exception]) -> Callable[[ErrorHandler], ErrorHandler]:
        """Another name of `error`."""
        return self.error(exception)

    def register_error_handler(
        self, exception: type[Exception], func: Callable[[Any], Response | Any]
    ) -> None:
        """As the decorator `error`."""
        raise NotImplementedError("register_error_handler")

    def needs(self, action: str, resource: str | None = None) -> None:
        """Say that the code around this needs an IAM action, `"dynamodb:Query"`, on a resource.

        The resource is a name or an ARN, None for any. Generated policies allow it to the function
        that has this in its code, or to all if it is outside of functions. It does nothing else.
        """


def function_name(function: Callable[..., Any]) -> str:
    """Its `__name__`; raises TypeError for a callable without one."""
    name = getattr(function, "__name__", None)
    if not isinstance(name, str):
        raise TypeError(f"{function!r} has no __name__: pass name=, or decorate a function")
    return name
