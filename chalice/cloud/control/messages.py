"""What is in a queue, for those who only look."""

from __future__ import annotations

import time
from typing import Any

from moto.sqs.models import Message, sqs_backends

from chalice.cloud.control.moto_settings import ACCOUNT

MOST_MESSAGES = 100
MOST_CHARACTERS = 64 * 1024
"""Of a body."""


def messages_of(name: str, region: str) -> list[dict[str, Any]] | None:
    """Return the first messages of a queue, the oldest first; None if there is no such queue.

    They stay as they are: not received, not hidden, not counted.
    """
    queue = sqs_backends[ACCOUNT][region].queues.get(name)
    if queue is None:
        return None
    now = time.time() * 1000
    with queue._messages_lock:
        return [_described(each, now) for each in queue._messages[:MOST_MESSAGES]]


def _described(message: Message, now: float) -> dict[str, Any]:
    if message.delayed_until > now:
        state = "delayed"
    elif message.visible_at > now:
        state = "in flight"
    else:
        state = "ready"
    return {
        "id": message.id,
        "body": message.body[:MOST_CHARACTERS],
        "state": state,
        "sent": int(message.sent_timestamp or 0),
        "received": message.approximate_receive_count,
        "group": message.group_id,
    }
