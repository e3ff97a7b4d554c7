"""Who signed a request, and whether they may: for ``@connections`` and signed handshakes."""

from __future__ import annotations

from chalice.gateway.answers import MISSING_TOKEN, RefusedError, denied, unsigned
from chalice.gateway.deployment import Deployment
from chalice.gateway.gatekeeper import is_signed, signed
from chalice.gateway.request import Request
from chalice.gateway.resource_policy import context_of
from chalice.gateway.signatures import SignatureRefusedError, Signatures
from chalice.gateway.sockets.api import arn_of
from chalice.iam.evaluation import Decision


class Signers:
    """Lets signed requests through: those that ``signatures`` allows, all of them for None."""

    def __init__(self, signatures: Signatures | None) -> None:
        self._signatures = signatures

    async def check(
        self, request: Request, body: bytes, action: str, deployment: Deployment, path: str
    ) -> None:
        """Raise RefusedError unless the request is signed by somebody who may do ``action``
        (``execute-api:ManageConnections``) to ``path`` in the deployed stage.
        """
        require_signature(request)
        if self._signatures is None:
            return
        try:
            principal = await self._signatures.verify(
                signed(request, body), "execute-api", deployment.region
            )
        except SignatureRefusedError as refused:
            raise RefusedError(unsigned(refused.error_type, str(refused))) from refused
        arn = arn_of(deployment, path)
        context = context_of(request, None)
        said = await self._signatures.decide(principal, action, arn, context)
        if said is not Decision.ALLOWED:
            sentence = (
                f"User: {principal.arn} is not authorized to perform: {action} on resource: {arn}"
            )
            raise RefusedError(denied(sentence, explicitly=said is Decision.DENIED))


def require_signature(request: Request) -> None:
    """Raise RefusedError for a request that nobody signed."""
    if not is_signed(request):
        raise RefusedError(MISSING_TOKEN)
