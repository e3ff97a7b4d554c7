"""What the event says of callers who need no proof: ``chalice local --no-auth``.

A token that is sent is read and believed, and an authorizer of the app is asked about it; whoever
sends none is somebody called ``local``.
"""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Mapping
from typing import Any

from chalice.app import (
    Chalice,
    ChaliceAuthorizer,
    CognitoUserPoolAuthorizer,
    IAMAuthorizer,
    RouteEntry,
)
from chalice.gateway.authorizers import read_context
from chalice.gateway.gatekeeper import claim_texts
from chalice.gateway.guards import issuer_of
from chalice.gateway.http.authorization import claim_text
from chalice.gateway.routes import canonical
from chalice.gateway.tokens import scopes_of
from chalice.local.arn import LocalARNBuilder

log = logging.getLogger(__name__)

NAME = "local"
ACCOUNT = LocalARNBuilder.LOCAL_ACCOUNT_ID
USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/{NAME}"

_ACCESS_KEY = re.compile(r"Credential=([^/,\s]+)/")


class Unguarded:
    """The app, which is told of callers what a gateway would have found out.

    ``region`` is where the ARNs are that its authorizers are asked about.
    """

    def __init__(self, app: Chalice, region: str) -> None:
        self._app = app
        self._region = region

    def __call__(self, event: dict[str, Any], context: object) -> Any:
        """Handle a request."""
        entry = self._entry(event)
        if entry is not None:
            self._introduce(entry, event, context)
        return self._app(event, context)

    def _entry(self, event: Mapping[str, Any]) -> RouteEntry | None:
        """Return the route of a request; function URLs have one kind of caller for all."""
        request = event["requestContext"]
        if "routeKey" not in request:
            return self._app.routes.get(event["resource"], {}).get(event["httpMethod"])
        method, _, path = request["routeKey"].partition(" ")
        if path:
            return self._app.routes.get(path, {}).get(method)
        entries = (entry for methods in self._app.routes.values() for entry in methods.values())
        return next((each for each in entries if isinstance(each.authorizer, IAMAuthorizer)), None)

    def _introduce(self, entry: RouteEntry, event: dict[str, Any], context: object) -> None:
        request = event["requestContext"]
        is_rest = "routeKey" not in request
        headers = {name.lower(): value for name, value in event["headers"].items()}
        if entry.api_key_required and is_rest:
            value = headers.get("x-api-key", NAME)
            request["identity"] = {**request["identity"], "apiKey": value, "apiKeyId": NAME}
        match entry.authorizer:
            case None:
                return
            case IAMAuthorizer() if is_rest:
                request["identity"] = {**request["identity"], **_identity(headers)}
            case IAMAuthorizer():
                request["authorizer"] = {"iam": _iam(headers)}
            case CognitoUserPoolAuthorizer() as authorizer:
                claims = _claims(authorizer, headers)
                if is_rest:
                    request["authorizer"] = {"claims": claim_texts(claims)}
                else:
                    texts = {name: claim_text(value) for name, value in claims.items()}
                    scopes = scopes_of(claims) if authorizer.scopes else None
                    request["authorizer"] = {"jwt": {"claims": texts, "scopes": scopes}}
            case authorizer:
                said = {"principalId": NAME}
                if isinstance(authorizer, ChaliceAuthorizer):
                    said |= _ask(authorizer, headers, self._arn(event), context)
                request["authorizer"] = said if is_rest else {"lambda": said}

    def _arn(self, event: Mapping[str, Any]) -> str:
        request = event["requestContext"]
        method = event.get("httpMethod") or request["http"]["method"]
        path = canonical(event.get("path") or event["rawPath"])
        api = f"{request['accountId']}:{request['apiId']}/{request['stage']}"
        return f"arn:aws:execute-api:{self._region}:{api}/{method}/{path}"


def _identity(headers: Mapping[str, str]) -> dict[str, object]:
    return {
        "accountId": ACCOUNT,
        "caller": NAME,
        "userArn": USER_ARN,
        "user": NAME,
        "accessKey": _access_key(headers),
    }


def _iam(headers: Mapping[str, str]) -> dict[str, object]:
    return {
        "accessKey": _access_key(headers),
        "accountId": ACCOUNT,
        "callerId": NAME,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": USER_ARN,
        "userId": NAME,
    }


def _access_key(headers: Mapping[str, str]) -> str:
    found = _ACCESS_KEY.search(headers.get("authorization", ""))
    return found.group(1) if found else NAME


def _claims(authorizer: CognitoUserPoolAuthorizer, headers: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the claims of the token that was sent, or of one that ``local`` could have."""
    scheme = authorizer.to_swagger()
    token = headers.get(str(scheme["name"]).lower(), "").rpartition(" ")[2]
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        claims = None
    if isinstance(claims, dict):
        return claims
    arns = scheme["x-amazon-apigateway-authorizer"]["providerARNs"]
    return {
        "sub": NAME,
        "cognito:username": NAME,
        "email": f"{NAME}@example.com",
        "iss": next(filter(None, map(issuer_of, arns)), NAME),
        "aud": next(iter(authorizer.audience), NAME),
        "token_use": "access" if authorizer.scopes else "id",
        "scope": " ".join(authorizer.scopes),
    }


def _ask(
    authorizer: ChaliceAuthorizer,
    headers: Mapping[str, str],
    arn: str,
    context: object,
) -> Mapping[str, Any]:
    """Return what an authorizer of the app says of the token that was sent, nothing if none was.

    It may refuse: that is in the log, and counts for nothing.
    """
    config = authorizer.config
    token = headers.get("authorization" if config is None else config.header.lower())
    if not token:
        return {}
    question = {"type": "TOKEN", "authorizationToken": token, "methodArn": arn}
    try:
        answer = authorizer(question, context)
        return {**read_context(answer.get("context")), "principalId": answer["principalId"]}
    except Exception as error:  # whatever it raises, its caller may pass
        log.info("Authorizer %s does not know its caller: %r", authorizer.name, error)
        return {}
