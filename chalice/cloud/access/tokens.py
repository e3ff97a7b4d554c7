"""Credentials from STS that are good for something, and the identity of functions.

moto gives everybody the same example credentials for GetSessionToken and GetFederationToken, and
knows nobody who got theirs elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import cast

from moto.core.responses import ActionResult
from moto.sts.models import STSBackend, sts_backends
from moto.sts.responses import TokenResponse

from chalice.cloud.access.principals import Principal
from chalice.cloud.access.sessions import Session, make_session
from chalice.cloud.control.service import CorrectedBackend, register

_LONGEST = 129_600
"""Seconds that such credentials may be valid."""


class ServedTokenBackend(STSBackend):
    """The tokens of one partition. ``sessions`` are those made here, by access key."""

    def __init__(
        self, region_name: str, account_id: str, who: Callable[[str, str], Principal]
    ) -> None:
        super().__init__(region_name, account_id)
        self.sessions: dict[str, Session] = {}
        self._who = who

    def get_caller_identity(self, access_key_id: str, region: str) -> tuple[str, str, str]:
        """Return id, ARN and account of the owner of an access key."""
        principal = self._who(access_key_id, region)
        return principal.user_id, principal.arn, principal.account

    def make_session(self, access_key: str, region: str, duration: int, **whose: str) -> Session:
        """Return a session for the user with that access key, or for one that it vouches for."""
        now = time.time()
        for old in [each for each in self.sessions.values() if (each.expires or now) < now]:
            del self.sessions[old.access_key]
        owner = self._who(access_key, region)
        vouching = owner.user if owner.kind == "user" else None
        session = make_session(user=vouching, expires=now + min(duration, _LONGEST), **whose)
        self.sessions[session.access_key] = session
        return session


class ServedTokenResponse(TokenResponse):
    """One request to STS."""

    def get_session_token(self) -> ActionResult:
        """Answer GetSessionToken."""
        return ActionResult({"Credentials": self._credentials()})

    def get_federation_token(self) -> ActionResult:
        """Answer GetFederationToken."""
        answer = cast(dict[str, object], super().get_federation_token().result)
        name, policy = self._get_param("Name"), self._get_param("Policy")
        whose = {"federated": name, **({"policy": policy} if policy else {})}
        return ActionResult({**answer, "Credentials": self._credentials(**whose)})

    def get_access_key(self) -> str:
        """Return who asks, of a presigned URL too."""
        presigned = self.querystring.get("X-Amz-Credential")
        return presigned[0].partition("/")[0] if presigned else super().get_access_key()

    def _credentials(self, **whose: str) -> dict[str, object]:
        duration = self._get_int_param("DurationSeconds", 43200)
        backend = self.backend
        assert isinstance(backend, ServedTokenBackend)
        made = backend.make_session(self.get_access_key(), self.region, duration, **whose)
        return {
            "AccessKeyId": made.access_key,
            "SecretAccessKey": made.secret,
            "SessionToken": made.token,
            "Expiration": datetime.fromtimestamp(made.expires or 0, timezone.utc),
        }


class CorrectedTokenBackend(CorrectedBackend, ServedTokenBackend):
    """moto's STS behind our responses."""

    service_package = "moto.sts"
    response = ServedTokenResponse
    unsaved = frozenset({"_who"})


def correct_sts(who: Callable[[str, str], Principal]) -> None:
    """Let moto serve STS with this. ``who`` tells the owner of an access key, in a region."""

    def make(region_name: str, account_id: str) -> CorrectedTokenBackend:
        return CorrectedTokenBackend(region_name, account_id, who)

    register(sts_backends, make)
