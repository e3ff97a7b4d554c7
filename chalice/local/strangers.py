"""Callers whose proof only AWS can check: they are refused here, and the log says why."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from chalice.gateway.signatures import Principal, SignatureRefusedError, SignedRequest
from chalice.iam.evaluation import Decision

log = logging.getLogger(__name__)

NO_AUTH = "`chalice local --no-auth` lets everybody pass."
HINT = f"{NO_AUTH} `chalice deploy --local` has users and user pools as AWS does."


class NoAccount:
    """Knows no access key."""

    async def verify(self, request: SignedRequest, service: str, region: str) -> Principal:
        """Refuse the request."""
        if not _has_signature(request):
            raise SignatureRefusedError("MissingAuthenticationTokenException", "Not signed.")
        log.error(
            "Refused %s %s: who signed it is known in AWS only. %s",
            request.method,
            request.path,
            HINT,
        )
        raise SignatureRefusedError(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        )

    async def decide(
        self, principal: Principal, action: str, resource: str, context: Mapping[str, str]
    ) -> Decision:
        """Allow nothing."""
        return Decision.NOT_ALLOWED


def _has_signature(request: SignedRequest) -> bool:
    said = [value for name, value in request.headers if name == "authorization"]
    return "X-Amz-Signature=" in request.query or any(map(_looks_signed, said))


def _looks_signed(authorization: str) -> bool:
    return authorization.lstrip().startswith("AWS4")
