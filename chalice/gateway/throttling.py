"""Limits on how often something may be asked: token buckets.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from chalice.gateway.deployment import Throttle

_KEPT = 100_000


class Throttling:
    """A bucket for each key it is asked about. ``clock`` is in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable, throttle: Throttle) -> bool:
        """Say whether one more request is within the limit, and count it if it is."""
        rate, burst = throttle.rate, throttle.burst
        if rate is None and burst is None:
            return True
        size = float(burst if burst is not None else max(rate or 0.0, 1.0))
        now = self._clock()
        tokens, since = self._buckets.pop(key, (size, now))
        # Without a rate the burst is what a second may bring.
        tokens = min(size, tokens + (now - since) * (rate if rate is not None else size))
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)
        return allowed
