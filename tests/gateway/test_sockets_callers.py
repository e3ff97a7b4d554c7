"""Who may connect to a WebSocket API, and who may manage its connections."""

from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from chalice.gateway.deployment import ApiKey
from chalice.gateway.invoker import InvocationResult
from chalice.iam.evaluation import Decision
from tests.gateway.identities import Signers
from tests.gateway.serving import FUNCTION, Functions, result, uri
from tests.gateway.sockets import DONE, Server, chat, echo, functions, route, serving, wait_for

GUARD = "arn:aws:lambda:eu-west-1:123456789012:function:guard"
ARN = "arn:aws:execute-api:eu-west-1:123456789012:ws1/dev"


def verdict(effect: str, **context: object) -> InvocationResult:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": f"{ARN}/$connect"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return result({"principalId": "bob", "policyDocument": policy, "context": context})


def guarded(*sources: str) -> Any:
    guard = {"name": "guard", "authorizerUri": uri(GUARD), "identitySource": sources}
    return chat(
        route("$connect", authorizationType="CUSTOM", authorizerId="g"),
        route("$default"),
        route("$disconnect"),
        authorizers={"g": guard},
        variables={"level": "high"},
    )


def refusal(server: Server, path: str = "/ws1/dev", **headers: str) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as refused:
        server.connect(path, additional_headers=headers)
    body = json.loads(refused.value.response.body or b"{}")
    return refused.value.response.status_code, body.get("message", body.get("Message"))


def test_an_authorizer_sees_the_handshake_and_all_events_what_it_said() -> None:
    asked: list[dict[str, Any]] = []

    def guard(event: dict[str, Any]) -> InvocationResult:
        asked.append(event)
        return verdict("Allow", level=7, admin=True)

    ran = Functions({FUNCTION: lambda _: DONE, GUARD: guard})
    with serving(guarded("route.request.querystring.token"), ran) as server:
        with server.connect("/ws1/dev?token=t") as client:
            client.send("hello")
            wait_for(ran, "MESSAGE")
        wait_for(ran, "DISCONNECT")
    (event,) = asked
    assert (event["type"], event["methodArn"]) == ("REQUEST", f"{ARN}/$connect")
    assert event["queryStringParameters"] == {"token": "t"}
    assert event["headers"]["Sec-WebSocket-Version"] == "13"
    assert event["stageVariables"] == {"level": "high"}
    assert event["requestContext"]["routeKey"] == "$connect"
    others = [each for each in ran.events if "type" not in each]
    assert [each["requestContext"]["eventType"] for each in others] == [
        "CONNECT",
        "MESSAGE",
        "DISCONNECT",
    ]
    for each in others:
        said = each["requestContext"]["authorizer"]
        assert (said["principalId"], said["level"], said["admin"]) == ("bob", "7", "true")
    assert event["requestContext"]["connectionId"] == others[0]["requestContext"]["connectionId"]


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        (verdict("Deny"), 403, "User is not authorized to access this resource with an explicit"),
        (result({"principalId": "bob", "policyDocument": {"Statement": []}}), 403, "User is not"),
        (InvocationResult(b'{"errorMessage": "Unauthorized"}', "Unhandled"), 401, "Unauthorized"),
        (InvocationResult(b'{"errorMessage": "boom"}', "Unhandled"), 500, None),
        (result("yes"), 500, None),
    ],
)
def test_an_authorizer_that_does_not_allow_refuses_the_handshake(
    answer: InvocationResult, status: int, message: str | None
) -> None:
    ran = Functions({FUNCTION: lambda _: DONE, GUARD: lambda _: answer})
    with serving(guarded(), ran) as server:
        found, said = refusal(server)
    assert found == status
    assert said is None if message is None else said.startswith(message)
    assert all("type" in event for event in ran.events)


@pytest.mark.parametrize(
    ("sources", "path", "headers"),
    [
        (["route.request.querystring.token"], "/ws1/dev", {}),
        (["route.request.querystring.token"], "/ws1/dev?token=", {}),
        (["route.request.header.Auth", "route.request.querystring.token"], "/ws1/dev?token=t", {}),
        (["stageVariables.none"], "/ws1/dev", {}),
    ],
)
def test_without_what_identifies_it_nobody_is_asked_about_a_client(
    sources: list[str], path: str, headers: dict[str, str]
) -> None:
    ran = Functions({GUARD: lambda _: verdict("Allow")})
    with serving(guarded(*sources), ran) as server:
        assert refusal(server, path, **headers) == (401, "Unauthorized")
    assert ran.events == []


def test_each_client_is_asked_about_anew() -> None:
    ran = Functions({FUNCTION: lambda _: DONE, GUARD: lambda _: verdict("Allow")})
    sources = ("route.request.header.Sec-WebSocket-Protocol", "stageVariables.level")
    with serving(guarded(*sources), ran) as server:
        for _ in range(2):
            server.connect(subprotocols=[Subprotocol("token")]).close()
    assert len([event for event in ran.events if "type" in event]) == 2


