"""Functions that answer at URLs of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from chalice.gateway.deployment import FunctionUrl
from chalice.gateway.invoker import InvocationResult
from chalice.gateway.mounts import SharedMount
from chalice.iam.evaluation import Decision
from tests.gateway.identities import BOB, Signers
from tests.gateway.serving import FUNCTION, REQUEST_ID, Counter, Functions, Shelf, gateway, result

FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)


def statement(kind: str = "NONE", effect: str = "Allow", principal: Any = "*") -> dict[str, Any]:
    return {
        "Effect": effect,
        "Principal": principal,
        "Action": "lambda:InvokeFunctionUrl",
        "Resource": FUNCTION,
        "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": kind}},
    }


class Urls:
    """One URL, ``u1``."""

    def __init__(
        self, *statements: dict[str, Any], kind: Any = "NONE", cors: Mapping[str, Any] | None = None
    ) -> None:
        self.url = FunctionUrl(
            url_id="u1",
            function=FUNCTION,
            account="123456789012",
            region="eu-west-1",
            auth_type=kind,
            cors=cors,
            policy={"Version": "2012-10-17", "Statement": list(statements)} if statements else None,
        )

    def find(self, url_id: str) -> FunctionUrl | None:
        return self.url if url_id == "u1" else None


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with Counter().open() as counter:
        yield counter


def ask(
    counter: Counter,
    urls: Urls,
    functions: Functions,
    signers: Signers | None = None,
    *,
    method: str = "GET",
    target: str = "/_url/u1/",
    **request: Any,
) -> httpx.Response:
    app = gateway(SharedMount(Shelf()), functions, urls=urls, signatures=signers or Signers())
    return counter.ask(app, method=method, target=target, **request)


def test_a_function_gets_the_request(counter: Counter) -> None:
    functions = Functions({FUNCTION: lambda event: result({"ok": True})})
    answer = ask(
        counter,
        Urls(statement()),
        functions,
        method="POST",
        target="/_url/u1/a%20b?q=1",
        headers={"Cookie": "a=1", "Content-Type": "text/plain"},
        content=b"hi",
    )
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-amzn-requestid"] == str(REQUEST_ID)
    assert "apigw-requestid" not in answer.headers
    (event,) = functions.events
    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", "$default", "/a%20b")
    assert (event["rawQueryString"], event["cookies"], event["body"]) == ("q=1", ["a=1"], "hi")
    context = event["requestContext"]
    assert (context["accountId"], context["apiId"], context["stage"]) == (
        "anonymous",
        "u1",
        "$default",
    )
    assert context["domainName"] == "u1.lambda-url.eu-west-1.on.aws"
    assert context["requestId"] == str(REQUEST_ID)
    assert "authorizer" not in context


@pytest.mark.parametrize(
    ("target", "path"), [("/_url/u1", "/"), ("/_url/u1/", "/"), ("/_url/u1/a/b", "/a/b")]
)
def test_the_rest_of_a_path_is_the_functions(counter: Counter, target: str, path: str) -> None:
    functions = Functions()
    assert ask(counter, Urls(statement()), functions, target=target).status_code == 200
    assert functions.events[0]["rawPath"] == path


def test_a_url_is_a_host_too(counter: Counter) -> None:
    functions = Functions()
    host = "u1.lambda-url.eu-west-1.localhost:8001"
    answer = ask(counter, Urls(statement()), functions, target="/a", headers={"Host": host})
    assert answer.status_code == 200
    event = functions.events[0]
    assert (event["rawPath"], event["requestContext"]["domainName"]) == ("/a", host)


def test_an_unknown_url_is_not_found(counter: Counter) -> None:
    answer = ask(counter, Urls(), Functions(), target="/_url/u2/")
    assert (answer.status_code, answer.json()) == (404, {"Message": "Not Found"})


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ([], 403),
        ([statement()], 200),
        ([statement("AWS_IAM")], 403),
        ([statement(principal={"AWS": BOB.arn})], 403),
        ([statement(), statement(effect="Deny")], 403),
        ([{"Effect": "Perhaps"}], 403),
    ],
)
def test_the_functions_policy_decides_about_everybody(
    counter: Counter, statements: list[dict[str, Any]], status: int
) -> None:
    functions = Functions()
    answer = ask(counter, Urls(*statements), functions)
    assert answer.status_code == status
    if status == 403:
        assert (answer.json(), functions.events) == ({"Message": FORBIDDEN}, [])
        assert answer.headers["x-amzn-errortype"] == "AccessDeniedException"


@pytest.mark.parametrize(
    ("statements", "own", "status"),
    [
        ([], Decision.ALLOWED, 200),
        ([], Decision.NOT_ALLOWED, 403),
        ([statement("AWS_IAM", principal={"AWS": BOB.arn})], Decision.NOT_ALLOWED, 200),
        ([statement("AWS_IAM")], Decision.DENIED, 403),
        ([statement("AWS_IAM", effect="Deny")], Decision.ALLOWED, 403),
        ([statement("NONE")], Decision.NOT_ALLOWED, 403),
    ],
)
def test_a_signer_needs_a_yes_from_one_side(
    counter: Counter, statements: list[dict[str, Any]], own: Decision, status: int
) -> None:
    functions, signers = Functions(), Signers(bob=own)
    answer = ask(
        counter,
        Urls(*statements, kind="AWS_IAM"),
        functions,
        signers,
        headers={"Authorization": "bob"},
    )
    assert answer.status_code == status
    if status == 200:
        context = functions.events[0]["requestContext"]
        assert context["authorizer"]["iam"]["userArn"] == BOB.arn
        assert context["accountId"] == BOB.account
    assert signers.asked[0][:2] == ("lambda:InvokeFunctionUrl", FUNCTION)
    assert signers.asked[0][2]["lambda:FunctionUrlAuthType"] == "AWS_IAM"


def test_without_a_good_signature_nobody_is_let_in(counter: Counter) -> None:
    urls = Urls(statement("AWS_IAM"), kind="AWS_IAM")
    assert ask(counter, urls, Functions()).json() == {"Message": FORBIDDEN}
    answer = ask(counter, urls, Functions(), headers={"Authorization": "eve"})
    assert (answer.status_code, answer.json()) == (403, {"message": "It does not match."})


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (InvocationResult(b"{}", error="Unhandled"), 502),
        (InvocationResult(b"{"), 502),
        (result({"statusCode": "x"}), 502),
        (InvocationResult(b"{}", throttled=True), 429),
    ],
)
def test_a_function_that_fails_is_an_error(
    counter: Counter, answer: InvocationResult, status: int
) -> None:
    response = ask(counter, Urls(statement()), Functions({FUNCTION: lambda event: answer}))
    assert response.status_code == status
    if status == 502:
        assert response.text == "Internal Server Error"


def test_a_function_that_is_gone_is_an_error(counter: Counter) -> None:
    assert (
        ask(counter, Urls(statement()), Functions({"other": lambda event: result(1)})).status_code
        == 502
    )


def test_cors_is_the_urls_affair(counter: Counter) -> None:
    cors = {"AllowOrigins": ["*"], "AllowMethods": ["GET"], "MaxAge": 5}
    functions = Functions()
    urls = Urls(cors=cors, kind="AWS_IAM")
    asks = {"Origin": "https://a", "Access-Control-Request-Method": "GET"}
    answer = ask(counter, urls, functions, method="OPTIONS", headers=asks)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET"
    assert answer.headers["access-control-max-age"] == "5"
    assert functions.events == []
    refused = ask(counter, urls, functions, headers={"Origin": "https://a"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (403, "*")
