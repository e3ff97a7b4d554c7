"""WebSocket handlers, and sending to connections through a session like boto3's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest

from chalice import BadRequestError, Blueprint, Response, WebsocketDisconnectedError
from chalice.app import (
    BaseLambdaHandler,
    WebsocketAPI,
    WebsocketConnectConfig,
    WebsocketDisconnectConfig,
    WebsocketEvent,
    WebsocketEventSourceHandler,
    WebsocketMessageConfig,
)
from tests.runtime.events import new_app
from tests.runtime.lambda_events import CONTEXT, scheduled_event, websocket_event


class Exceptions:
    class GoneException(Exception):  # noqa: N818
        """As boto3 calls it."""


class Client:
    exceptions = Exceptions

    def __init__(self, asked: list[Any]) -> None:
        self._asked = asked

    def _ask(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self._asked.append((name, arguments))
        if arguments["ConnectionId"] == "gone":
            raise Exceptions.GoneException
        if arguments["ConnectionId"] == "forbidden":
            raise PermissionError
        return {"ConnectedAt": "now"}

    def post_to_connection(self, **arguments: Any) -> None:
        self._ask("post", arguments)

    def delete_connection(self, **arguments: Any) -> None:
        self._ask("delete", arguments)

    def get_connection(self, **arguments: Any) -> dict[str, Any]:
        return self._ask("get", arguments)


class Session:
    """Makes clients as a boto3 session does, and remembers what was asked of whom."""

    def __init__(self, region_name: str | None = None) -> None:
        self.region_name = region_name
        self.clients: list[tuple[str, str]] = []
        self.asked: list[Any] = []

    def client(self, service: str, *, endpoint_url: str) -> Client:
        self.clients.append((service, endpoint_url))
        return Client(self.asked)


def test_messages_go_through_the_configured_endpoint() -> None:
    session, api = Session(), WebsocketAPI(env={})
    api.session = session
    api.configure("ws.example.com", "dev")
    api.configure("other.example.com", "prod")
    api.configure_from_api_id("abcd", "prod")
    assert session.clients == []
    api.send("c", "hello")
    api.close("c")
    assert api.info("c") == {"ConnectedAt": "now"}
    assert session.clients == [("apigatewaymanagementapi", "https://ws.example.com/dev")]
    assert session.asked == [
        ("post", {"ConnectionId": "c", "Data": "hello"}),
        ("delete", {"ConnectionId": "c"}),
        ("get", {"ConnectionId": "c"}),
    ]


@pytest.mark.parametrize(
    ("env", "session_region", "domain"),
    [
        ({"AWS_REGION": "eu-west-1"}, None, "eu-west-1.amazonaws.com"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, "us-east-1", "eu-west-2.amazonaws.com"),
        ({"AWS_REGION": "a", "AWS_DEFAULT_REGION": "b"}, None, "a.amazonaws.com"),
        ({}, "us-east-1", "us-east-1.amazonaws.com"),
        ({"AWS_REGION": "cn-north-1"}, None, "cn-north-1.amazonaws.com.cn"),
    ],
)
def test_the_region_is_looked_for_in_the_environment_then_in_the_session(
    env: dict[str, str], session_region: str | None, domain: str
) -> None:
    session, api = Session(session_region), WebsocketAPI(env)
    api.session = session
    api.configure_from_api_id("abcd", "dev")
    api.send("c", "")
    assert session.clients[0][1] == f"https://abcd.execute-api.{domain}/dev"


def test_a_region_is_needed() -> None:
    with pytest.raises(ValueError) as caught:
        WebsocketAPI(env={}).configure_from_api_id("abcd", "dev")
    assert str(caught.value) == (
        "Unable to retrieve the region name when configuring the websocket client.  Either set the "
        "'AWS_REGION' environment variable or assign 'app.websocket_api.session' to a boto3 "
        "session."
    )


def test_the_environment_is_that_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    session, api = Session(), WebsocketAPI()
    api.session = session
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    api.configure_from_api_id("abcd", "dev")
    api.close("c")
    assert session.clients[0][1] == "https://abcd.execute-api.ap-south-1.amazonaws.com/dev"


@pytest.mark.parametrize("base", ["http://127.0.0.1:4581", "http://127.0.0.1:4581/"])
def test_something_may_stand_in_for_api_gateway(base: str) -> None:
    env = {"AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": base, "AWS_REGION": "eu-west-1"}
    for domain, endpoint in (
        (None, "http://127.0.0.1:4581/abcd/dev"),
        ("abcd.execute-api.eu-west-1.amazonaws.com", "http://127.0.0.1:4581/abcd/dev"),
        ("ws.example.com", "https://ws.example.com/dev"),
    ):
        session, api = Session(), WebsocketAPI(env)
        api.session = session
        if domain is None:
            api.configure_from_api_id("abcd", "dev")
        else:
            api.configure(domain, "dev")
        api.close("c")
        assert session.clients[0][1] == endpoint


def test_a_session_and_an_endpoint_are_needed() -> None:
    api = WebsocketAPI(env={})
    with pytest.raises(ValueError) as without_session:
        api.send("c", "")
    assert str(without_session.value) == (
        "Assign app.websocket_api.session to a boto3 session before using the WebsocketAPI"
    )
    api.session = Session()
    with pytest.raises(ValueError) as without_endpoint:
        api.info("c")
    assert str(without_endpoint.value) == (
        "WebsocketAPI.configure must be called before using the WebsocketAPI"
    )


def test_a_client_that_is_gone_is_an_error_of_its_own() -> None:
    api = WebsocketAPI(env={})
    api.session = Session()
    api.configure("ws.example.com", "dev")
    for ask in (lambda: api.send("gone", ""), lambda: api.close("gone"), lambda: api.info("gone")):
        with pytest.raises(WebsocketDisconnectedError) as caught:
            ask()
        assert caught.value.connection_id == str(caught.value) == "gone"
    with pytest.raises(PermissionError):
        api.send("forbidden", "")


class Gone(BaseHTTPRequestHandler):
    """API Gateway's answer for a connection that ended."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(410)
        self.send_header("x-amzn-ErrorType", "GoneException")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Says nothing."""


def test_a_session_of_boto3_says_who_is_gone() -> None:
    with HTTPServer(("127.0.0.1", 0), Gone) as server:
        Thread(target=server.serve_forever, daemon=True).start()

        class Local:
            """Makes real clients, of a server on this machine."""

            def client(self, service: Any, *, endpoint_url: str) -> Any:
                session = boto3.Session("key", "secret", region_name="us-east-1")
                here = f"http://127.0.0.1:{server.server_port}"
                return session.client(service, endpoint_url=here)

        api = WebsocketAPI(env={})
        api.session = Local()
        api.configure("ws.example.com", "dev")
        with pytest.raises(WebsocketDisconnectedError, match="the-id"):
            api.send("the-id", b"bytes")
        server.shutdown()


def test_one_client_serves_all_threads() -> None:
    session, api = Session(), WebsocketAPI(env={})
    api.session = session
    api.configure("ws.example.com", "dev")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: api.send(str(number), ""), range(64)))
    assert len(session.clients) == 1
    assert len(session.asked) == 64


def test_an_app_has_one_api_that_can_be_replaced() -> None:
    app = new_app()
    first = app.websocket_api
    assert isinstance(first, WebsocketAPI)
    assert app.websocket_api is first
    assert first.session is None
    second = app.websocket_api = WebsocketAPI(env={})
    assert app.websocket_api is second


def test_the_three_routes_are_recorded() -> None:
    app = new_app()

    def f(event: WebsocketEvent) -> None:
        """Does nothing."""

    assert app._features_used == set()
    app.on_ws_connect(name="a")(f)
    app.on_ws_message()(f)
    app.on_ws_disconnect()(f)
    connect, message, disconnect = app.websocket_handlers.values()
    assert list(app.websocket_handlers) == ["$connect", "$default", "$disconnect"]
    assert isinstance(connect, WebsocketConnectConfig)
    assert isinstance(message, WebsocketMessageConfig)
    assert isinstance(disconnect, WebsocketDisconnectConfig)
    assert vars(connect) == {
        "name": "a",
        "handler_string": "app.f",
        "route_key_handled": "$connect",
        "handler_function": f,
    }
    assert connect.CONNECT_ROUTE == "$connect"
    assert message.route_key_handled == "$default"
    assert disconnect.route_key_handled == disconnect.DISCONNECT_ROUTE == "$disconnect"
    assert app._features_used == {"WEBSOCKETS"}
    assert list(app.handler_map) == ["a", "f"]


def test_records_can_be_made_by_position() -> None:
    assert WebsocketMessageConfig("n", "$default", "h", print).handler_function is print
    assert WebsocketConnectConfig("n", "h", print).handler_string == "h"
    assert WebsocketDisconnectConfig("n", "h", print).handler_function is print


@pytest.mark.parametrize("kind", ["on_ws_connect", "on_ws_message", "on_ws_disconnect"])
def test_a_route_has_one_handler(kind: str) -> None:
    app = new_app()
    declare = {
        "on_ws_connect": app.on_ws_connect,
        "on_ws_message": app.on_ws_message,
        "on_ws_disconnect": app.on_ws_disconnect,
    }[kind]
    declare()(lambda event: None)
    with pytest.raises(ValueError) as caught:
        declare(name="second")(lambda event: None)
    assert str(caught.value) == (
        f"Duplicate websocket handler: '{kind}'. "
        "There can only be one handler for each websocket decorator."
    )
    assert list(app.handler_map) == ["<lambda>"]


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-west-2")


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        (None, {"statusCode": 200}),
        ("text", {"statusCode": 200}),
        ([1], {"statusCode": 200}),
        ({}, {"statusCode": 200}),
        ({"body": "x"}, {"statusCode": 200, "body": "x"}),
        ({"statusCode": 403}, {"statusCode": 403}),
        (
            Response({"a": 1}, {"X": "y"}, 400),
            {
                "statusCode": 400,
                "headers": {"X": "y"},
                "multiValueHeaders": {},
                "body": '{"a":1}',
            },
        ),
    ],
)
def test_what_handlers_return_becomes_an_answer(result: Any, answer: dict[str, Any]) -> None:
    handler = new_app().on_ws_message()(lambda event: result)
    assert isinstance(handler, WebsocketEventSourceHandler)
    assert isinstance(handler, BaseLambdaHandler)
    assert handler(websocket_event(body="hi"), CONTEXT) == answer
    handler(websocket_event(body="hi"), CONTEXT).clear()
    assert WebsocketEventSourceHandler.WEBSOCKET_API_RESPONSE == {"statusCode": 200}


def test_a_handler_can_send_to_whoever_sent_the_message() -> None:
    app = new_app()
    session = app.websocket_api.session = Session()

    @app.on_ws_message()
    def echo(event: WebsocketEvent) -> None:
        """Sends it back."""
        app.websocket_api.send(event.connection_id, event.body)

    assert (echo.__name__, echo.__doc__) == ("echo", "Sends it back.")
    assert echo(websocket_event(body="hi"), CONTEXT) == {"statusCode": 200}
    assert session.clients[0][1] == "https://abcd1234.execute-api.us-west-2.amazonaws.com/dev"
    assert session.asked == [("post", {"ConnectionId": "JHlLzdS1PHcCGHA=", "Data": "hi"})]


def test_handlers_keep_the_api_of_when_they_were_declared() -> None:
    app = new_app()
    first, second = Session(), Session()
    app.websocket_api.session = first
    declared = app.websocket_api
    handler = app.on_ws_connect()(lambda event: declared.close("c"))
    app.websocket_api = WebsocketAPI(env={})
    app.websocket_api.session = second
    handler(websocket_event("$connect"), CONTEXT)
    assert (len(first.asked), len(second.asked)) == (1, 0)


def test_errors_reach_lambda_unless_the_app_handles_them() -> None:
    app = new_app()
    errors: list[Exception] = [BadRequestError("no"), KeyError("k")]
    app.error(KeyError)(lambda error: Response("sorry", status_code=503))

    @app.on_ws_message()
    def failing(event: WebsocketEvent) -> None:
        raise errors.pop(0)

    with pytest.raises(BadRequestError, match="no"):
        failing(websocket_event(), CONTEXT)
    assert failing(websocket_event(), CONTEXT)["statusCode"] == 503


def test_middleware_of_websockets_sees_what_the_handler_returns() -> None:
    app = new_app()
    seen: list[Any] = []

    @app.middleware("websocket")
    def watch(event: WebsocketEvent, get_response: Any) -> Any:
        seen.append((event.connection_id, get_response(event)))
        return {"statusCode": 202}

    handler = app.on_ws_message()(lambda event: "raw")
    assert handler(websocket_event(), CONTEXT) == {"statusCode": 202}
    assert seen == [("JHlLzdS1PHcCGHA=", "raw")]


def test_websocket_handlers_of_a_blueprint_work() -> None:
    app, other, blueprint = new_app(), new_app(), Blueprint("chalicelib.chat")
    session = app.websocket_api.session = Session()

    @blueprint.on_ws_message(name="chat")
    def chat(event: WebsocketEvent) -> dict[str, Any]:
        blueprint.current_app.websocket_api.send(event.connection_id, event.body)
        return {"body": "sent"}

    @blueprint.on_ws_connect()
    def connect(event: WebsocketEvent) -> None:
        """Lets everybody in."""

    assert connect(websocket_event("$connect"), CONTEXT) == {"statusCode": 200}
    app.register_blueprint(blueprint, name_prefix="pre_")
    record = app.websocket_handlers["$default"]
    assert (record.name, record.handler_string) == ("pre_chat", "chalicelib.chat.chat")
    assert chat(websocket_event(body="hi"), CONTEXT) == {"statusCode": 200, "body": "sent"}
    assert len(session.asked) == 1
    other.websocket_api.session = Session()
    other.register_blueprint(blueprint)
    assert chat(websocket_event(body="hi"), CONTEXT) == {"statusCode": 200, "body": "sent"}
    assert len(other.websocket_api.session.asked) == 1
    assert len(session.asked) == 1


def test_one_function_can_serve_all_routes_and_a_schedule() -> None:
    app = new_app()
    seen: list[str] = []

    @app.on_ws_connect("connect")
    @app.on_ws_message("message")
    @app.schedule("rate(1 minute)", "ping")
    def handle(event: Any) -> None:
        seen.append(type(event).__name__)

    assert handle(websocket_event("$connect"), CONTEXT) == {"statusCode": 200}
    assert handle(scheduled_event(), CONTEXT) is None
    assert seen == ["WebsocketEvent", "CloudWatchEvent"]
