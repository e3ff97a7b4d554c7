"""Resource policies of REST APIs, private APIs, and what an API answers to whom it keeps out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chalice.gateway.deployment import Deployment
from chalice.iam.evaluation import Decision
from tests.gateway.identities import OneIssuer, Signers, token
from tests.gateway.serving import Counter, Functions, deployment, gateway, proxy
from tests.gateway.test_callers import POOL, SHOWN, SIGNED, by_request, grant, judge

Policy = dict[str, Any]


def statement(effect: str = "Allow", resource: Any = "execute-api:/*", **more: Any) -> Policy:
    return {
        "Effect": effect,
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": resource,
        **more,
    }


def api(*statements: Policy, guard: dict[str, Any] | None = None, **more: Any) -> Deployment:
    operation = {**proxy(), **({"security": [{"auth": []}]} if guard else {})}
    return deployment(
        {"/": {"get": operation}},
        definitions={"auth": guard} if guard else {},
        policy={"Version": "2012-10-17", "Statement": list(statements)} if statements else None,
        **more,
    )


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with Counter().open() as counter:
        yield counter


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ([statement()], 200),
        ([statement(resource="execute-api:/api/GET/")], 200),
        ([statement(resource="execute-api:/api/POST/*")], 403),
        ([statement(resource=["arn:aws:execute-api:eu-west-1:123456789012:abc123/*"])], 200),
        ([statement(resource="arn:aws:execute-api:eu-west-1:123456789012:other/*")], 403),
        ([statement(), statement("Deny", "execute-api:/api/GET/")], 403),
        ([statement(Condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}})], 200),
        ([statement(Condition={"IpAddress": {"aws:SourceIp": ["10.0.0.0/8"]}})], 403),
        (
            [
                statement(),
                statement("Deny", Condition={"NotIpAddress": {"aws:SourceIp": "127.0.0.1"}}),
            ],
            200,
        ),
        ([statement(Principal={"AWS": "arn:aws:iam::123456789012:root"})], 403),
    ],
)
def test_a_policy_says_who_may_call(
    counter: Counter, statements: list[Policy], status: int
) -> None:
    assert counter.ask(api(*statements)).status_code == status


def test_who_is_kept_out_is_told_of_what(counter: Counter) -> None:
    text = f"User: anonymous is not authorized to perform: execute-api:Invoke on resource: {SHOWN}"
    answer = counter.ask(api(statement(resource="execute-api:/other")))
    assert answer.json() == {"Message": f"{text}/GET/"}
    assert answer.headers["x-amzn-errortype"] == "AccessDeniedException"
    answer = counter.ask(api(statement("Deny")))
    assert answer.json() == {"Message": f"{text}/GET/ with an explicit deny"}


def test_a_policy_that_is_none_lets_nobody_in(counter: Counter) -> None:
    functions = Functions()
    assert counter.ask(api({"Effect": "Perhaps"}), functions).status_code == 500
    assert functions.events == []


ALLOW, DENY = statement(), statement("Deny")
NEITHER = statement(resource="execute-api:/other")


@pytest.mark.parametrize(
    ("policy", "judgement", "status"),
    [
        (ALLOW, grant("*"), 200),
        (NEITHER, grant("*"), 200),
        (DENY, grant("*"), 403),
        (ALLOW, grant(), 200),
        (NEITHER, grant(), 403),
        (DENY, grant(), 403),
        (ALLOW, grant("*", effect="Deny"), 403),
    ],
)
def test_a_policy_and_an_authorizer_decide_together(
    counter: Counter, policy: Policy, judgement: dict[str, Any], status: int
) -> None:
    functions = judge(judgement)
    assert counter.ask(api(policy, guard=by_request("")), functions).status_code == status
    if policy is DENY:
        assert functions.events == []  # nobody had to be asked


@pytest.mark.parametrize(
    ("policy", "own", "status"),
    [
        (ALLOW, Decision.NOT_ALLOWED, 200),
        (NEITHER, Decision.ALLOWED, 200),
        (NEITHER, Decision.NOT_ALLOWED, 403),
        (DENY, Decision.ALLOWED, 403),
        (ALLOW, Decision.DENIED, 403),
        (
            statement(Principal={"AWS": "arn:aws:iam::123456789012:user/bob"}),
            Decision.NOT_ALLOWED,
            200,
        ),
        (
            statement(Principal={"AWS": "arn:aws:iam::123456789012:user/ann"}),
            Decision.NOT_ALLOWED,
            403,
        ),
    ],
)
def test_a_policy_and_iam_decide_together(
    counter: Counter, policy: Policy, own: Decision, status: int
) -> None:
    app = gateway(api(policy, guard=SIGNED), Functions(), signatures=Signers(bob=own))
    assert counter.ask(app, headers={"Authorization": "bob"}).status_code == status


@pytest.mark.parametrize(("policy", "status"), [(ALLOW, 200), (NEITHER, 403), (DENY, 403)])
def test_a_token_of_a_user_pool_leaves_it_to_the_policy(
    counter: Counter, policy: Policy, status: int
) -> None:
    app = gateway(api(policy, guard=POOL), Functions(), issuers=OneIssuer())
    assert counter.ask(app, headers={"Authorization": token()}).status_code == status


def from_endpoint(name: str) -> Policy:
    return statement(Condition={"StringEquals": {"aws:SourceVpce": name}})


@pytest.mark.parametrize(
    ("statements", "endpoint", "host", "status"),
    [
        ([], "", None, 403),
        ([ALLOW], "", None, 200),
        ([from_endpoint("vpce-1")], "", None, 403),
        ([from_endpoint("vpce-1")], "vpce-1", None, 200),
        ([from_endpoint("vpce-1")], "", "abc123-vpce-1.execute-api.eu-west-1.localhost", 200),
        ([from_endpoint("vpce-1")], "vpce-1", "abc123-vpce-2.execute-api.eu-west-1.localhost", 403),
        ([ALLOW], None, "abc123-vpce-1.execute-api.eu-west-1.localhost", 403),
    ],
)
def test_a_private_api_answers_who_comes_through_its_endpoint(
    counter: Counter,
    statements: list[Policy],
    endpoint: str | None,
    host: str | None,
    status: int,
) -> None:
    deployed = api(*statements, private_endpoint=endpoint)
    target = "/abc123/api/" if host is None else "/api/"
    headers = {} if host is None else {"Host": host}
    assert counter.ask(deployed, target=target, headers=headers).status_code == status


CORS = {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}


def test_an_api_may_have_answers_of_its_own(counter: Counter) -> None:
    own = {
        "UNAUTHORIZED": {
            "statusCode": "403",
            "responseParameters": {
                **CORS,
                "gatewayresponse.header.X-Path": "method.request.header.X-Ask",
                "gatewayresponse.header.X-Query": "method.request.querystring.q",
                "gatewayresponse.header.X-Type": "context.error.responseType",
                "gatewayresponse.header.X-Nothing": "method.request.header.X-None",
            },
            "responseTemplates": {
                "application/json": '{"error": $context.error.messageString, '
                '"at": "${context.path}", "x": "$context.unknown"}'
            },
        },
        "DEFAULT_4XX": {"responseParameters": CORS},
        "DEFAULT_5XX": {"responseTemplates": {"text/plain": "sorry: $context.error.message"}},
    }
    deployed = api(guard=POOL, gateway_responses=own)
    answer = counter.ask(deployed, target="/abc123/api/?q=1", headers={"X-Ask": "me"})
    assert answer.status_code == 403
    assert answer.json() == {"error": "Unauthorized", "at": "/", "x": ""}
    sent = {name: answer.headers.get(name) for name in ("x-path", "x-query", "x-type", "x-nothing")}
    assert sent == {"x-path": "me", "x-query": "1", "x-type": "UNAUTHORIZED", "x-nothing": None}
    assert answer.headers["content-type"] == "application/json"
    answer = counter.ask(deployed, target="/abc123/api/none")
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (403, "*")
    assert answer.json() == {"message": "Missing Authentication Token"}
    broken = deployment({"/": {"get": proxy("gone")}}, gateway_responses=own)
    answer = counter.ask(broken)
    assert (answer.status_code, answer.text) == (500, "sorry: Internal server error")
    assert answer.headers["content-type"] == "text/plain"
