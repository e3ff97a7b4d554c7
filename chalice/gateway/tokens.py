"""JSON web tokens: whose they are, and whether they hold.

https://docs.aws.amazon.com/cognito/latest/developerguide/
amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

NOT_INSTALLED = "joserfc, which reads it, is not installed: pip install 'chalice[cloud]'"

_ALGORITHMS = ["RS256"]
_UNUSUAL = frozenset({"b64", "crit", "jku", "jwk", "x5c", "x5u", "zip"})


class Issuers(Protocol):
    """Knows the public keys of those who issue tokens."""

    async def find_keys(self, issuer: str) -> Mapping[str, Any] | None:
        """Return the key set (``{"keys": [{"kty": "RSA", "kid": …}]}``) of the issuer with that
        ``iss``, such as ``https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCd``; None when
        there is no such issuer. A key without ``kid`` is good for tokens that name any.
        """
        ...


class NoIssuers:
    """Knows nobody."""

    async def find_keys(self, issuer: str) -> None:
        """Find no keys."""


NO_ISSUERS = NoIssuers()


class InvalidTokenError(Exception):
    """The token says nothing that may be believed. ``str()`` is why."""


class ExpiredTokenError(InvalidTokenError):
    """It was good once."""


class Tokens:
    """Reads tokens. ``clock`` gives seconds since the epoch."""

    def __init__(self, issuers: Issuers, clock: Callable[[], float]) -> None:
        self._issuers = issuers
        self._clock = clock
        self._known: dict[str, _Keys] = {}

    async def read(self, token: str, issuers: Iterable[str]) -> dict[str, Any]:
        """Return the claims of a token (with or without ``Bearer`` in front) that one of
        ``issuers`` signed. Raises InvalidTokenError.
        """
        # The extra `cloud` has it; importing it takes longer than serving a hundred requests.
        try:
            from joserfc import jws  # noqa: PLC0415
            from joserfc.errors import JoseError  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise InvalidTokenError(NOT_INSTALLED) from error

        scheme, _, rest = token.strip().partition(" ")
        text = rest.strip() if scheme.lower() == "bearer" else token.strip()
        try:
            unverified = jws.extract_compact(text.encode())
            _check_head(unverified.headers())
            issuer = _claims(unverified.payload).get("iss")
            if not isinstance(issuer, str) or issuer not in set(issuers):
                raise InvalidTokenError(f"its issuer is {issuer!r}")
            keys = await self._keys(issuer)
            claims = keys.decode(text)
        except (JoseError, ValueError, RecursionError) as error:
            raise InvalidTokenError(str(error) or repr(error)) from error
        self._check_time(claims)
        return claims

    async def _keys(self, issuer: str) -> _Keys:
        found = await self._issuers.find_keys(issuer)
        if found is None:
            raise InvalidTokenError(f"there is no issuer {issuer}")
        known = self._known.get(issuer)
        if known is None or known.found != found:
            known = self._known[issuer] = _Keys(found)
        return known

    def _check_time(self, claims: Mapping[str, Any]) -> None:
        now = self._clock()
        expires, begins = claims.get("exp"), claims.get("nbf", 0)
        if not isinstance(expires, (int, float)) or not isinstance(begins, (int, float)):
            raise InvalidTokenError("it does not say how long it is valid")
        if not now < expires:  # which not-a-number is not either
            raise ExpiredTokenError("it has expired")
        if now < begins:
            raise InvalidTokenError("it is not valid yet")


class _Keys:
    """The keys of one issuer, read. Raises JoseError or ValueError."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        from joserfc.jwk import KeySet, RSAKey  # noqa: PLC0415

        self.found = found
        keys = list(found["keys"])
        named = [key for key in keys if "kid" in key]
        self._named: KeySet | None = KeySet.import_key_set({"keys": named}) if named else None
        self._nameless = [RSAKey.import_key(key) for key in keys if "kid" not in key]

    def decode(self, text: str) -> dict[str, Any]:
        """Return the claims of a token that one of the keys signed."""
        from joserfc import jwt  # noqa: PLC0415
        from joserfc.errors import JoseError  # noqa: PLC0415

        refused: JoseError | None = None
        for key in (*self._nameless, self._named):
            if key is not None:
                try:
                    return jwt.decode(text, key, algorithms=_ALGORITHMS).claims
                except JoseError as error:
                    refused = error
        raise refused or ValueError("its issuer has no keys")


def scopes_of(claims: Mapping[str, Any]) -> list[str]:
    """Return the scopes that a token grants: its ``scope`` or its ``scp``."""
    value = claims.get("scope", claims.get("scp"))
    if isinstance(value, str):
        return value.split()
    return [str(scope) for scope in value] if isinstance(value, list) else []


def _check_head(head: Mapping[str, Any]) -> None:
    """Raise InvalidTokenError for a head that asks for more than a usual signature."""
    kid, odd = head.get("kid"), _UNUSUAL.intersection(head)
    if head.get("alg") not in _ALGORITHMS or odd or not isinstance(kid, (str, type(None))):
        raise InvalidTokenError(f"its head is {dict(head)!r}")


def _claims(payload: bytes | None) -> Mapping[str, Any]:
    claims = json.loads(payload or b"")
    if not isinstance(claims, dict):
        raise ValueError("the claims are not an object")
    return claims
