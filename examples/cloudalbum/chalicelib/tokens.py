"""Access tokens of our user pool.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

from functools import lru_cache

import jwt

from chalicelib.settings import setting


class RefusedError(Exception):
    """The token proves nothing."""


def verify(header):
    """Return the claims of the token in an Authorization header. Raises RefusedError.

    When the keys of the pool cannot be had that is no verdict, and what urllib raised goes on.
    """
    token = bare(header)
    try:
        claims = jwt.decode(
            token,
            _keys().get_signing_key_from_jwt(token).key,
            algorithms=["RS256"],
            issuer=_issuer(),
            options={"require": ["exp", "iss", "sub"]},
        )
    except jwt.PyJWKClientConnectionError:
        raise
    except jwt.PyJWTError as error:
        raise RefusedError(str(error)) from error
    if claims.get("token_use") != "access":
        raise RefusedError("it is no access token")
    if claims.get("client_id") != setting("COGNITO_CLIENT_ID"):
        raise RefusedError("it was made for another client")
    return claims


def bare(header):
    """Return the token of an Authorization header, with or without ``Bearer`` before it."""
    return header.removeprefix("Bearer ").strip()


def _issuer():
    pool = setting("COGNITO_POOL_ID")  # us-east-1_AbCdEf
    return f"https://cognito-idp.{pool.partition('_')[0]}.amazonaws.com/{pool}"


@lru_cache(maxsize=1)
def _keys():
    return jwt.PyJWKClient(f"{_issuer()}/.well-known/jwks.json", timeout=5)
