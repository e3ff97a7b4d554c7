"""The keys of those who issue tokens: given ones, those in the embedded cloud, and their own.

https://docs.aws.amazon.com/cognito/latest/developerguide/
amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from chalice.local.cloud import NoCloudError, RunningCloud
from chalice.local.errands import Errands

log = logging.getLogger(__name__)

Keys: TypeAlias = Mapping[str, Any]

NO_AUTH = "`chalice local --no-auth` lets everybody pass."

_KEPT = 300.0  # seconds that keys are not asked for again
_FAILED = 5.0  # seconds that it is not tried again
_PATIENCE = 4.0  # seconds for the cloud and the issuer together


class KnownIssuers:
    """Finds keys: ``given(issuer)``, else of the cloud, else at the issuer's own address.

    Whoever asks waits, and nobody else does. ``clock`` gives seconds.
    """

    def __init__(
        self,
        given: Callable[[str], Keys | None],
        cloud: RunningCloud,
        errands: Errands,
        *,
        patience: float = _PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._given = given
        self._cloud = cloud
        self._errands = errands
        self._patience = patience
        self._clock = clock
        self._known: dict[str, tuple[float, Keys | None]] = {}
        self._asking: dict[str, asyncio.Task[Keys | None]] = {}

    async def find_keys(self, issuer: str) -> Keys | None:
        """Return the public keys of an issuer; None, and a line in the log, if nobody has them."""
        given = self._given(issuer)
        if given is not None:
            return given
        until, keys = self._known.get(issuer, (0.0, None))
        if self._clock() < until:
            return keys
        asking = self._asking.get(issuer)
        if asking is None:
            asking = self._asking[issuer] = asyncio.create_task(self._ask(issuer))
            asking.add_done_callback(lambda _: self._asking.pop(issuer, None))
        return await asyncio.shield(asking)

    async def _ask(self, issuer: str) -> Keys | None:
        reasons: list[str] = []
        keys: Keys | None = None
        try:
            keys = await self._errands.run(lambda: self._search(issuer, reasons), self._patience)
        except TimeoutError as error:
            reasons.append(f"from itself: {error}")
        if keys is None:
            log.error(
                "Refused a token: there are no keys of %s: %s. Give them with `--jwks FILE`. %s",
                issuer,
                "; ".join(reasons),
                NO_AUTH,
            )
        self._known[issuer] = self._clock() + (_FAILED if keys is None else _KEPT), keys
        return keys

    def _search(self, issuer: str, reasons: list[str]) -> Keys | None:
        try:
            return self._cloud.find_pool_keys(issuer)
        except NoCloudError as error:
            reasons.append(str(error))
        from urllib.request import urlopen  # noqa: PLC0415  # slow to import

        address = f"{issuer}/.well-known/jwks.json"
        try:
            with urlopen(address, timeout=self._patience) as answer:  # noqa: S310
                keys = json.load(answer)
            if not isinstance(keys, dict) or not isinstance(keys.get("keys"), list):
                raise ValueError("what it says is no key set")
        except (OSError, ValueError) as error:
            reasons.append(f"from itself: {error}")
            return None
        return keys
