from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
from collections.abc import Iterator
from typing import Any, Literal

import httpx
import pytest

from chalice.gateway.deployment import ApiKey
from chalice.gateway.invoker import InvocationResult
from chalice.gateway.mounts import RootMount, SharedMount
from tests.gateway.serving import (
    FUNCTION,
    NOW,
    OK,
    REQUEST_ID,
    Counter,
    Functions,
    Shelf,
    deployment,
    exchange,
    gateway,
    proxy,
    result,
    serve,
    uri,
)

FORBIDDEN = {"message": "Forbidden"}
MISSING_TOKEN = {"message": "Missing Authentication Token"}
BROKEN = {"message": "Internal server error"}
PREFLIGHT: dict[str, Any] = {
    "x-amazon-apigateway-integration": {
        "type": "mock",
        "passthroughBehavior": "when_no_match",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {
            "default": {
                "statusCode": "200",
                "responseParameters": {
                    "method.response.header.Access-Control-Allow-Methods": "'GET,OPTIONS'",
                    "method.response.header.Access-Control-Allow-Origin": "'*'",
                },
            }
        },
    }
}


def mock(**changes: object) -> dict[str, object]:
    integration = {**PREFLIGHT["x-amazon-apigateway-integration"], **changes}
    return {"x-amazon-apigateway-integration": integration}


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with Counter().open() as counter:
        yield counter


ROOT = {"/": {"get": proxy(), "options": PREFLIGHT}}


