"""Who may call a method of a REST API: authorizers, signatures, resource policies, API keys.

https://docs.aws.amazon.com/apigateway/latest/developerguide/
apigateway-control-access-to-api.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

from chalice.gateway.answers import (
    EXPIRED_TOKEN,
    INVALID_API_KEY,
    MISSING_TOKEN,
    UNAUTHORIZED,
    GatewayResponse,
    RefusedError,
    no_such_method,
    unsigned,
)
from chalice.gateway.authorizers import Authorization, method_arn
from chalice.gateway.deployment import ApiKeys
from chalice.gateway.event import Call, Caller, authorizer_event
from chalice.gateway.guards import (
    Guard,
    IamAuthorizer,
    PoolAuthorizer,
    RequestAuthorizer,
    TokenAuthorizer,
)
from chalice.gateway.identity_sources import read_sources
from chalice.gateway.request import Receive, Request, read_body
from chalice.gateway.resource_policy import INVOKE, context_of, kept_out
from chalice.gateway.served_api import ServedApi
from chalice.gateway.signatures import (
    Principal,
    SignatureRefusedError,
    Signatures,
    SignedRequest,
)
from chalice.gateway.tokens import ExpiredTokenError, InvalidTokenError, Tokens, scopes_of
from chalice.gateway.usage import Usage
from chalice.iam.evaluation import Decision
from chalice.iam.evaluation_conditions import Context

log = logging.getLogger(__name__)


class Gatekeeper:
    """Lets requests in."""

    def __init__(
        self, tokens: Tokens, signatures: Signatures, api_keys: ApiKeys, usage: Usage
    ) -> None:
        self._tokens = tokens
        self._signatures = signatures
        self._api_keys = api_keys
        self._usage = usage

    async def admit(self, served: ServedApi, guard: Guard, call: Call, receive: Receive) -> None:
        """Fill in the caller and the body of ``call``. Raises RefusedError for whom may not.

        Only a signed body is read before it is known who asks.
        """
        request, authorizer = call.request, guard.authorizer
        length = request.headers.get("Content-Length")
        arn = method_arn(call.target.deployment, request.method, call.target.path)
        principal, authorization = None, None
        if isinstance(authorizer, IamAuthorizer):
            if not is_signed(request):
                raise RefusedError(MISSING_TOKEN)
            call.body = await read_body(receive, length)
            principal = await self._verify(call)
        elif isinstance(authorizer, PoolAuthorizer):
            authorization = await self._read_token(authorizer, guard.scopes, request)
        said = self._ask_policy(served, call, arn, principal)
        if isinstance(authorizer, TokenAuthorizer):
            authorization = await served.authorizations.authorize_token(
                authorizer, request.headers, arn
            )
        elif isinstance(authorizer, RequestAuthorizer):
            authorization = await _ask(served, authorizer, call, arn)
        await self._decide(said, principal, authorization, call, arn, by_policy=not served.is_open)
        context = None if authorization is None else authorization.context
        call.caller = Caller(authorizer=context, principal=principal)
        if guard.api_key_required:
            self._check_key(served, call, authorization)
        if principal is None:
            call.body = await read_body(receive, length)

    async def _verify(self, call: Call) -> Principal:
        try:
            return await self._signatures.verify(
                signed(call.request, call.body), "execute-api", call.target.deployment.region
            )
        except SignatureRefusedError as refused:
            answer = unsigned(refused.error_type, str(refused))
            if refused.error_type == MISSING_TOKEN.error_type:
                answer = no_such_method_of(call.request)
            raise RefusedError(answer) from refused

    async def _read_token(
        self, authorizer: PoolAuthorizer, scopes: tuple[str, ...], request: Request
    ) -> Authorization:
        """Return what a token of a user pool says. Raises RefusedError when it is not good."""
        token = request.headers.get(authorizer.header.title())
        try:
            claims = await self._tokens.read(token or "", authorizer.issuers)
            _check_use(claims, scopes)
            if authorizer.audience and not authorizer.audience.fullmatch(str(claims.get("aud"))):
                raise InvalidTokenError(f"its audience is {claims.get('aud')!r}")
        except ExpiredTokenError as error:
            raise RefusedError(EXPIRED_TOKEN) from error
        except InvalidTokenError as error:
            log.info("%s %s: the token is refused: %s", request.method, request.path, error)
            raise RefusedError(UNAUTHORIZED) from error
        return Authorization(Decision.ALLOWED, {"claims": claim_texts(claims)})

    def _ask_policy(
        self, served: ServedApi, call: Call, arn: str, principal: Principal | None
    ) -> Decision:
        """Return what the API's policy says. Raises RefusedError when that is no."""
        if served.policy is None:
            if served.is_private:  # and nobody says who may come in
                raise RefusedError(kept_out(principal, arn, explicitly=False))
            return Decision.NOT_ALLOWED
        context = Context(context_of(call.request, call.target.endpoint))
        said = served.policy.decide(arn, principal, context)
        if said is Decision.DENIED:
            raise RefusedError(kept_out(principal, arn, explicitly=True))
        return said

    async def _decide(
        self,
        said: Decision,
        principal: Principal | None,
        authorization: Authorization | None,
        call: Call,
        arn: str,
        *,
        by_policy: bool,
    ) -> None:
        """Raise RefusedError unless somebody who decides says yes, and nobody no.

        ``said`` is what the API's policy says, ``by_policy`` whether it has or needs one. With a
        function or IAM beside it one of both is enough; a token of a user pool, or nothing,
        leaves it to the policy.
        """
        if principal is not None:
            context = context_of(call.request, call.target.endpoint)
            own = await self._signatures.decide(principal, INVOKE, arn, context)
            if own is Decision.DENIED or (
                own is not Decision.ALLOWED and said is not Decision.ALLOWED
            ):
                explicitly = own is Decision.DENIED
                raise RefusedError(kept_out(principal, arn, explicitly=explicitly))
        elif authorization is not None and "claims" not in authorization.context:
            if authorization.decision is Decision.DENIED or said is not Decision.ALLOWED:
                authorization.require()
        elif by_policy and said is not Decision.ALLOWED:
            raise RefusedError(kept_out(None, arn, explicitly=False))

    def _check_key(
        self, served: ServedApi, call: Call, authorization: Authorization | None
    ) -> None:
        deployment = call.target.deployment
        value = call.request.headers.get("X-Api-Key")
        if served.api.keys_from_authorizers:
            value = None if authorization is None else authorization.usage_key
        key = self._api_keys(deployment, value) if value else None
        if key is None:
            raise RefusedError(INVALID_API_KEY)
        stage = f"{deployment.api_id}/{deployment.stage}"
        self._usage.spend(key, stage, call.method_key)
        call.caller.api_key, call.caller.api_key_id = value, key.id


