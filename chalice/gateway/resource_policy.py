"""The resource policy of an API, and how it goes together with the other things that decide.

https://docs.aws.amazon.com/apigateway/latest/developerguide/
apigateway-authorization-flow.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from chalice.gateway.answers import GatewayResponse, denied
from chalice.gateway.deployment import Deployment
from chalice.gateway.request import Request
from chalice.gateway.signatures import Principal
from chalice.iam.evaluation import Caller, Decision, Policy, Question
from chalice.iam.evaluation_conditions import Context

POLICY = "x-amazon-apigateway-policy"
INVOKE = "execute-api:Invoke"

_ASSUMED = re.compile(r"arn:([^:]+):sts::(\d+):assumed-role/([^/]+)/.+")


class ResourcePolicy:
    """What the policy in an API's document says. Raises ValueError when that is no policy.

    A private API without one lets nobody in.
    """

    def __init__(self, deployment: Deployment) -> None:
        document = deployment.document.get(POLICY)
        parsed = json.loads(document) if isinstance(document, str) else document
        if not isinstance(parsed, Mapping):
            raise ValueError(f"{POLICY} is not an object")
        start = (
            f"arn:{deployment.partition}:execute-api:{deployment.region}:"
            f"{deployment.account}:{deployment.api_id}"
        )
        self._policy = Policy({**parsed, "Statement": _in_full(parsed.get("Statement"), start)})

    def decide(self, arn: str, principal: Principal | None, context: Context) -> Decision:
        """Return what the policy says of a call of that ARN; None stands for an unknown caller."""
        return self._policy.decide(Question(INVOKE, arn, caller_of(principal), context))


def caller_of(principal: Principal | None) -> Caller:
    """Return the principal as policies name it."""
    if principal is None:
        return Caller()
    assumed = _ASSUMED.fullmatch(principal.arn)
    role = assumed and f"arn:{assumed[1]}:iam::{assumed[2]}:role/{assumed[3]}"
    return Caller(arn=principal.arn, account=principal.account, role=role)


def context_of(request: Request, endpoint: str | None) -> dict[str, str]:
    """Return the condition keys of a request; ``endpoint`` is the VPC endpoint it came through."""
    values = {
        "aws:SourceIp": request.source_ip,
        "aws:SecureTransport": "true"
        if request.headers["X-Forwarded-Proto"] == "https"
        else "false",
        "aws:UserAgent": request.headers.get("User-Agent", ""),
        "aws:Referer": request.headers.get("Referer", ""),
        "aws:EpochTime": str(int(request.now)),
    }
    if endpoint:
        values["aws:SourceVpce"] = endpoint
    return {key: value for key, value in values.items() if value}


def kept_out(principal: Principal | None, arn: str, *, explicitly: bool) -> GatewayResponse:
    """Return the answer to a caller who may not make that call. It shows little of the account."""
    who = principal.arn if principal else "anonymous"
    start, region, account, rest = re.fullmatch(
        r"(.*?:execute-api):([^:]*):(\d*):(.*)", arn
    ).groups()  # type: ignore[union-attr]
    shown = f"{start}:{region}:{'*' * 8}{account[-4:]}:{rest}"
    return denied(
        f"User: {who} is not authorized to perform: {INVOKE} on resource: {shown}",
        explicitly=explicitly,
    )


def _in_full(statements: object, start: str) -> list[Any]:
    found = [statements] if isinstance(statements, Mapping) else statements
    if not isinstance(found, list):
        raise ValueError(f"{POLICY} has no list of statements")
    return [
        {
            key: _resources(value, start) if key in ("Resource", "NotResource") else value
            for key, value in item.items()
        }
        if isinstance(item, Mapping)
        else item
        for item in found
    ]


def _resources(value: object, start: str) -> object:
    """Return ARNs for the short form ``execute-api:/stage/GET/path``."""
    if isinstance(value, list):
        return [_resources(each, start) for each in value]
    if isinstance(value, str) and value.startswith("execute-api:/"):
        return f"{start}/{value[len('execute-api:/') :]}"
    return value
