"""WebSocket APIs: the handlers of their three routes, and sending to those connected.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html
"""

from __future__ import annotations

import os
from threading import Lock

from chalice.runtime.errors import BadRequestError, WebsocketDisconnectedError
from chalice.runtime.events import BaseEventSourceConfig, BaseLambdaEvent
from chalice.runtime.events.handler import BaseLambdaHandler, Registrar, registering
from chalice.runtime.response import Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, MutableMapping
    from typing import Any, ClassVar, TypeAlias

    from chalice.runtime.app import Chalice
    from chalice.runtime.decorators import ErrorHandlers

    Middleware = Callable[[Any, Callable[[Any], Any]], Any]
    WebsocketDecorate: TypeAlias = Callable[
        [Callable[["WebsocketEvent"], Any] | BaseLambdaHandler[Any]], "WebsocketEventSourceHandler"
    ]
    WebsocketRecord: TypeAlias = (
        "WebsocketConnectConfig | WebsocketMessageConfig | WebsocketDisconnectConfig"
    )


_ENDPOINT_URL = "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"


class WebsocketAPI:
    """Sends to the connections of one WebSocket API, through a boto3 session that the user sets.

    `app.websocket_api.session = boto3.Session()`. Handlers say by themselves which API it is.
    Where botocore's variable AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI is set, something stands in
    for API Gateway: what has API Gateway's own domain is at `<its value>/<API id>/<stage>`.
    """

    def __init__(self, env: MutableMapping[str, str] | None = None) -> None:
        self.session: Any = None
        self._env = os.environ if env is None else env
        self._endpoint: str | None = None
        self._client: Any = None
        self._lock = Lock()  # boto3 sessions make clients for one thread at a time

    def configure(self, domain_name: str, stage: str) -> None:
        """Send through `https://<domain_name>/<stage>`, unless configured already."""
        if self._endpoint is None:
            base = self._env.get(_ENDPOINT_URL)
            api_id, own_domain, _ = domain_name.partition(".execute-api.")
            if base and own_domain:
                self._endpoint = f"{base.rstrip('/')}/{api_id}/{stage}"
            else:
                self._endpoint = f"https://{domain_name}/{stage}"

    def configure_from_api_id(self, api_id: str, stage: str) -> None:
        """Send through API Gateway's own domain, unless configured already.

        Raises ValueError if neither the environment nor the session knows a region.
        """
        if self._endpoint is None:
            region = self._region()
            suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
            self.configure(f"{api_id}.execute-api.{region}.{suffix}", stage)

    def _region(self) -> str:
        region: str | None = (
            self._env.get("AWS_REGION")
            or self._env.get("AWS_DEFAULT_REGION")
            or getattr(self.session, "region_name", None)
        )
        if not region:
            raise ValueError(
                "Unable to retrieve the region name when configuring the websocket client.  "
                "Either set the 'AWS_REGION' environment variable or assign "
                "'app.websocket_api.session' to a boto3 session."
            )
        return region

    def send(self, connection_id: str, message: str | bytes) -> None:
        """Send a message; raises WebsocketDisconnectedError if the client is gone."""
        self._ask(
            connection_id,
            lambda client: client.post_to_connection(ConnectionId=connection_id, Data=message),
        )

    def close(self, connection_id: str) -> None:
        """End a connection; raises WebsocketDisconnectedError if the client is gone."""
        self._ask(
            connection_id, lambda client: client.delete_connection(ConnectionId=connection_id)
        )

    def info(self, connection_id: str) -> dict[str, Any]:
        """AWS's answer of GetConnection: `{"ConnectedAt": ..., "Identity": {...}, ...}`.

        Raises WebsocketDisconnectedError if the client is gone.
        """
        answer: dict[str, Any] = self._ask(
            connection_id, lambda client: client.get_connection(ConnectionId=connection_id)
        )
        return answer

    def _ask(self, connection_id: str, question: Callable[[Any], Any]) -> Any:
        client = self._sender()
        try:
            return question(client)
        except client.exceptions.GoneException:
            raise WebsocketDisconnectedError(connection_id) from None

    def _sender(self) -> Any:
        with self._lock:
            if self._client is None:
                if self.session is None:
                    raise ValueError(
                        "Assign app.websocket_api.session to a boto3 session "
                        "before using the WebsocketAPI"
                    )
                if self._endpoint is None:
                    raise ValueError(
                        "WebsocketAPI.configure must be called before using the WebsocketAPI"
                    )
                self._client = self.session.client(
                    "apigatewaymanagementapi", endpoint_url=self._endpoint
                )
            return self._client


class WebsocketEvent(BaseLambdaEvent):
    """A client connected, sent a message or left; `body` is the message's text, None without."""

    domain_name: str
    stage: str
    connection_id: str
    body: str | Any

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        context = event_dict["requestContext"]
        self.domain_name = context["domainName"]
        self.stage = context["stage"]
        self.connection_id = context["connectionId"]
        body = event_dict.get("body")
        self.body = None if body is None else str(body)
        self._parsed: list[Any] = []

    @classmethod
    def recognizes(cls, event_dict: Any) -> bool:
        """Whether this comes from a WebSocket API; no other event is of a connection."""
        context = event_dict.get("requestContext") if isinstance(event_dict, dict) else None
        return isinstance(context, dict) and "connectionId" in context

    @property
    def json_body(self) -> Any:
        """The message parsed; raises BadRequestError for what is no JSON, and without one."""
        if not self._parsed:
            from json import loads  # noqa: PLC0415

            try:
                self._parsed.append(loads(self.body or ""))
            except (ValueError, RecursionError):
                raise BadRequestError("Error Parsing JSON") from None
        return self._parsed[0]


