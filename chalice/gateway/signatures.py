"""The port through which the gateway learns who signed a request, and what they may do.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalice.iam.evaluation import Decision


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as its signer saw it.

    ``path`` and ``query`` are as they were sent: percent-encoded, with whatever comes before the
    stage. ``headers`` are all of them in their order, the names in lower case. ``now`` is in
    seconds since the epoch.
    """

    method: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    now: float


@dataclass(frozen=True, slots=True)
class Principal:
    """Who signed a request.

    ``arn`` is the user's (``arn:aws:iam::123456789012:user/bob``) or that of the session of an
    assumed role; ``user_id`` is ``AIDA…``, of a session ``AROA…:name``, of root the account.
    """

    account: str
    arn: str
    user_id: str
    access_key: str


class SignatureRefusedError(Exception):
    """The signature does not hold.

    ``error_type`` is AWS's name for why: ``InvalidSignatureException``,
    ``UnrecognizedClientException``, ``ExpiredTokenException`` and so on. ``str()`` is AWS's
    sentence.
    """

    def __init__(self, error_type: str, sentence: str) -> None:
        super().__init__(sentence)
        self.error_type = error_type


class Signatures(Protocol):
    """Knows the access keys, their owners, and what these may do."""

    async def verify(self, request: SignedRequest, service: str, region: str) -> Principal:
        """Return who signed the request, in its headers or its query, for that service
        (``execute-api``, ``lambda``). Raises SignatureRefusedError.

        A request with no signature at all does not get here.
        """
        ...

    async def decide(
        self, principal: Principal, action: str, resource: str, context: Mapping[str, str]
    ) -> Decision:
        """Return what the principal's own policies say of ``action`` (``execute-api:Invoke``) on
        the resource; the keys of ``context`` are condition keys such as ``aws:SourceIp``.
        """
        ...


class NoSignatures:
    """Knows no access key."""

    async def verify(self, request: SignedRequest, service: str, region: str) -> Principal:
        """Refuse the request."""
        raise SignatureRefusedError(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        )

    async def decide(
        self, principal: Principal, action: str, resource: str, context: Mapping[str, str]
    ) -> Decision:
        """Allow nothing."""
        return Decision.NOT_ALLOWED


NO_SIGNATURES = NoSignatures()
