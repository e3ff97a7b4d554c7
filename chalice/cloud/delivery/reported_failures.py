"""What a function says of each record of a batch, when it reports which ones failed.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import json
from collections.abc import Collection


def failed_items(response: bytes, known: Collection[str]) -> frozenset[str]:
    """Return which of the ``known`` identifiers the response names as failed.

    A function that says nothing says that all went well. A response of another shape, or one
    that names what was not in the batch, says that all failed.
    """
    try:
        content = json.loads(response)
    except ValueError:
        return frozenset(known)
    if content is None:
        return frozenset()
    if not isinstance(content, dict):
        return frozenset(known)
    failures = content.get("batchItemFailures")
    if failures is None:
        return frozenset()
    if not isinstance(failures, list):
        return frozenset(known)
    named = {each.get("itemIdentifier") if isinstance(each, dict) else None for each in failures}
    if not named <= set(known):
        return frozenset(known)
    return frozenset(str(each) for each in named)
