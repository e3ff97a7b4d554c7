"""Authorizers run in this process, and their policies applied.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import base64
import json
import warnings
from collections.abc import Mapping
from typing import Any

from chalice.app import Chalice, ChaliceAuthorizer, CognitoUserPoolAuthorizer
from chalice.gateway.policies import Policy
from chalice.iam.evaluation import Decision
from chalice.local.arn import LocalARNBuilder
from chalice.local.errors import authorizer_failed, denied, unauthorized

NOT_SUPPORTED = (
    "%s is not a supported in local mode. All requests made against a route will be authorized "
    "to allow local testing."
)
NO_USER = (
    "CognitoUserPoolAuthorizer for machine-to-machine communication is not supported in local "
    "mode. All requests made against a route will be authorized to allow local testing."
)


class LocalGatewayAuthorizer:
    """Lets requests through, or not, as the authorizers of the app's routes say."""

    def __init__(self, app_object: Chalice) -> None:
        self._app = app_object
        self._arns = LocalARNBuilder()

    def authorize(
        self, raw_path: str, lambda_event: dict[str, Any], lambda_context: object
    ) -> tuple[dict[str, Any], object]:
        """Return event and context; the event now says who the caller is, if that is known.

        Raises NotAuthorizedError (401), ForbiddenError (403) or InvalidAuthorizerError (500).
        Of a Cognito token only the claims are read; the signature is not checked. Authorizers
        that cannot run here let everybody through, with a warning.
        """
        request = lambda_event["requestContext"]
        entry = self._app.routes.get(request["resourcePath"], {}).get(request["httpMethod"])
        authorizer = None if entry is None else entry.authorizer
        if isinstance(authorizer, ChaliceAuthorizer):
            request["authorizer"] = self._ask(authorizer, raw_path, lambda_event, lambda_context)
        elif authorizer is not None:
            warning = NOT_SUPPORTED % type(authorizer).__name__
            if isinstance(authorizer, CognitoUserPoolAuthorizer):
                claims = _claims(lambda_event["headers"].get(_header(authorizer)))
                principal = claims.get("cognito:username")
                if principal is not None:
                    request["authorizer"] = {"claims": claims, "principalId": principal}
                elif claims:
                    warning = NO_USER
            warnings.warn(warning, stacklevel=2)
        return lambda_event, lambda_context

    def _ask(
        self,
        authorizer: ChaliceAuthorizer,
        path: str,
        event: dict[str, Any],
        lambda_context: object,
    ) -> dict[str, Any]:
        """Return what the authorizer says of a caller who may go on."""
        token = event["headers"].get(_header(authorizer))
        if token is None:
            raise unauthorized()
        arn = self._arns.build_arn(event["requestContext"]["httpMethod"], path)
        question = {
            **event,
            "type": "TOKEN",
            "authorizationToken": token,
            "methodArn": arn,
        }
        try:
            answer = authorizer(question, lambda_context)
        except Exception as error:
            if str(error) == "Unauthorized":
                raise unauthorized() from error
            self._app.log.error("Authorizer %s failed", authorizer.name, exc_info=error)
            raise authorizer_failed() from error
        try:
            policy = Policy(answer["policyDocument"])
            caller = {**(answer.get("context") or {}), "principalId": answer["principalId"]}
        except (KeyError, TypeError, ValueError) as error:
            self._app.log.error(
                "Authorizer %s returned no policy: %r", authorizer.name, answer, exc_info=error
            )
            raise authorizer_failed() from error
        decision = _decision(policy, arn)
        if decision is not Decision.ALLOWED:
            raise denied(explicitly=decision is Decision.DENIED)
        return caller


def _decision(policy: Policy, arn: str) -> Decision:
    # The root is `GET//` in local ARNs and `GET/` on AWS: policies may have either.
    spellings = {arn, arn[:-1] if arn.endswith("//") else arn}
    decisions = {policy.decide("execute-api:Invoke", spelling) for spelling in spellings}
    for decision in (Decision.DENIED, Decision.ALLOWED):
        if decision in decisions:
            return decision
    return Decision.NOT_ALLOWED


def _header(authorizer: ChaliceAuthorizer | CognitoUserPoolAuthorizer) -> str:
    """Return the lower-case name of the header that holds the token."""
    if isinstance(authorizer, CognitoUserPoolAuthorizer):
        name: str = authorizer.to_swagger()["name"]
        return name.lower()
    config = authorizer.config
    return "authorization" if config is None else config.header.lower()


def _claims(token: str | None) -> Mapping[str, Any]:
    """Return the claims of a JSON web token, none of None.

    Raises NotAuthorizedError for what is no token.
    """
    if token is None:
        return {}
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, RecursionError) as error:
        raise unauthorized() from error
    if not isinstance(claims, dict):
        raise unauthorized()
    return claims
