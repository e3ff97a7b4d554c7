"""The keys of user pools, asked of an embedded cloud if one runs.

https://docs.aws.amazon.com/cognito/latest/developerguide/
amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

from __future__ import annotations

import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from chalice.local.strangers import NO_AUTH

log = logging.getLogger(__name__)

Keys: TypeAlias = Mapping[str, Any]

_KEPT = 60  # seconds that keys are not asked for again
_PATIENCE = 2  # seconds


class UserPools:
    """Knows the user pools of the cloud at ``endpoint()``, which is None while there is none."""

    def __init__(self, endpoint: Callable[[], str | None]) -> None:
        self._endpoint = endpoint
        self._known: dict[str, tuple[float, Keys]] = {}

    async def find_keys(self, issuer: str) -> Keys | None:
        """Return the public keys of a user pool, None when there is no such pool."""
        asked, keys = self._known.get(issuer, (0.0, None))
        if keys is None or time.monotonic() - asked > _KEPT:
            keys = self._ask(issuer)
            if keys is None:
                self._known.pop(issuer, None)
            else:
                self._known[issuer] = time.monotonic(), keys
        return keys

    def _ask(self, issuer: str) -> Keys | None:
        endpoint = self._endpoint()
        if endpoint is None:
            log.error(
                "Refused a token: %s is in AWS only, or in the embedded cloud, which does not run "
                "(`chalice cloud start`). %s",
                issuer,
                NO_AUTH,
            )
            return None
        pool = issuer.rpartition("/")[2]
        try:
            with _opener.open(f"{endpoint}/{pool}/.well-known/jwks.json", None, _PATIENCE) as found:
                keys: Keys = json.load(found)
        except (OSError, ValueError) as error:
            log.error("Refused a token: the embedded cloud has no keys of %s: %s", issuer, error)
            return None
        return keys


# The cloud is on this machine, and no proxy leads there.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
