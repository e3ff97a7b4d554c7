"""Who signed a request, and whether they may: for ``@connections`` and signed handshakes."""

from __future__ import annotations

import json

from chalice.gateway.answers import GatewayResponse, RefusedError, no_such_method
from chalice.gateway.policies import Decision
from chalice.gateway.request import Request
from chalice.gateway.signatures import SignatureRefusedError, Signatures, SignedRequest
from chalice.gateway.sockets.deployment import SocketDeployment

_SIGNED_WITH = "AWS4-"


class Signers:
    """Lets signed requests through: those that ``signatures`` allows, all of them for None."""

    def __init__(self, signatures: Signatures | None) -> None:
        self._signatures = signatures

    def check(
        self,
        request: Request,
        body: bytes,
        action: str,
        deployment: SocketDeployment,
        path: str,
    ) -> None:
        """Raise RefusedError unless the request is signed by somebody who may do ``action``
        (``execute-api:ManageConnections``) to ``path`` in the deployed stage.
        """
        require_signature(request)
        if self._signatures is None:
            return
        headers = [
            (name.lower(), value)
            for name, values in request.multi_headers.items()
            for value in values
        ]
        signed = SignedRequest(
            request.method, request.path, request.query, headers, body, request.now
        )
        try:
            principal = self._signatures.verify(signed, "execute-api", deployment.region)
        except SignatureRefusedError as error:
            raise RefusedError(forbidden(error.error_type, str(error))) from error
        arn = deployment.arn(path)
        context = {"aws:SourceIp": request.source_ip}
        decision = self._signatures.decide(principal, action, arn, context)
        if decision is not Decision.ALLOWED:
            sentence = (
                f"User: {principal.arn} is not authorized to perform: {action} on resource: {arn}"
            )
            if decision is Decision.DENIED:
                sentence += " with an explicit deny"
            raise RefusedError(forbidden("AccessDeniedException", sentence))


def require_signature(request: Request) -> None:
    """Raise RefusedError for a request that nobody signed."""
    authorization = request.headers.get("Authorization", "")
    if not authorization.startswith(_SIGNED_WITH) and "X-Amz-Signature=" not in request.query:
        dated = "X-Amz-Date" in request.headers or "Date" in request.headers
        raise RefusedError(no_such_method(authorization, dated=dated))


def forbidden(error_type: str, sentence: str) -> GatewayResponse:
    """Return the answer to somebody who may not."""
    return GatewayResponse(403, error_type, json.dumps({"message": sentence}).encode())