def test_a_function_gets_the_event_that_aws_documents() -> None:
    functions = Functions()
    api = deployment({"/users/{id}": {"post": proxy()}}, variables={"table": "users"})
    with serve(gateway(api, functions)) as port:
        httpx.post(
            f"http://127.0.0.1:{port}/abc123/api/users/a%20b/?x=1",
            content=b"hello",
            headers={"User-Agent": "check", "Content-Type": "text/plain", "Accept": "*/*"},
        )
    host = f"127.0.0.1:{port}"
    headers = {
        "Host": host,
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": "check",
        "Content-Type": "text/plain",
        "Content-Length": "5",
        "X-Amzn-Trace-Id": "Root=1-6553f100-0123456789abcdef01234567",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Port": str(port),
        "X-Forwarded-Proto": "http",
    }
    (event,) = functions.events
    resource_id = event["requestContext"]["resourceId"]
    assert re.fullmatch("[a-z0-9]{6}", resource_id)
    assert event == {
        "resource": "/users/{id}",
        "path": "/users/a b/",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {"x": "1"},
        "multiValueQueryStringParameters": {"x": ["1"]},
        "pathParameters": {"id": "a b"},
        "stageVariables": {"table": "users"},
        "requestContext": {
            "resourceId": resource_id,
            "resourcePath": "/users/{id}",
            "httpMethod": "POST",
            "extendedRequestId": "ASNFZ4mrze8BI0U=",
            "requestTime": "14/Nov/2023:22:13:20 +0000",
            "path": "/api/users/a%20b/",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "api",
            "domainPrefix": "abc123",
            "requestTimeEpoch": int(NOW * 1000),
            "requestId": str(REQUEST_ID),
            "identity": {
                "cognitoIdentityPoolId": None,
                "accountId": None,
                "cognitoIdentityId": None,
                "caller": None,
                "sourceIp": "127.0.0.1",
                "principalOrgId": None,
                "accessKey": None,
                "cognitoAuthenticationType": None,
                "cognitoAuthenticationProvider": None,
                "userArn": None,
                "userAgent": "check",
                "user": None,
                "apiKey": None,
                "apiKeyId": None,
                "clientCert": None,
            },
            "domainName": host,
            "deploymentId": "dep001",
            "apiId": "abc123",
        },
        "body": "hello",
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(
    ("target", "host", "path"),
    [
        ("/abc123/api", None, "/"),
        ("/abc123/api/", None, "/"),
        ("/abc123/api/?a=1", None, "/"),
        ("/api", "abc123.execute-api.localhost", "/"),
        ("/api/", "ABC123.execute-api.eu-west-1.amazonaws.com:4566", "/"),
    ],
)
def test_an_api_is_found_by_path_or_by_host(
    counter: Counter, target: str, host: str | None, path: str
) -> None:
    functions = Functions()
    headers = {"Host": host} if host else {}
    assert (
        counter.ask(deployment(ROOT), functions, target=target, headers=headers).status_code == 200
    )
    (event,) = functions.events
    assert event["path"] == path
    assert event["requestContext"]["path"] == "/api" + path


@pytest.mark.parametrize("target", ["/", "/abc123", "/abc123/prod/", "/zzz/api/", "/api/"])
def test_an_unknown_api_or_stage_is_forbidden(counter: Counter, target: str) -> None:
    answer = counter.ask(deployment(ROOT), target=target)
    assert (answer.status_code, answer.json()) == (403, FORBIDDEN)
    assert answer.headers["x-amzn-errortype"] == "ForbiddenException"
    assert answer.headers["x-amzn-requestid"] == str(REQUEST_ID)


def test_one_api_may_be_at_the_root_and_be_replaced() -> None:
    functions = Functions()
    current = [deployment(ROOT)]
    with serve(gateway(RootMount(lambda: current[0]), functions)) as port:
        base = f"http://127.0.0.1:{port}"
        assert httpx.get(base).status_code == 200
        assert functions.events[-1]["requestContext"]["path"] == "/"
        assert httpx.get(f"{base}/new").status_code == 403
        current[0] = deployment({"/new": {"get": proxy()}})
        assert httpx.get(f"{base}/new").status_code == 200
        assert functions.events[-1]["requestContext"]["path"] == "/new"


def test_one_connection_takes_a_chunked_body_and_a_head_request() -> None:
    functions = Functions()
    api = deployment({"/": {"post": proxy(), "head": proxy()}})
    with serve(gateway(api, functions)) as port, httpx.Client() as client:
        url = f"http://127.0.0.1:{port}/abc123/api"
        sent = client.post(url, content=iter([b"two ", b"chunks"]))
        assert (sent.text, functions.events[-1]["body"]) == ("ok", "two chunks")
        head = client.head(url)
        assert (head.status_code, head.content) == (200, b"")
        assert client.post(url, content=b"again").text == "ok"


def test_a_new_deployment_is_served_at_once() -> None:
    shelf = Shelf()
    shelf.put(deployment(ROOT))
    with serve(gateway(SharedMount(shelf), Functions())) as port:
        base = f"http://127.0.0.1:{port}/abc123/api"
        assert httpx.get(base).status_code == 200
        shelf.put(deployment({"/": {"post": proxy()}}))
        assert httpx.get(base).status_code == 403
        shelf.deployments.clear()
        assert httpx.post(base).json() == FORBIDDEN


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/nothing"), ("POST", "/"), ("HEAD", "/"), ("GET", "//"), ("PROPFIND", "/")],
)
def test_an_unknown_path_or_method_lacks_a_token(
    counter: Counter, method: str, target: str
) -> None:
    answer = counter.ask(deployment(ROOT), method=method, target="/abc123/api" + target)
    assert answer.status_code == 403
    assert answer.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"
    if method != "HEAD":
        assert answer.json() == MISSING_TOKEN


def test_options_without_cors_lacks_a_token(counter: Counter) -> None:
    answer = counter.ask(deployment({"/": {"get": proxy()}}), method="OPTIONS")
    assert (answer.status_code, answer.json()) == (403, MISSING_TOKEN)


def test_on_an_unknown_path_an_authorization_header_is_read_as_a_signature(
    counter: Counter,
) -> None:
    answer = counter.ask(
        deployment(ROOT), target="/abc123/api/x", headers={"Authorization": 'Bearer "é'.encode()}
    )
    assert answer.status_code == 403
    assert answer.headers["x-amzn-errortype"] == "IncompleteSignatureException"
    assert answer.json() == {
        "message": "Authorization header requires 'Credential' parameter. Authorization header "
        "requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. "
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        'Authorization=Bearer "é'.encode().decode("latin-1")
    }


def test_a_signed_request_for_an_unknown_path_lacks_a_token(counter: Counter) -> None:
    signed = "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0"
    headers = {"Authorization": signed, "X-Amz-Date": "20231114T221320Z"}
    answer = counter.ask(deployment(ROOT), target="/abc123/api/x", headers=headers)
    assert answer.json() == MISSING_TOKEN


