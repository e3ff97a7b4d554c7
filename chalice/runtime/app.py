"""The app: what its decorators recorded, and the entry point that answers requests."""

from __future__ import annotations

import logging
import os
import sys
from collections import defaultdict

from chalice import __version__
from chalice.runtime.decorators import DecoratorAPI, function_name
from chalice.runtime.http import RestAPIEventHandler
from chalice.runtime.request import CurrentInvocation
from chalice.runtime.routing import APIGateway, RouteEntry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, MutableMapping
    from typing import Any, ClassVar

    from chalice.runtime.auth import Authorizer, BuiltinAuthConfig
    from chalice.runtime.blueprint import Blueprint
    from chalice.runtime.cors import CORSConfig
    from chalice.runtime.decorators import RegistrationOptions
    from chalice.runtime.events import BaseEventSourceConfig
    from chalice.runtime.events.function import LambdaFunction
    from chalice.runtime.request import Request
    from chalice.runtime.websocket import WebsocketAPI, WebsocketRecord

_ROUTE_OPTIONS = frozenset(
    (
        "methods",
        "name",
        "authorizer",
        "authorizer_name",
        "content_types",
        "api_key_required",
        "cors",
    )
)


class Chalice(DecoratorAPI):
    """An app. Lambda calls it with HTTP events; the toolchain reads what it recorded.

    `routes` is `{path: {METHOD: RouteEntry}}` in the order of registration, `handler_map` every
    handler by its registered name; `exception_middleware` are those of the `middleware_handlers`
    to which views' exceptions are raised. `json_default` may be set to a function that makes JSON
    of own types, and raises TypeError to leave one to the defaults. `env` is the process
    environment unless given.
    """

    FORMAT_STRING: ClassVar[str] = "%(name)s - %(levelname)s - %(message)s"
    _websocket_api: WebsocketAPI

    def __init__(
        self,
        app_name: str,
        debug: bool = False,
        configure_logs: bool = True,
        env: MutableMapping[str, str] | None = None,
    ) -> None:
        self.app_name = app_name
        self.api = APIGateway()
        self.routes: defaultdict[str, dict[str, RouteEntry]] = defaultdict(dict)
        self.websocket_handlers: dict[str, WebsocketRecord] = {}
        self.builtin_auth_handlers: list[BuiltinAuthConfig] = []
        self.authorizers: dict[str, Authorizer] = {}
        self.event_sources: list[BaseEventSourceConfig] = []
        self.pure_lambda_functions: list[LambdaFunction] = []
        self.handler_map: dict[str, Callable[..., Any]] = {}
        self.middleware_handlers: list[tuple[Callable[[Any, Callable[[Any], Any]], Any], str]] = []
        self.exception_middleware: list[Callable[[Any, Callable[[Any], Any]], Any]] = []
        self.error_handlers: dict[type[Exception], Callable[[Any], Any]] = {}
        self.json_default: Callable[[Any], Any] | None = None
        self.experimental_feature_flags: set[str] = set()
        self._features_used: set[str] = set()
        self._invocation = CurrentInvocation()
        self._rest_handler = RestAPIEventHandler(self, self._invocation)
        self._debug = debug
        self.configure_logs = configure_logs
        self.log = logging.getLogger(app_name)
        if configure_logs:
            self._configure_log()
        _sign_environment(os.environ if env is None else env)

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """The answer to an event of a REST API, HTTP API, function URL or load balancer."""
        return self._rest_handler.answer(event, context)

    @property
    def CORSConfig(self) -> type[CORSConfig]:  # noqa: N802
        """The class `CORSConfig`."""
        from chalice.runtime.cors import CORSConfig  # noqa: PLC0415

        return CORSConfig

    @property
    def debug(self) -> bool:
        """Whether a 500 shows its traceback; setting it sets the log level too."""
        return self._debug

    @debug.setter
    def debug(self, debug: bool) -> None:
        self._debug = debug
        self._set_log_level()

    @property
    def current_request(self) -> Request | Any:
        """The request that this thread or task serves; None before the first.

        `Any` in its type spares views, where it is never None, the check.
        """
        return self._invocation.request

    @current_request.setter
    def current_request(self, request: Request | None) -> None:
        self._invocation.begin([None, self.lambda_context, request])

    @property
    def lambda_context(self) -> Any:
        """The Lambda context of that request; None before the first."""
        return self._invocation.lambda_context

    @lambda_context.setter
    def lambda_context(self, context: Any) -> None:
        self._invocation.begin([None, context, self.current_request])

    @property
    def websocket_api(self) -> WebsocketAPI:
        """Sends to the connections of the app's WebSocket API; may be replaced."""
        if "_websocket_api" not in vars(self):
            from chalice.runtime.websocket import WebsocketAPI  # noqa: PLC0415

            vars(self).setdefault("_websocket_api", WebsocketAPI())  # of two threads the first wins
        return self._websocket_api

    @websocket_api.setter
    def websocket_api(self, websocket_api: WebsocketAPI) -> None:
        self._websocket_api = websocket_api

    def _configure_log(self) -> None:
        if not any(
            isinstance(handler, logging.StreamHandler) and handler.stream is sys.stdout
            for handler in self.log.handlers
        ):
            handler = logging.StreamHandler(sys.stdout)
            handler.setFormatter(logging.Formatter(self.FORMAT_STRING))
            self.log.addHandler(handler)
            self.log.propagate = False
            self._set_log_level()
        elif self._debug:
            self._set_log_level()

    def _set_log_level(self) -> None:
        self.log.setLevel(logging.DEBUG if self._debug else logging.ERROR)

    def register_blueprint(
        self, blueprint: Blueprint, name_prefix: str | None = None, url_prefix: str | None = None
    ) -> None:
        """Declare a blueprint's handlers here: names get `name_prefix`, routes `url_prefix`."""
        blueprint.register(self, {"name_prefix": name_prefix, "url_prefix": url_prefix})

    def register_middleware(
        self,
        func: Callable[[Any, Callable[[Any], Any]], Any],
        event_type: str = "all",
        *,
        exceptions: bool = False,
    ) -> None:
        """As the decorator `middleware`; raises ValueError for an unknown type of event."""
        from chalice.runtime.middleware import EVENT_TYPES  # noqa: PLC0415

        if event_type not in EVENT_TYPES:
            known = ", ".join(sorted(EVENT_TYPES))
            raise ValueError(f"Unknown middleware event type {event_type!r}: use one of {known}")
        if exceptions:
            self.exception_middleware.append(func)
        self.middleware_handlers.append((func, event_type))

    def _get_middleware_handlers(
        self, event_type: str
    ) -> Iterable[Callable[[Any, Callable[[Any], Any]], Any]]:
        from chalice.runtime.middleware import MiddlewareOf  # noqa: PLC0415

        return MiddlewareOf(self.middleware_handlers, event_type)

    def register_error_handler(
        self, exception: type[Exception], func: Callable[[Any], Any]
    ) -> None:
        """As the decorator `error`."""
        self.error_handlers[exception] = func

    def define_authorizer(
        self, name: str, header: str, auth_type: str, provider_arns: list[str] | None = None
    ) -> None:
        """Deprecated: pass a CognitoUserPoolAuthorizer as `authorizer=` of the route."""
        from warnings import warn  # noqa: PLC0415

        from chalice.runtime.auth import CognitoUserPoolAuthorizer  # noqa: PLC0415

        warn(
            "define_authorizer is deprecated: pass a CognitoUserPoolAuthorizer "
            "as authorizer= of the route",
            DeprecationWarning,
            stacklevel=2,
        )
        if auth_type != "cognito_user_pools":
            raise ValueError(f"auth_type must be 'cognito_user_pools', not {auth_type!r}")
        self.authorizers[name] = CognitoUserPoolAuthorizer(name, provider_arns or [], header)

    def _register_handler(
        self,
        handler_type: str,
        name: str,
        user_handler: Callable[..., Any],
        wrapped_handler: Callable[..., Any],
        kwargs: dict[str, Any],
        options: RegistrationOptions | None = None,
    ) -> None:
        options = options or {}
        name = (options.get("name_prefix") or "") + name
        if handler_type == "route":
            self._register_route(name, user_handler, kwargs, options)
        elif handler_type == "authorizer":
            self._register_authorizer(name, user_handler, wrapped_handler, kwargs, options)
        else:
            from chalice.runtime.events.registration import register_event  # noqa: PLC0415

            wrapped_handler = register_event(
                self, handler_type, name, user_handler, wrapped_handler, kwargs, options
            )
        self.handler_map[name] = wrapped_handler

    def _register_route(
        self,
        name: str,
        view: Callable[..., Any],
        kwargs: dict[str, Any],
        options: RegistrationOptions,
    ) -> None:
        settings = kwargs["kwargs"]
        path = with_url_prefix(options.get("url_prefix"), kwargs["path"])
        content_types = settings.get("content_types", ["application/json"])
        if not isinstance(content_types, list):
            raise ValueError(
                f'In view function "{name}", the content_types value must be a list, '
                f"not {type(content_types)}: {content_types}"
            )
        unknown = [option for option in settings if option not in _ROUTE_OPTIONS]
        if unknown:
            raise TypeError(
                f"TypeError: route() got unexpected keyword arguments: {', '.join(unknown)}"
            )
        cors = settings.get("cors")
        methods = self.routes.get(path, {})
        for method in _method_names(settings.get("methods")):
            if method in methods:
                raise ValueError(
                    f"Duplicate method: '{method}' detected for route: '{path}'\n"
                    f'between view functions: "{methods[method].view_name}" and "{name}". '
                    "A specific method may only be specified once for a particular path."
                )
            methods[method] = RouteEntry(
                view,
                name,
                path,
                method,
                settings.get("api_key_required"),
                content_types,
                self.api.cors if cors is None else cors,
                self._route_authorizer(settings),
                options.get("error_handlers", ()),
            )
            self.routes[path] = methods

    def _route_authorizer(self, settings: dict[str, Any]) -> Authorizer | None:
        name = settings.get("authorizer_name")
        if name is None:
            authorizer: Authorizer | None = settings.get("authorizer")
            return authorizer
        if name not in self.authorizers:
            raise ValueError(f"authorizer_name={name!r} was not defined with define_authorizer")
        return self.authorizers[name]

    def _register_authorizer(
        self,
        name: str,
        function: Callable[..., Any],
        authorizer: Any,
        kwargs: dict[str, Any],
        options: RegistrationOptions,
    ) -> None:
        from chalice.runtime.auth import BuiltinAuthConfig  # noqa: PLC0415

        module = options.get("module_name", "app")
        config = BuiltinAuthConfig(
            name,
            f"{module}.{function_name(function)}",
            kwargs["ttl_seconds"],
            kwargs["execution_role"],
            kwargs["header"],
        )
        authorizer.config = config
        authorizer.name = name
        self.builtin_auth_handlers.append(config)


def _method_names(methods: Any) -> list[str]:
    if methods is None:
        return ["GET"]
    if isinstance(methods, str):
        raise TypeError(f"methods must be a list of method names, not the string {methods!r}")
    return [method.upper() for method in methods]


def with_url_prefix(prefix: str | None, path: str) -> str:
    """The path under a prefix: one `/` before each part, none at the end; unchanged without one."""
    if prefix is None:
        return path
    parts = (prefix.strip("/"), path.strip("/"))
    return "/" + "/".join(part for part in parts if part)


def _sign_environment(env: MutableMapping[str, str]) -> None:
    """Say in the environment what runs here; AWS's SDKs send it as part of their user agent."""
    signature = f"aws-chalice/{__version__}"
    current = env.get("AWS_EXECUTION_ENV", "AWS_Lambda")
    if signature not in current.split(" "):
        env["AWS_EXECUTION_ENV"] = f"{current} {signature}"
