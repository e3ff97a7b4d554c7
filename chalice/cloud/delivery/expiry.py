"""Deletes the items of tables whose time to live has passed, as DynamoDB does in the background.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
"""

from __future__ import annotations

import asyncio
import time

from moto.dynamodb.models import dynamodb_backends

from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.control.tables import ServedTableBackend
from chalice.cloud.delivery.runner import Runner

_PERIOD = 2.0
"""Seconds between two looks at the tables. DynamoDB takes up to some days."""
_SHARE = 50
"""A look that takes a second is followed by so many without."""


async def expire_items(runner: Runner) -> None:
    """Look for expired items until cancelled."""
    while True:
        began = time.monotonic()
        if await runner.ask(_expire):
            runner.touch()
        await asyncio.sleep(max(_PERIOD, _SHARE * (time.monotonic() - began)))


def _expire() -> bool:
    """Delete what has expired; whether there was anything."""
    backends = list(dynamodb_backends[ACCOUNT].values())
    counts = [
        backend.expire_items(time.time())
        for backend in backends
        if isinstance(backend, ServedTableBackend)
    ]
    return any(counts)