def test_a_preflight_is_answered_without_a_function(counter: Counter) -> None:
    functions = Functions()
    answer = counter.ask(deployment(ROOT), functions, method="OPTIONS")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["access-control-allow-methods"] == "GET,OPTIONS"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-type"] == "application/json"
    assert functions.events == []


@pytest.mark.parametrize(
    ("changes", "content_type", "body", "status"),
    [
        ({}, "application/json; charset=utf-8", b"", 200),
        ({}, "text/plain", b"", 500),
        ({}, "text/plain", b'{"statusCode": 200}', 200),
        ({"passthroughBehavior": "never"}, "text/plain", b"", 415),
        ({"passthroughBehavior": "when_no_templates"}, "text/plain", b"", 415),
        ({"requestTemplates": {}}, "text/plain", b'{"statusCode": "x"}', 500),
        ({"requestTemplates": {"application/json": "#set"}}, "application/json", b"", 500),
        ({"responses": {}}, "application/json", b"", 500),
        ({"responses": {"(": {}}}, "application/json", b"", 500),
        ({"responses": {"default": {}, "2..": {"statusCode": 204}}}, "application/json", b"", 204),
        ({"responses": {"default": {}, "4..": {"statusCode": 404}}}, "application/json", b"", 200),
        (
            {
                "responses": {
                    "default": {"responseParameters": {"method.response.header.X": "'a\r\nb'"}}
                }
            },
            "application/json",
            b"",
            500,
        ),
    ],
)
def test_a_mock_integration_follows_its_templates(
    counter: Counter, changes: dict[str, object], content_type: str, body: bytes, status: int
) -> None:
    api = deployment({"/": {"post": mock(**changes)}})
    answer = counter.ask(api, method="POST", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == status


def fails(event: dict[str, Any]) -> InvocationResult:
    return InvocationResult(b'{"errorType": "KeyError", "errorMessage": "x"}', error="Unhandled")


def throttles(event: dict[str, Any]) -> InvocationResult:
    return InvocationResult(b"{}", throttled=True)


def breaks(event: dict[str, Any]) -> InvocationResult:
    raise TimeoutError("of something inside")


def babbles(event: dict[str, Any]) -> InvocationResult:
    return InvocationResult(b"\xff{")


@pytest.mark.parametrize(
    ("handler", "status"), [(fails, 502), (babbles, 502), (throttles, 500), (breaks, 500)]
)
def test_a_broken_function_is_an_internal_server_error(
    counter: Counter, handler: Any, status: int
) -> None:
    answer = counter.ask(deployment(ROOT), Functions({FUNCTION: handler}))
    assert (answer.status_code, answer.json()) == (status, BROKEN)
    assert answer.headers["x-amzn-errortype"] == "InternalServerErrorException"


@pytest.mark.parametrize(
    "operation",
    [
        proxy("arn:aws:lambda:eu-west-1:123456789012:function:gone"),
        {"x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": "nonsense"}},
        {"x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "http://localhost"}},
        {},
    ],
)
def test_an_integration_that_cannot_run_is_an_internal_server_error(
    counter: Counter,
    operation: dict[str, object],
) -> None:
    answer = counter.ask(deployment({"/": {"get": operation}}))
    assert (answer.status_code, answer.json()) == (500, BROKEN)


def test_a_document_that_makes_no_sense_is_an_internal_server_error(counter: Counter) -> None:
    answer = counter.ask(deployment({"no-slash": {"get": proxy()}}))
    assert (answer.status_code, answer.json()) == (500, BROKEN)


def test_a_function_that_takes_too_long_is_left_to_itself() -> None:
    finished = asyncio.Event()

    async def sleep(event: dict[str, Any]) -> InvocationResult:
        if event["path"] == "/slow":
            await finished.wait()
            return OK
        finished.set()
        return OK

    functions = Functions({FUNCTION: sleep})
    api = deployment({"/slow": {"get": proxy(timeoutInMillis=50)}, "/": {"get": proxy()}})
    with serve(gateway(api, functions)) as port:
        base = f"http://127.0.0.1:{port}/abc123/api"
        answer = httpx.get(f"{base}/slow")
        assert answer.status_code == 504
        assert answer.json() == {"message": "Endpoint request timed out"}
        assert httpx.get(base).status_code == 200
        assert finished.is_set()


def test_a_server_that_stops_ends_what_outlived_its_request() -> None:
    ended = []

    async def hang(event: dict[str, Any]) -> InvocationResult:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")
        return OK

    api = deployment({"/": {"get": proxy(timeoutInMillis=50)}})
    with serve(gateway(api, Functions({FUNCTION: hang}))) as port:
        assert httpx.get(f"http://127.0.0.1:{port}/abc123/api").status_code == 504
        assert ended == []
    assert ended == ["cancelled"]


def test_a_client_that_leaves_does_not_stop_its_function() -> None:
    started, left, finished = asyncio.Event(), asyncio.Event(), []

    async def work(event: dict[str, Any]) -> InvocationResult:
        if event["path"] == "/left":
            left.set()
            return OK
        started.set()
        await left.wait()
        finished.append("done")
        return OK

    api = deployment({"/": {"get": proxy()}, "/left": {"get": proxy()}})
    with serve(gateway(api, Functions({FUNCTION: work}))) as port:
        base = f"http://127.0.0.1:{port}/abc123/api"
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(base, timeout=0.2)
        assert started.is_set()
        assert httpx.get(f"{base}/left").status_code == 200
    assert finished == ["done"]


@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_half_a_body_reaches_no_function(http: Literal["h11", "httptools"]) -> None:
    functions = Functions()
    api = deployment({"/": {"post": proxy(), "get": proxy()}})
    with serve(gateway(api, functions), http) as port:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(
                b"POST /abc123/api/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"
            )
        httpx.get(f"http://127.0.0.1:{port}/abc123/api/", verify=False)
    assert [event["httpMethod"] for event in functions.events] == ["GET"]


@pytest.fixture(scope="module", params=["h11", "httptools"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    api = deployment({"/": {"post": proxy(), "get": proxy()}, "/{a+}": {"get": proxy()}})

    def size(event: dict[str, Any]) -> InvocationResult:
        return result({"statusCode": 200, "body": str(len(event["body"] or ""))})

    with serve(gateway(api, Functions({FUNCTION: size})), request.param) as port:
        yield port


def chunks(size: int) -> Iterator[bytes]:
    for _ in range(size // 65536):
        yield b"x" * 65536


TOO_LONG = {"message": "Request Too Long"}


def test_ten_mebibytes_are_taken_and_a_byte_more_is_not(port: int) -> None:
    limit = 10 * 1024 * 1024
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/abc123/api/") as client:
        assert client.post("", content=b"x" * limit).text == str(limit)
        assert client.post("", content=chunks(limit)).text == str(limit)
        for body in (b"x" * (limit + 1), chunks(2 * limit)):
            answer = client.post("", content=body)
            assert (answer.status_code, answer.json()) == (413, TOO_LONG)
            assert answer.headers["x-amzn-errortype"] == "RequestTooLargeException"
        # The connection is as good as new.
        assert client.post("", content=b"x").text == "1"


def test_a_body_that_will_be_too_long_is_not_asked_for(port: int) -> None:
    answer = exchange(
        port,
        b"POST /abc123/api/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        b"Expect: 100-continue\r\nContent-Length: 11000000\r\n\r\n",
    )
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_is_asked_for_when_the_client_waits(port: int) -> None:
    answer = exchange(
        port,
        b"POST /abc123/api/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    )
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\n3")


def test_a_long_uri_and_long_headers_are_refused(port: int) -> None:
    base = f"http://127.0.0.1:{port}/abc123/api/"
    assert httpx.get(base + "a" * 9000).status_code == 200
    assert httpx.get(base + "a" * 10_300).status_code == 414
    assert httpx.get(base + "?" + "a" * 10_300).status_code == 414
    assert httpx.get(base, headers={"X-A": "a" * 9000}).status_code == 200
    answer = httpx.get(base, headers={"X-A": "a" * 6000, "X-B": "a" * 6000})
    assert answer.status_code == 431


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /abc123/api/ HTTP/1.1\r\nHost : a\r\n", b"400"),
        (b"GET /abc123/api/ HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n", b"400"),
        (b"nonsense\r\n", b"400"),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n", b"403"),
        (b"GET /abc123/api/%zz HTTP/1.1\r\nHost: a\r\n", b"200"),
        (b"GET /abc123/api/ HTTP/1.0\r\n", b"200"),
    ],
)
def test_odd_requests_get_an_answer(port: int, request_line: bytes, status: bytes) -> None:
    answer = exchange(port, request_line + b"Connection: close\r\n\r\n")
    assert answer.split()[1] == status


def test_the_answer_to_head_ends_with_its_headers() -> None:
    api = deployment({"/": {"head": proxy()}})
    with serve(gateway(api, Functions())) as port:
        answer = exchange(
            port, b"HEAD /abc123/api/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-length: 2\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("minimum", "accepted", "response", "compressed"),
    [
        (10, "gzip", {"body": "x" * 10}, True),
        (10, "gzip", {"body": "x" * 9}, False),
        (0, "br, *;q=0.1", {"body": "x"}, True),
        (0, "gzip", {"body": ""}, False),
        (0, "gzip;q=0", {"body": "x" * 10}, False),
        (0, "br", {"body": "x" * 10}, False),
        (None, "gzip", {"body": "x" * 10}, False),
        (0, "gzip", {"body": "x" * 200_000}, True),
        (0, "br, gzip", {"body": "x", "headers": {"Content-Encoding": "br"}}, None),
    ],
)
def test_large_answers_are_compressed(
    minimum: int | None, accepted: str, response: dict[str, object], compressed: bool | None
) -> None:
    api = deployment(ROOT, minimum_compression_size=minimum)
    functions = Functions({FUNCTION: lambda event: result({"statusCode": 200, **response})})
    headers = {"Accept-Encoding": accepted}
    with (
        serve(gateway(api, functions)) as port,
        httpx.stream("GET", f"http://127.0.0.1:{port}/abc123/api", headers=headers) as answer,
    ):
        body = b"".join(answer.iter_raw())
        coding = answer.headers.get("content-encoding")
    assert coding == {True: "gzip", False: None, None: "br"}[compressed]
    assert (gzip.decompress(body) if compressed else body) == str(response["body"]).encode()


KEY = {"type": "apiKey", "name": "x-api-key", "in": "header"}


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 403), ({"x-api-key": "bad"}, 403), ({"X-API-KEY": "good"}, 200)]
)
def test_an_api_key_must_be_valid(counter: Counter, headers: dict[str, str], status: int) -> None:
    functions = Functions()
    api = deployment(
        {"/": {"get": {**proxy(), "security": [{"api_key": []}]}}},
        definitions={"api_key": KEY},
    )
    app = gateway(
        api,
        functions,
        api_keys=lambda deployed, key: ApiKey("k1") if (deployed, key) == (api, "good") else None,
    )
    answer = counter.ask(app, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert (answer.json(), functions.events) == (FORBIDDEN, [])
    else:
        identity = functions.events[0]["requestContext"]["identity"]
        assert (identity["apiKey"], identity["apiKeyId"]) == ("good", "k1")


def test_no_api_key_is_valid_unless_somebody_says_so(counter: Counter) -> None:
    api = deployment(
        {"/": {"get": {**proxy(), "security": [{"api_key": []}]}}},
        definitions={"api_key": KEY},
    )
    assert counter.ask(api, headers={"x-api-key": "any"}).json() == FORBIDDEN


def test_a_websocket_is_refused() -> None:
    sent = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    app = gateway(deployment(ROOT), Functions())
    asyncio.run(app({"type": "websocket", "path": "/"}, receive, send))
    assert sent == ["websocket.close"]


def test_the_event_is_plain_json(counter: Counter) -> None:
    functions = Functions()
    counter.ask(deployment(ROOT), functions, target="/abc123/api/?a=1")
    assert json.loads(json.dumps(functions.events[0])) == functions.events[0]


def test_a_uri_of_any_partition_names_its_function(counter: Counter) -> None:
    arn = "arn:aws-cn:lambda:cn-north-1:123456789012:function:shop-dev:live"
    functions = Functions({arn: lambda event: OK})
    operation = proxy(arn)
    assert uri(arn) in json.dumps(operation)
    assert counter.ask(deployment({"/": {"get": operation}}), functions).status_code == 200