def test_a_signed_handshake_needs_a_signer_who_may_connect() -> None:
    signers = Signers(bob=Decision.ALLOWED, eve=Decision.DENIED, amy=Decision.NOT_ALLOWED)
    signed = chat(route("$connect", authorizationType="AWS_IAM"))
    with serving(signed, functions(), signatures=signers) as server:
        assert refusal(server) == (403, "Missing Authentication Token")
        assert refusal(server, authorization="mallory") == (403, "It does not match.")
        for name in ("eve", "amy"):
            status, message = refusal(server, authorization=name)
            assert status == 403
            assert message.startswith(
                f"User: arn:aws:iam::123456789012:user/{name} is not authorized to perform: "
                f"execute-api:Invoke on resource: {ARN}/$connect"
            )
        server.connect(additional_headers={"authorization": "bob"}).close()
    assert signers.asked[-1][:2] == ("execute-api:Invoke", f"{ARN}/$connect")


def test_a_route_may_need_an_api_key() -> None:
    keyed = chat(route("$connect", apiKeyRequired=True))
    keys = {"good": ApiKey("k1")}
    with serving(keyed, functions(), api_keys=lambda _, value: keys.get(value)) as server:
        assert refusal(server) == (403, "Forbidden")
        assert refusal(server, **{"x-api-key": "bad"}) == (403, "Forbidden")
        server.connect(additional_headers={"x-api-key": "good"}).close()


@pytest.mark.parametrize(
    "connect",
    [
        route("$connect", authorizationType="JWT"),
        route("$connect", authorizationType="CUSTOM", authorizerId="none"),
        route("$connect", None),
        route("$connect", {"integrationType": "HTTP_PROXY"}),
        route("$connect", {"integrationType": "AWS_PROXY", "integrationUri": "nonsense"}),
        route("$connect", {"integrationType": "MOCK"}),
    ],
)
def test_what_the_gateway_cannot_do_lets_nobody_in(connect: dict[str, Any]) -> None:
    with serving(chat(connect), functions()) as server:
        assert refusal(server)[0] == 500


def test_a_mock_integration_lets_clients_in_without_a_function() -> None:
    templates = {"requestTemplates": {"$default": '{"statusCode": 200}'}}
    mock = route("$connect", {"integrationType": "MOCK", **templates})
    ran = functions()
    with serving(chat(mock), ran) as server:
        server.connect().close()
    assert ran.events == []


def test_connections_are_managed_by_those_who_may() -> None:
    signers = Signers(bob=Decision.ALLOWED, eve=Decision.DENIED)
    ran = functions(default=echo)
    with serving(chat(), ran, signatures=signers) as server, server.connect() as client:
        connection_id = wait_for(ran, "CONNECT")["requestContext"]["connectionId"]
        path = f"/ws1/dev/@connections/{connection_id.replace('=', '%3D')}"

        def ask(method: str, name: str | None, **more: Any) -> tuple[int, str]:
            headers = {} if name is None else {"Authorization": name}
            answer = server.http.request(method, path, headers=headers, **more)
            return answer.status_code, answer.headers.get("x-amzn-errortype", "")

        assert ask("POST", None) == (403, "MissingAuthenticationTokenException")
        assert ask("POST", "mallory") == (403, "InvalidSignatureException")
        assert ask("DELETE", "eve") == (403, "AccessDeniedException")
        assert ask("POST", "bob", content=b"hello") == (200, "")
        assert client.recv(timeout=5) == "hello"
        assert signers.requests[-1].body == b"hello"
        assert signers.requests[-1].path == path
        action, resource, _ = signers.asked[-1]
        assert action == "execute-api:ManageConnections"
        assert resource == f"{ARN}/POST/@connections/{connection_id}"
        assert ask("PUT", "bob")[0] == 403
        assert ask("DELETE", "bob") == (204, "")
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=5)
        assert client.protocol.close_code == 1000
        left = wait_for(ran, "DISCONNECT")["requestContext"]
        assert left["disconnectReason"] == "Connection Closed Normally"
        assert ask("POST", "bob", content=b"hello") == (410, "GoneException")


def test_a_client_can_be_sent_to_only_once_it_is_connected() -> None:
    codes: list[int] = []
    places: list[Server] = []

    async def connect(event: dict[str, Any]) -> InvocationResult:
        import asyncio

        connection_id = event["requestContext"]["connectionId"]
        answer = await asyncio.to_thread(places[0].manage, "POST", connection_id, b"not yet")
        codes.append(answer.status_code)
        return DONE

    with serving(chat(), functions(connect=connect)) as server:
        places.append(server)
        server.connect().close()
    assert codes == [410]
