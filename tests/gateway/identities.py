"""Those whom the gateway asks who somebody is: an issuer of tokens, an owner of access keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from chalice.gateway.signatures import Principal, SignatureRefusedError, SignedRequest
from chalice.iam.evaluation import Decision
from tests.gateway.serving import NOW

POOL_ARN = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Abc"
ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc"
KEY = RSAKey.generate_key(2048, {"kid": "k1"}, auto_kid=False)
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "k1"}, auto_kid=False)


class OneIssuer:
    """An issuer whose key is ``KEY``."""

    async def find_keys(self, issuer: str) -> Mapping[str, Any] | None:
        if issuer != ISSUER:
            return None
        return {"keys": [KEY.as_dict(private=False)]}


def token(
    claims: Mapping[str, Any] | None = None,
    *,
    key: RSAKey = KEY,
    header: Mapping[str, Any] | None = None,
) -> str:
    """A token that is good at ``NOW``; claims that are None are left out."""
    all_claims = {
        "iss": ISSUER,
        "sub": "1234",
        "token_use": "id",
        "aud": "client1",
        "iat": int(NOW),
        "exp": int(NOW) + 3600,
        **(claims or {}),
    }
    kept = {name: value for name, value in all_claims.items() if value is not None}
    return jwt.encode({"alg": "RS256", "kid": "k1", **(header or {})}, kept, key)


BOB = Principal("123456789012", "arn:aws:iam::123456789012:user/bob", "AIDABOB", "AKIABOB")


class Signers:
    """Takes ``Authorization: bob`` for bob's signature, who may do what ``decisions`` say."""

    def __init__(self, **decisions: Decision) -> None:
        self.decisions = decisions
        self.requests: list[SignedRequest] = []
        self.asked: list[tuple[str, str, Mapping[str, str]]] = []

    async def verify(self, request: SignedRequest, service: str, region: str) -> Principal:
        self.requests.append(request)
        name = dict(request.headers).get("authorization", "")
        if name not in self.decisions or (service, region) not in (
            ("execute-api", "eu-west-1"),
            ("lambda", "eu-west-1"),
        ):
            raise SignatureRefusedError("InvalidSignatureException", "It does not match.")
        return Principal(BOB.account, BOB.arn.replace("bob", name), BOB.user_id, BOB.access_key)

    async def decide(
        self, principal: Principal, action: str, resource: str, context: Mapping[str, str]
    ) -> Decision:
        self.asked.append((action, resource, context))
        return self.decisions[principal.arn.rpartition("/")[2]]
