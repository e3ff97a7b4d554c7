"""Whose tokens the gateway believes: those of the user pools in this cloud."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

from chalice.cloud.control.moto_settings import ACCOUNT

_ISSUER = re.compile(r"https://cognito-idp\.([a-z0-9-]+)\.amazonaws\.com/([\w-]+)")


class UserPools:
    """The keys of user pools, by what ``iss`` is in their tokens."""

    def regions(self) -> list[str]:
        """Return the regions that have a user pool."""
        if "moto.cognitoidp.models" not in sys.modules:
            return []  # nobody made one, and the state has none
        from moto.cognitoidp.models import cognitoidp_backends  # noqa: PLC0415  # see above

        backends = list(cognitoidp_backends[ACCOUNT].items())
        return [region for region, backend in backends if backend.user_pools]

    async def find_keys(self, issuer: str) -> Mapping[str, Any] | None:
        """Return the public keys of a user pool, None when there is no such pool."""
        from moto.cognitoidp.models import cognitoidp_backends  # noqa: PLC0415  # for few APIs

        found = _ISSUER.fullmatch(issuer)
        if found is None:
            return None
        regions = cognitoidp_backends[ACCOUNT]
        if found.group(1) not in regions:
            return None
        pool = regions[found.group(1)].user_pools.get(found.group(2))
        if pool is None:
            return None
        return {"keys": [{"kid": "dummy", **pool.json_web_key.as_dict(private=False)}]}