async def _ask(
    served: ServedApi, authorizer: RequestAuthorizer, call: Call, arn: str
) -> Authorization:
    event = authorizer_event(call, arn)
    context = event["requestContext"]
    assert isinstance(context, Mapping)
    values = read_sources(
        authorizer.sources, call.request, call.target.deployment.variables, context
    )
    return await served.authorizations.authorize_request(authorizer, values, event, arn)


def no_such_method_of(request: Request) -> GatewayResponse:
    """Return what is said to a request that has no place here, and so is taken for a signed one."""
    dated = "X-Amz-Date" in request.headers or "Date" in request.headers
    return no_such_method(request.headers.get("Authorization"), dated=dated)


def is_signed(request: Request) -> bool:
    """Say whether a request has something that may be a signature."""
    return "Authorization" in request.headers or "X-Amz-Signature=" in request.query


def signed(request: Request, body: bytes) -> SignedRequest:
    """Return a request as its signer saw it."""
    headers = [
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, value in request.raw_headers
    ]
    return SignedRequest(request.method, request.path, request.query, headers, body, request.now)


def _check_use(claims: Mapping[str, Any], scopes: tuple[str, ...]) -> None:
    """Raise InvalidTokenError for a token that is not for this: without scopes an identity token
    is wanted, with scopes an access token that has one of them.
    """
    wanted = "access" if scopes else "id"
    if claims.get("token_use") != wanted:
        raise InvalidTokenError(f"its use is {claims.get('token_use')!r} and not {wanted!r}")
    if scopes and not set(scopes) & set(scopes_of(claims)):
        raise InvalidTokenError(f"it has none of the scopes {', '.join(scopes)}")


def claim_texts(claims: Mapping[str, Any]) -> dict[str, str]:
    """Return the claims of a token as functions get them."""
    return {name: _claim_text(name, value) for name, value in claims.items()}


def _claim_text(name: str, value: object) -> str:
    """Return one claim: ``Tue Mar 17 22:59:32 UTC 2020`` for times."""
    if name in ("exp", "iat") and isinstance(value, (int, float)):
        with suppress(ValueError, OverflowError):  # a time that is none is shown as a number
            return datetime.fromtimestamp(value, timezone.utc).strftime("%a %b %d %H:%M:%S UTC %Y")
    if isinstance(value, list):
        return ",".join(_claim_text("", each) for each in value)
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
