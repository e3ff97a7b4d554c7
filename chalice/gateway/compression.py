"""Payload compression: gzip for clients that accept it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-enable-compression.html
"""

from __future__ import annotations

import asyncio
import gzip

from chalice.gateway.answers import Answer

_LARGE = 64 * 1024
"""Bytes beyond which compressing would hold up other requests for more than about a millisecond."""


async def compress(answer: Answer, minimum: int | None, accepted: str) -> Answer:
    """Return the answer compressed, or as it is.

    ``minimum`` is the size in bytes from which compressing is on, None for never; ``accepted`` is
    the ``Accept-Encoding`` of the request. A body that the function has encoded is left alone.
    """
    if minimum is None or not answer.body or len(answer.body) < minimum:
        return answer
    if any(name == b"content-encoding" for name, _ in answer.headers) or not takes_gzip(accepted):
        return answer
    if len(answer.body) > _LARGE:
        body = await asyncio.to_thread(gzip.compress, answer.body, 6, mtime=0)
    else:
        body = gzip.compress(answer.body, 6, mtime=0)
    return Answer(answer.status, [*answer.headers, (b"content-encoding", b"gzip")], body)


def takes_gzip(accepted: str) -> bool:
    """Say whether an ``Accept-Encoding`` such as ``br, gzip;q=0.5, *;q=0`` allows gzip."""
    weights: dict[str, str] = {}
    for item in accepted.lower().split(","):
        coding, _, weight = item.partition(";")
        weights[coding.strip()] = weight.replace(" ", "").removeprefix("q=") or "1"
    weight = weights.get("gzip", weights.get("*", "0"))
    return weight.strip("0.") != ""
