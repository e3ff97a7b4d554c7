"""Who signed a request: those with a key of the embedded cloud, and the developer.

The embedded cloud, if one runs, tells whose key it gave out and what policies let its owner do. The
credentials of whoever runs the command are good too, there being nobody else to ask.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from chalice.gateway.signature_v4 import (
    NotIdentifiedError,
    Reason,
    check_signature,
    read_signature,
    refusal,
    require_scope,
)
from chalice.gateway.signatures import Principal, SignatureRefusedError, SignedRequest
from chalice.iam.evaluation import Decision
from chalice.local.arn import LocalARNBuilder
from chalice.local.cloud import NoCloudError, RunningCloud
from chalice.local.errands import Errands
from chalice.local.issuers import NO_AUTH

if TYPE_CHECKING:
    from chalice.aws.own_credentials import OwnKey

log = logging.getLogger(__name__)

_PATIENCE = 5.0  # seconds for each of those who are asked
_UNKNOWN = "UnrecognizedClientException"
_HINT = (
    "Sign with your own AWS credentials, or with a key of the embedded cloud while it runs"
    f" (`chalice cloud env`). {NO_AUTH}"
)


class KnownSigners:
    """Knows the keys of the cloud, and ``own()``: the credentials of the developer, if any."""

    def __init__(
        self, cloud: RunningCloud, own: Callable[[], OwnKey | None], errands: Errands
    ) -> None:
        self._cloud = cloud
        self._own = own
        self._errands = errands
        self._developers: set[str] = set()

    async def verify(self, request: SignedRequest, service: str, region: str) -> Principal:
        """Return who signed the request. Raises SignatureRefusedError."""
        try:
            return await self._verify(request, service, region)
        except SignatureRefusedError as refused:
            what = f"{request.method} {request.path}"
            if refused.error_type != "MissingAuthenticationTokenException":
                log.error("Refused the signature of %s: %s %s", what, refused, _HINT)
            raise

    async def _verify(self, request: SignedRequest, service: str, region: str) -> Principal:
        signature = require_scope(read_signature(request), service, region)
        unknown = refusal(NotIdentifiedError(Reason.TOKEN))
        try:
            return await self._errands.run(
                lambda: self._cloud.verify(request, service, region), _PATIENCE
            )
        except SignatureRefusedError as refused:
            if refused.error_type != _UNKNOWN:
                raise
            unknown = refused
        except (NoCloudError, TimeoutError) as error:
            log.debug("%s", error)
        own = await self._find_own()
        if own is None or own.access_key != signature.access_key:
            raise unknown
        try:
            check_signature(signature, request, own.secret, own.token)
        except NotIdentifiedError as error:
            raise refusal(error) from None
        self._developers.add(own.access_key)
        account = LocalARNBuilder.LOCAL_ACCOUNT_ID
        arn = f"arn:aws:iam::{account}:user/{own.name}"
        return Principal(account, arn, own.name, own.access_key)

    async def _find_own(self) -> OwnKey | None:
        try:
            return await self._errands.run(self._own, _PATIENCE)
        except TimeoutError as error:
            log.error("Your AWS credentials are not known: %s", error)
            return None

    async def decide(
        self, principal: Principal, action: str, resource: str, context: Mapping[str, str]
    ) -> Decision:
        """Return what the cloud's policies say. The developer may do everything."""
        if principal.access_key in self._developers:
            return Decision.ALLOWED
        try:
            return await self._errands.run(
                lambda: self._cloud.decide(principal, action, resource, context), _PATIENCE
            )
        except (NoCloudError, TimeoutError) as error:
            log.error("Nobody knows what %s may do: %s", principal.arn, error)
            return Decision.NOT_ALLOWED
