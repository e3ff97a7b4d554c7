"""What a method asks of its callers: an authorizer, scopes, a signature, an API key.

https://docs.aws.amazon.com/apigateway/latest/developerguide/
api-gateway-swagger-extensions-authorizer.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

AUTHORIZER = "x-amazon-apigateway-authorizer"
AUTHORIZER_TYPE = "x-amazon-apigateway-authtype"
DEFAULT_TTL = 300.0
"""Seconds that an answer of a REST API's authorizer holds where nothing is said."""

_FUNCTION_URI = re.compile(r".*:lambda:path/[0-9-]+/functions/(.+)/invocations")
_POOL_ARN = re.compile(r"arn:[^:]+:cognito-idp:([^:]+):\d*:userpool/(.+)")
_HEADER = "method.request.header."


@dataclass(frozen=True, slots=True)
class TokenAuthorizer:
    """A function that decides by the value of one header. ``ttl`` is in seconds, 0 for no cache;
    ``pattern`` is what the whole value must look like for the function to be asked at all.
    """

    name: str
    header: str
    function: str
    ttl: float
    pattern: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class RequestAuthorizer:
    """A function that decides by the request. Each of ``sources``, such as
    ``method.request.querystring.key``, must be there for the function to be asked at all.
    """

    name: str
    function: str
    ttl: float
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PoolAuthorizer:
    """Tokens of Cognito user pools, named as ``iss`` in them does: by URL. ``audience`` is what the
    whole ``aud`` must look like.
    """

    name: str
    header: str
    issuers: tuple[str, ...]
    audience: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class IamAuthorizer:
    """A signature, and what IAM lets the signer do."""


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something in the document that the gateway cannot do: requests that need it fail."""

    reason: str


Authorizer: TypeAlias = (
    TokenAuthorizer | RequestAuthorizer | PoolAuthorizer | IamAuthorizer | Unsupported
)


@dataclass(frozen=True, slots=True)
class Guard:
    """All of it. A token needs one of ``scopes``, if there are any."""

    api_key_required: bool = False
    authorizer: Authorizer | None = None
    scopes: tuple[str, ...] = ()


def security_schemes(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the security schemes of a document, Swagger 2.0 or OpenAPI 3."""
    components = document.get("components") or {}
    found: Mapping[str, Any] = (
        document.get("securityDefinitions") or components.get("securitySchemes") or {}
    )
    return found


def compile_guard(
    security: Iterable[Mapping[str, Any]],
    definitions: Mapping[str, Any],
    method_authorizer: Mapping[str, Any] | None,
) -> Guard:
    """Return what an operation asks for.

    ``method_authorizer`` is its ``x-amazon-apigateway-auth``: ``{"type": "AWS_IAM"}``.
    """
    # Swagger says that one item of the list is enough; API Gateway demands them all.
    wanted = {name: scopes for item in security for name, scopes in item.items()}
    keys = [name for name in wanted if is_api_key(definitions.get(name, {}))]
    others = [name for name in wanted if name not in keys]
    authorizer: Authorizer | None = None
    if str((method_authorizer or {}).get("type", "")).upper() == "AWS_IAM":
        authorizer = IamAuthorizer()
    elif len(others) > 1:
        authorizer = Unsupported(f"several authorizers on one method: {', '.join(others)}")
    elif others:
        authorizer = _authorizer(others[0], definitions.get(others[0]))
    scopes = tuple(wanted[others[0]] or ()) if len(others) == 1 else ()
    return Guard(bool(keys), authorizer, scopes)


def is_api_key(definition: Mapping[str, Any]) -> bool:
    """Say whether a security scheme is the one of API keys."""
    return (
        definition.get("type") == "apiKey"
        and str(definition.get("name", "")).lower() == "x-api-key"
        and AUTHORIZER_TYPE not in definition
        and AUTHORIZER not in definition
    )


def function_of(uri: object) -> str | None:
    """Return the ARN of the function that an integration or authorizer URI names."""
    found = _FUNCTION_URI.fullmatch(uri) if isinstance(uri, str) else None
    return None if found is None else found.group(1)


def issuer_of(pool_arn: str) -> str | None:
    """Return what ``iss`` is in the tokens of the user pool with that ARN."""
    found = _POOL_ARN.fullmatch(pool_arn)
    return found and f"https://cognito-idp.{found.group(1)}.amazonaws.com/{found.group(2)}"


def _authorizer(name: str, definition: Mapping[str, Any] | None) -> Authorizer:
    if definition is None:
        return Unsupported(f"authorizer {name} is not defined")
    kind = str(definition.get(AUTHORIZER_TYPE, ""))
    details: Mapping[str, Any] = definition.get(AUTHORIZER) or {}
    expression = details.get("identityValidationExpression")
    try:
        pattern = re.compile(expression) if expression else None
    except re.error as error:
        return Unsupported(f"authorizer {name}: {expression!r}: {error}")
    match kind.lower(), str(details.get("type", "")).lower():
        case "awssigv4", _:
            return IamAuthorizer()
        case "cognito_user_pools", _:
            return _pool_authorizer(name, definition, details, pattern)
        case "custom", "token":
            function = function_of(details.get("authorizerUri"))
            if function is None:
                return Unsupported(f"authorizer {name}: its URI names no function")
            header = _header(definition, details)
            return TokenAuthorizer(name, header, function, _ttl(details), pattern)
        case "custom", "request":
            function = function_of(details.get("authorizerUri"))
            if function is None:
                return Unsupported(f"authorizer {name}: its URI names no function")
            sources = str(details.get("identitySource") or "").split(",")
            stripped = tuple(source.strip() for source in sources if source.strip())
            return RequestAuthorizer(name, function, _ttl(details), stripped)
        case _, kind_of_function:
            return Unsupported(f"authorizer {name}: {kind} {kind_of_function}".rstrip())


def _pool_authorizer(
    name: str,
    definition: Mapping[str, Any],
    details: Mapping[str, Any],
    audience: re.Pattern[str] | None,
) -> Authorizer:
    arns = [str(arn) for arn in details.get("providerARNs") or ()]
    issuers = [issuer for issuer in map(issuer_of, arns) if issuer]
    if not arns or len(issuers) < len(arns):
        return Unsupported(f"authorizer {name}: {', '.join(arns) or 'no ARN'} is no user pool")
    return PoolAuthorizer(name, _header(definition, details), tuple(issuers), audience)


def _header(definition: Mapping[str, Any], details: Mapping[str, Any]) -> str:
    source = str(details.get("identitySource") or "")
    if source.startswith(_HEADER):
        return source[len(_HEADER) :]
    return str(definition.get("name", "Authorization"))


def _ttl(details: Mapping[str, Any]) -> float:
    ttl = details.get("authorizerResultTtlInSeconds")
    return DEFAULT_TTL if ttl is None else float(ttl)
