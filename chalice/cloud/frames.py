"""What goes over the socket between the cloud and the process that runs attached functions.

A frame is the sizes of two parts, 4 bytes each, big-endian; a head, which is a JSON object; and a
body, which is an event or an answer. The cloud sends

```
{"ready": true}                                    it takes AWS calls now
{"call": 7, "function": "app-dev-work", "arn": "arn:aws:lambda:…", "request": "1b2c…",
 "context": "{…}"}                                 run that on the body; there may be no context
```

and gets

```
{"attach": ["app-dev-work"], "region": "us-east-1"}     run these with me, and no others
{"hold": true}                                          let AWS calls of others than me wait
{"answer": 7, "error": null}                            what that call gave; the body is JSON
```
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Mapping
from typing import Any, TypeAlias

Head: TypeAlias = Mapping[str, Any]

_SIZES = struct.Struct(">II")


def encode(head: Head, body: bytes = b"") -> bytes:
    """Return the bytes of a frame."""
    text = json.dumps(head).encode()
    return _SIZES.pack(len(text), len(body)) + text + body


async def read(reader: asyncio.StreamReader) -> tuple[Head, bytes] | None:
    """Return the next frame, None when the other end has gone."""
    try:
        head_size, body_size = _SIZES.unpack(await reader.readexactly(_SIZES.size))
        text = await reader.readexactly(head_size)
        body = await reader.readexactly(body_size)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    head: Head = json.loads(text)
    return head, body
