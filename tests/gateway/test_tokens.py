"""Tokens: whatever somebody sends, either the claims are good or it is refused."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from chalice.gateway.tokens import InvalidTokenError, Tokens, scopes_of
from tests.gateway.identities import ISSUER, KEY, OTHER_KEY, OneIssuer, token
from tests.gateway.serving import NOW

TOKENS = Tokens(OneIssuer(), lambda: NOW)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def encode(value: Any) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def refused(text: str) -> None:
    with pytest.raises(InvalidTokenError):
        asyncio.run(TOKENS.read(text, [ISSUER]))


@given(st.text(max_size=60))
def test_text_is_no_token(text: str) -> None:
    refused(text)


@given(JSON, JSON, st.binary(max_size=20))
def test_parts_of_json_are_no_token(head: Any, claims: Any, signature: bytes) -> None:
    refused(f"{encode(head)}.{encode(claims)}.{encode(signature)}")


@given(st.dictionaries(st.sampled_from(["alg", "kid", "crit", "b64", "jwk", "x5c", "zip"]), JSON))
def test_a_head_cannot_talk_anybody_into_a_signature(head: dict[str, Any]) -> None:
    _, claims, signature = token().split(".")
    refused(f"{encode(head)}.{claims}.{signature}")


@pytest.mark.parametrize("claims", [b"[" * 5000, b'{"a":' * 2000, b"\xff", b"null", b"1e999"])
def test_claims_that_no_parser_likes_are_refused(claims: bytes) -> None:
    refused(f"{encode({'alg': 'RS256', 'kid': 'k1'})}.{encode(claims)}.AAAA")


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS512", "ES256"])
def test_only_one_kind_of_signature_is_taken(algorithm: str) -> None:
    _, claims, signature = token().split(".")
    refused(f"{encode({'alg': algorithm, 'kid': 'k1'})}.{claims}.{signature}")


def test_a_public_key_is_no_shared_secret() -> None:
    text = f"{encode({'alg': 'HS256', 'kid': 'k1'})}.{encode({'iss': ISSUER, 'exp': NOW + 60})}"
    forged = hmac.new(KEY.as_pem(private=False), text.encode(), "sha256").digest()
    refused(f"{text}.{encode(forged)}")


@pytest.mark.parametrize("exp", [float("nan"), float("-inf"), "soon", None, True, NOW])
def test_a_token_must_end_and_not_have_ended(exp: object) -> None:
    refused(token({"exp": exp}))


def test_a_key_without_a_name_is_good_for_tokens_that_name_any() -> None:
    class Nameless:
        async def find_keys(self, issuer: str) -> Mapping[str, Any]:
            keys = [key.as_dict(private=False) for key in (OTHER_KEY, KEY)]
            return {"keys": [{name: key[name] for name in ("kty", "n", "e")} for key in keys]}

    tokens = Tokens(Nameless(), lambda: NOW)
    for key in (KEY, OTHER_KEY):
        made = token({"sub": "ann"}, key=key, header={"kid": "whatever"})
        assert asyncio.run(tokens.read(made, [ISSUER]))["sub"] == "ann"
    stranger = RSAKey.generate_key(2048, {"kid": "k1"}, auto_kid=False)
    with pytest.raises(InvalidTokenError, match="bad_signature"):
        asyncio.run(tokens.read(token(key=stranger), [ISSUER]))


def test_scopes_are_a_text_or_a_list() -> None:
    assert scopes_of({"scope": "a b"}) == scopes_of({"scp": ["a", "b"]}) == ["a", "b"]
    assert scopes_of({}) == scopes_of({"scope": 7}) == []
