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

_ACTIONS = (
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
)
_FIFO_BATCH = 10
_BATCH = 10_000


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
        most = _FIFO_BATCH if (arn or queue).endswith(".fifo") else _BATCH
        if not 1 <= trigger.batch_size <= most:
            kind = "FIFO queue" if most == _FIFO_BATCH else "queue"
            summary = f"`batch_size` is {trigger.batch_size}"
            yield Problem(summary, f"a {kind} gives 1 to {most:,} messages at once")
        window = trigger.maximum_batching_window_in_seconds
        if not 0 <= window <= 300:
            summary = f"`maximum_batching_window_in_seconds` is {window}"
            yield Problem(summary, "Lambda waits 0 to 300 seconds")
        elif most == _BATCH and trigger.batch_size > 10 and not window:
            yield Problem(
                f"`batch_size` is {trigger.batch_size} and no batching window is set",
                "more than 10 messages at once need `maximum_batching_window_in_seconds` of 1 "
                "or more",
            )
        concurrency = trigger.maximum_concurrency
        if concurrency is not None and not 2 <= concurrency <= 1000:
            yield Problem(f"`maximum_concurrency` is {concurrency}", "Lambda takes 2 to 1,000")

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