class WebsocketEventSourceHandler(BaseLambdaHandler[WebsocketEvent]):
    """A function that a WebSocket API calls; `websocket_api` is None until an app is known."""

    WEBSOCKET_API_RESPONSE: ClassVar[dict[str, Any]] = {"statusCode": 200}

    def __init__(
        self,
        func: Callable[[Any], Any],
        event_class: type[WebsocketEvent],
        websocket_api: WebsocketAPI | None,
        middleware_handlers: Iterable[Middleware] | None = None,
    ) -> None:
        super().__init__(func, event_class, middleware_handlers)
        self.websocket_api = websocket_api

    def bind(
        self, app: Chalice, event_type: str, error_handlers: tuple[ErrorHandlers, ...] = ()
    ) -> None:
        """Belong to an app, and send through its API."""
        super().bind(app, event_type, error_handlers)
        self.websocket_api = app.websocket_api

    def _answer(self, event: dict[str, Any], context: Any) -> Any:
        if self.websocket_api:
            request = event["requestContext"]
            self.websocket_api.configure_from_api_id(request["apiId"], request["stage"])
        response = self._run(self.event_class(event, context))
        if isinstance(response, Response):
            return response.to_dict()
        if isinstance(response, dict):
            return response if "statusCode" in response else {"statusCode": 200, **response}
        return self.WEBSOCKET_API_RESPONSE.copy()

    def _unless_for_browsers(self, result: Any, error: Exception) -> Any:
        return result


class WebsocketConnectConfig(BaseEventSourceConfig):
    """The function that a new connection calls."""

    CONNECT_ROUTE: ClassVar[str] = "$connect"

    def __init__(
        self, name: str, handler_string: str, user_handler: Callable[[WebsocketEvent], Any]
    ) -> None:
        super().__init__(name, handler_string)
        self.route_key_handled = self.CONNECT_ROUTE
        self.handler_function = user_handler


class WebsocketMessageConfig(BaseEventSourceConfig):
    """The function that a message calls."""

    def __init__(
        self,
        name: str,
        route_key_handled: str,
        handler_string: str,
        user_handler: Callable[[WebsocketEvent], Any],
    ) -> None:
        super().__init__(name, handler_string)
        self.route_key_handled = route_key_handled
        self.handler_function = user_handler


class WebsocketDisconnectConfig(BaseEventSourceConfig):
    """The function that the end of a connection calls."""

    DISCONNECT_ROUTE: ClassVar[str] = "$disconnect"

    def __init__(
        self, name: str, handler_string: str, user_handler: Callable[[WebsocketEvent], Any]
    ) -> None:
        super().__init__(name, handler_string)
        self.route_key_handled = self.DISCONNECT_ROUTE
        self.handler_function = user_handler


def register_websocket(
    app: Chalice,
    handler_type: str,
    name: str,
    handler_string: str,
    function: Callable[[WebsocketEvent], Any],
) -> None:
    """Record the handler of one route; raises ValueError if that has one already."""
    record: WebsocketRecord
    if handler_type == "on_ws_connect":
        record = WebsocketConnectConfig(name, handler_string, function)
    elif handler_type == "on_ws_message":
        record = WebsocketMessageConfig(name, "$default", handler_string, function)
    else:
        record = WebsocketDisconnectConfig(name, handler_string, function)
    if record.route_key_handled in app.websocket_handlers:
        raise ValueError(
            f"Duplicate websocket handler: '{handler_type}'. "
            "There can only be one handler for each websocket decorator."
        )
    app._features_used.add("WEBSOCKETS")
    app.websocket_handlers[record.route_key_handled] = record


class Triggers(Registrar):
    """The decorators of functions that a WebSocket API calls."""

    _event_type: str = "websocket"

    def on_ws_connect(self, name: str | None = None) -> WebsocketDecorate:
        """Call the function when a client connects."""
        return _decorator(self, "on_ws_connect", name)

    def on_ws_message(self, name: str | None = None) -> WebsocketDecorate:
        """Call the function when a client sends a message."""
        return _decorator(self, "on_ws_message", name)

    def on_ws_disconnect(self, name: str | None = None) -> WebsocketDecorate:
        """Call the function when a client has left."""
        return _decorator(self, "on_ws_disconnect", name)

    @staticmethod
    def _record_handler(
        app: Chalice,
        handler_type: str,
        name: str,
        entry: str,
        function: Callable[..., Any],
        _settings: Any,
    ) -> None:
        """Record the handler of one route; raises ValueError if that has one already."""
        register_websocket(app, handler_type, name, entry, function)


def _decorator(
    api: Registrar, handler_type: str, name: str | None
) -> Callable[[Callable[..., Any]], WebsocketEventSourceHandler]:
    return registering(
        api,
        handler_type,
        name,
        {},
        lambda function: WebsocketEventSourceHandler(function, WebsocketEvent, None),
    )
