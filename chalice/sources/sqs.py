"""Queues: how ``@app.on_sqs_message`` is checked, deployed and permitted.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

from collections.abc import Iterable

from chalice.model.resources import Resource
from chalice.model.triggers import EventSourceMapping
from chalice.model.values import Arn, Document, Value
from chalice.runtime.events.sqs import SQSEventConfig
from chalice.sources.base import Problem, Target
from chalice.sources.batches import LONGEST_WINDOW, MOST_RECORDS, number_problem

_ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_UNBUFFERED = 10
"""How many messages come at once without a batching window, and ever from a FIFO queue."""


class SQSSource:
    """Messages of a queue."""

    def problems(self, trigger: SQSEventConfig) -> Iterable[Problem]:
        """Return what is wrong with how the queue is named, and with the numbers."""
        queue, arn = trigger.queue or "", trigger.queue_arn
        if queue.startswith("arn:"):
            yield Problem(
                f"`queue` is an ARN: `{queue}`",
                f"pass it as `queue_arn=`, or use the bare name `{queue.rpartition(':')[2]}`",
            )
        elif queue.startswith("https:"):
            bare = queue.rpartition("/")[2]
            yield Problem(f"`queue` is a URL: `{queue}`", f"use the bare name `{bare}`")
        if arn and not arn.startswith("arn:"):
            hint = "it begins with `arn:`; pass a bare name as `queue=`"
            yield Problem(f"`queue_arn` is no ARN: `{arn}`", hint)
        is_fifo = (arn or queue).endswith(".fifo")
        most = _UNBUFFERED if is_fifo else MOST_RECORDS
        window = trigger.maximum_batching_window_in_seconds
        yield from number_problem("batch_size", trigger.batch_size, 1, most)
        yield from number_problem("maximum_batching_window_in_seconds", window, 0, LONGEST_WINDOW)
        yield from number_problem("maximum_concurrency", trigger.maximum_concurrency, 2, 1000)
        if not is_fifo and trigger.batch_size > _UNBUFFERED and not window:
            yield Problem(
                f"`batch_size` is {trigger.batch_size} and no batching window is set",
                f"more than {_UNBUFFERED} messages at once need a "
                "`maximum_batching_window_in_seconds` of 1 or more",
            )

    def resources(self, trigger: SQSEventConfig, target: Target) -> Iterable[Resource]:
        """Return the mapping."""
        yield EventSourceMapping(
            name=f"{trigger.name}-sqs-event-source",
            function=target.function,
            source=_arn(trigger),
            batch_size=trigger.batch_size,
            maximum_batching_window_in_seconds=trigger.maximum_batching_window_in_seconds,
            maximum_concurrency=trigger.maximum_concurrency,
            filters=tuple(trigger.filters or ()),
            reports_failures=trigger.each,
        )

    def statements(self, trigger: SQSEventConfig) -> Iterable[Document]:
        """Return what lets Lambda read the queue."""
        yield {"Effect": "Allow", "Action": list(_ACTIONS), "Resource": [_arn(trigger)]}


def _arn(trigger: SQSEventConfig) -> Value:
    return trigger.queue_arn or Arn("sqs", (trigger.queue or "",))
