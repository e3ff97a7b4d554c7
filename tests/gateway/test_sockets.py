"""WebSockets through the gateway: handshakes, events, routes, answers, limits."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from chalice.gateway.invoker import InvocationResult
from chalice.gateway.mounts import Mapped
from chalice.gateway.sockets.sockets import SocketLimits
from tests.gateway.serving import Shelf, result
from tests.gateway.sockets import (
    Server,
    chat,
    echo,
    functions,
    integration,
    route,
    serving,
    talking,
    wait_for,
)

RESPONDING = chat(route("$default", responds=True), route("$disconnect"))


def refusal(server: Server, path: str = "/ws1/dev", **more: Any) -> tuple[int, dict[str, Any]]:
    with pytest.raises(InvalidStatus) as refused:
        server.connect(path, **more)
    response = refused.value.response
    return response.status_code, json.loads(response.body or b"{}")


def failure(event: dict[str, Any]) -> InvocationResult:
    return InvocationResult(b'{"errorMessage": "boom"}', error="Unhandled")


def test_a_client_connects_sends_and_leaves() -> None:
    ran = functions()
    with serving(chat(variables={"level": "high"}), ran) as server:
        with server.connect("/ws1/dev?room=a&room=b", user_agent_header="tests") as client:
            client.send("hello")
            wait_for(ran, "MESSAGE")
            client.close(4001, "had enough")
        wait_for(ran, "DISCONNECT")
    connected, said, left = ran.events
    context = connected["requestContext"]
    connection_id = context["connectionId"]
    assert re.fullmatch(r"[\w-]{15}=", connection_id)
    assert context == {
        "routeKey": "$connect",
        "eventType": "CONNECT",
        "extendedRequestId": context["requestId"],
        "requestTime": context["requestTime"],
        "messageDirection": "IN",
        "stage": "dev",
        "connectedAt": context["requestTimeEpoch"],
        "requestTimeEpoch": pytest.approx(time.time() * 1000, abs=10_000),
        "identity": {"sourceIp": "127.0.0.1", "userAgent": "tests"},
        "requestId": context["requestId"],
        "domainName": "ws1.execute-api.eu-west-1.amazonaws.com",
        "connectionId": connection_id,
        "apiId": "ws1",
    }
    assert connected["queryStringParameters"] == {"room": "b"}
    assert connected["multiValueQueryStringParameters"] == {"room": ["a", "b"]}
    assert connected["headers"]["Sec-WebSocket-Version"] == "13"
    assert connected["multiValueHeaders"]["Host"] == [f"127.0.0.1:{server.port}"]
    assert {"Upgrade", "Connection"}.isdisjoint(connected["headers"])
    assert (connected["isBase64Encoded"], connected["stageVariables"]) == (False, {"level": "high"})
    assert "body" not in connected
    context = said["requestContext"]
    assert (context["routeKey"], context["eventType"]) == ("$default", "MESSAGE")
    assert context["messageId"] != context["requestId"]
    assert context["connectedAt"] == connected["requestContext"]["connectedAt"]
    assert (said["body"], said["isBase64Encoded"]) == ("hello", False)
    assert "headers" not in said
    context = left["requestContext"]
    assert (context["routeKey"], context["eventType"]) == ("$disconnect", "DISCONNECT")
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (4001, "had enough")
    assert {each["requestContext"]["connectionId"] for each in ran.events} == {connection_id}


def test_a_client_that_says_nothing_as_it_leaves_is_reported_in_the_words_of_aws() -> None:
    ran = functions()
    with talking(chat(), ran) as client:
        client.socket.sendall(b"\x88\x80\0\0\0\0")  # a close frame with nothing in it
        context = wait_for(ran, "DISCONNECT")["requestContext"]
        assert context["disconnectStatusCode"] == 1005
        assert context["disconnectReason"] == "Client-side close frame status not set"
    ran = functions()
    with talking(chat(), ran) as client:
        client.socket.shutdown(2)
        context = wait_for(ran, "DISCONNECT")["requestContext"]
        assert context["disconnectStatusCode"] == 1006


@pytest.mark.parametrize("path", ["/ws1/other", "/none/dev", "/ws1", "/ws1/dev/more", "/"])
def test_what_is_not_there_refuses_the_handshake(path: str) -> None:
    with serving(chat(), functions()) as server:
        status, body = refusal(server, path)
        assert (status, body["message"]) == (403, "Forbidden")


def test_an_api_is_found_by_its_host_and_with_a_slash_at_the_end() -> None:
    ran = functions()
    with serving(chat(), ran) as server:
        server.connect("/ws1/dev/").close()
        host = {"Host": "ws1.execute-api.localhost"}
        server.connect("/dev", additional_headers=host).close()
        assert wait_for(ran, "CONNECT")


def test_a_custom_domain_leads_to_the_stage_it_is_mapped_to() -> None:
    def domains(name: str, path: str) -> Mapped | None:
        if name != "ws.example.com" or not path.startswith("/chat"):
            return None
        return Mapped("ws1", "dev", "/chat", path[5:] or "/")

    ran = functions()
    with serving(chat(), ran, domains=domains) as server:
        server.connect("/chat", additional_headers={"Host": "ws.example.com:80"}).close()
        event = wait_for(ran, "CONNECT")
        assert event["requestContext"]["domainName"] == "ws.example.com"
        assert refusal(server, "/else", additional_headers={"Host": "ws.example.com"})[0] == 403


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        (lambda _: result({"statusCode": 401, "body": '{"message": "no"}'}), 401, "no"),
        (lambda _: result({"statusCode": 302}), 302, None),
        (failure, 502, "Internal server error"),
        (lambda _: result("fine"), 502, "Internal server error"),
        (lambda _: result({"body": "fine"}), 502, "Internal server error"),
        (lambda _: InvocationResult(b"{}", throttled=True), 500, "Internal server error"),
    ],
)
def test_what_connect_answers_may_refuse_the_handshake(
    answer: Any, status: int, message: str | None
) -> None:
    ran = functions(connect=answer)
    with serving(chat(), ran) as server:
        found, body = refusal(server)
    assert (found, body.get("message")) == (status, message)
    assert [each["requestContext"]["eventType"] for each in ran.events] == ["CONNECT"]


def test_a_function_that_is_missing_or_too_slow_refuses_the_handshake() -> None:
    async def slow(_: dict[str, Any]) -> InvocationResult:
        await asyncio.sleep(0.3)
        return result({"statusCode": 200})

    chats = chat(route("$connect", integration("arn:missing")))
    with serving(chats, functions()) as server:
        assert refusal(server)[0] == 500
    with serving(
        chat(route("$connect", integration(timeoutInMillis=50))), functions(connect=slow)
    ) as server:
        assert refusal(server)[1]["message"] == "Endpoint request timed out"


def test_a_refusal_names_connection_and_request() -> None:
    with serving(chat(), functions(connect=failure)) as server:
        assert set(refusal(server)[1]) == {"message", "connectionId", "requestId"}


def test_the_function_chooses_the_subprotocol() -> None:
    chosen = result({"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "two"}})
    offered = [Subprotocol("one"), Subprotocol("two")]
    with serving(chat(), functions(connect=lambda _: chosen)) as server:
        client = server.connect(subprotocols=offered)
        assert client.subprotocol == "two"
        client.close()
    ran = functions()
    with serving(chat(), ran) as server:
        client = server.connect(subprotocols=offered)
        assert client.subprotocol is None
        client.close()
    assert ran.events[0]["headers"]["Sec-WebSocket-Protocol"] == "one, two"


@pytest.mark.parametrize(
    ("selection", "message", "key"),
    [
        ("$request.body.action", '{"action": "join"}', "join"),
        ("${request.body.action}", '{"action": "join"}', "join"),
        ("$request.body.to.action", '{"to": {"action": "join"}}', "join"),
        ("$request.body.number", '{"number": 7}', "7"),
        ("${request.body.a}/${request.body.b}", '{"a": "x", "b": "y"}', "x/y"),
        ("$request.body.action", '{"action": "unknown"}', "$default"),
        ("$request.body.action", '{"action": "$connect"}', "$default"),
        ("$request.body.action", '{"action": ["join"]}', "$default"),
        ("$request.body.action", "{}", "$default"),
        ("$request.body.action", "no json", "$default"),
        ("$request.body.action", "", "$default"),
        ("$request.body.action", "[" * 5000, "$default"),
        ("$request.header.action", '{"action": "join"}', "$default"),
    ],
)
def test_the_message_selects_the_route(selection: str, message: str, key: str) -> None:
    routes = [route(name) for name in ("$default", "join", "7", "x/y")]
    ran = functions()
    with talking(chat(*routes, selection=selection), ran) as client:
        client.send(message)
        assert wait_for(ran, "MESSAGE")["requestContext"]["routeKey"] == key


def test_a_message_without_a_route_is_forbidden() -> None:
    with talking(chat(route("join")), functions()) as client:
        client.send("hello")
        answer = json.loads(client.recv(timeout=5))
    assert answer["message"] == "Forbidden"
    assert set(answer) == {"message", "connectionId", "requestId"}


@pytest.mark.parametrize("answer", [failure, lambda _: result(None), lambda _: result({"x": 1})])
def test_a_message_whose_function_failed_is_answered(answer: Any) -> None:
    with serving(chat(), functions(default=answer)) as server, server.connect() as client:
        client.send("hello")
        assert json.loads(client.recv(timeout=5))["message"] == "Internal server error"
        client.send("again")
        assert json.loads(client.recv(timeout=5))["message"] == "Internal server error"


def test_a_route_may_send_back_what_its_function_returns() -> None:
    with talking(RESPONDING, functions(default=echo)) as client:
        client.send("hä")
        assert client.recv(timeout=5) == "hä"
    encoded = result({"statusCode": 200, "body": "AAE=", "isBase64Encoded": True})
    with talking(RESPONDING, functions(default=lambda _: encoded)) as client:
        client.send("binary?")
        assert client.recv(timeout=5) == b"\x00\x01"


def test_other_routes_send_nothing_back() -> None:
    routes = (route("$default", responds=True), route("quiet"))
    with talking(chat(*routes), functions(echo)) as client:
        client.send('{"action": "quiet"}')
        client.send("loud")
        assert client.recv(timeout=5) == "loud"


def test_a_slow_message_holds_up_neither_the_next_nor_other_clients() -> None:
    async def handle(event: dict[str, Any]) -> InvocationResult:
        if event["body"] == "slow":
            await asyncio.sleep(0.4)
        return result({"statusCode": 200, "body": event["body"]})

    with serving(RESPONDING, functions(default=handle)) as server:
        one, other = server.connect(), server.connect()
        with one, other:
            began = time.monotonic()
            one.send("slow")
            one.send("fast")
            other.send("fast")
            assert other.recv(timeout=5) == one.recv(timeout=5) == "fast"
            assert time.monotonic() - began < 0.3
            assert one.recv(timeout=5) == "slow"


def test_a_connection_has_as_many_messages_under_way_as_it_may() -> None:
    running = most = 0

    async def handle(event: dict[str, Any]) -> InvocationResult:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        return echo(event)

    limits = SocketLimits(concurrent=3)
    with talking(RESPONDING, functions(default=handle), limits=limits) as client:
        for number in range(10):
            client.send(str(number))
        assert {client.recv(timeout=5) for _ in range(10)} == set(map(str, range(10)))
    assert most == 3


@pytest.mark.parametrize("limits", [SocketLimits(idle=0.2), SocketLimits(lifetime=0.2)])
def test_a_connection_ends_when_it_is_idle_or_old(limits: SocketLimits) -> None:
    ran = functions()
    with talking(chat(), ran, limits=limits) as client:
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=5)
        assert client.protocol.close_code == 1001
        assert wait_for(ran, "DISCONNECT")["requestContext"]["disconnectStatusCode"] == 1001


def test_messages_keep_a_connection_from_being_idle() -> None:
    with talking(RESPONDING, functions(default=echo), limits=SocketLimits(idle=0.3)) as client:
        for _ in range(5):
            client.send("still here")
            assert client.recv(timeout=5) == "still here"
            time.sleep(0.1)


def test_a_binary_message_ends_the_connection() -> None:
    with talking(chat(), functions()) as client:
        client.send(b"\x00")
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=5)
        assert client.protocol.close_code == 1003


def test_a_stage_that_is_deployed_anew_serves_open_connections() -> None:
    chats = Shelf()
    chats.put(chat())
    ran = functions(default=echo)
    with talking(chats, ran) as client:
        chats.put(RESPONDING)
        client.send("now?")
        assert client.recv(timeout=5) == "now?"
        chats.deployments.clear()
        client.send("and now?")
        assert json.loads(client.recv(timeout=5))["message"] == "Forbidden"
