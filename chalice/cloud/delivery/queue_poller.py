"""Reads one queue for one function, in batches.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from moto.sqs.models import Message, sqs_backends

from chalice.cloud.control.event_source_mappings import ServedMapping
from chalice.cloud.control.mapping_settings import REPORTS
from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.control.queues import ServedQueue
from chalice.cloud.delivery.filters import Filters
from chalice.cloud.delivery.reported_failures import failed_items
from chalice.cloud.delivery.runner import Runner, wait
from chalice.cloud.functions import FunctionConfig, Invocation

LOGGER = logging.getLogger(__name__)

_AT_ONCE = 5  # batches of a queue that run at the same time, unless the mapping says less
_MAX_BYTES = 6_000_000  # of the messages of a batch; an event has at most 6 MiB


class QueuePoller:
    """Reads a queue. Batches under way when it is stopped are dealt with to their end."""

    def __init__(self, mapping: ServedMapping, runner: Runner) -> None:
        self._mapping = mapping
        self._runner = runner
        self._news = asyncio.Event()
        self._stopped = False
        self._batches: set[asyncio.Task[None]] = set()
        self._limit = _AT_ONCE
        self._criteria: object = None
        self._filters = Filters(None)

    def wake(self) -> None:
        """There may be something to do."""
        self._news.set()

    def stop(self) -> None:
        """The mapping is gone: begin nothing more."""
        self._stopped = True
        self._news.set()

    async def run(self) -> None:
        """Read the queue until stopped, and then until what is under way has ended."""
        try:
            while not self._stopped:
                self._news.clear()
                await wait(self._news, await self._look())
        except asyncio.CancelledError:
            for task in self._batches:
                task.cancel()
            raise
        finally:
            await asyncio.gather(*self._batches, return_exceptions=True)

    async def _look(self) -> float | None:
        """Take what there is, and return for how long to wait: None means until there is news."""
        queue = self._queue()
        if queue is None or not self._mapping.enabled or len(self._batches) >= self._most():
            return None
        function = self._runner.find(self._mapping)
        if function is None:
            return self._runner.pauses.idle
        due = await self._runner.ask(queue.next_due)
        if due != 0:
            return due
        await self._runner.free()
        messages = await self._gather(queue)
        if messages:
            task = asyncio.create_task(self._deal_with(queue, function, messages))
            self._batches.add(task)
            task.add_done_callback(self._end)
        return 0

    def _queue(self) -> ServedQueue | None:
        arn = self._mapping.event_source_arn.split(":")
        queue = sqs_backends[ACCOUNT][arn[3]].queues.get(arn[5])
        return queue if isinstance(queue, ServedQueue) else None

    def _most(self) -> int:
        scaling = self._mapping.settings.get("ScalingConfig") or {}
        return min(self._limit, int(scaling.get("MaximumConcurrency", _AT_ONCE)))

    def _end(self, task: asyncio.Task[None]) -> None:
        self._batches.discard(task)
        self._news.set()
        if not task.cancelled() and task.exception() is not None:
            LOGGER.error("a batch of %s failed", self._mapping.arn, exc_info=task.exception())

    async def _take(self, queue: ServedQueue, count: int, max_bytes: int) -> list[Message]:
        """Take messages that the function wants; what it does not want is deleted."""
        visibility = int(vars(queue)["visibility_timeout"])
        taken = await self._runner.ask(
            lambda: queue.receive(
                count, visibility, max_bytes=max_bytes, one_group=queue.fifo_queue
            )
        )
        self._runner.touch()
        criteria = self._mapping.settings.get("FilterCriteria")
        if criteria is not self._criteria:
            self._criteria, self._filters = criteria, Filters(criteria)
        if not self._filters:
            return taken
        wanted: list[Message] = []
        unwanted: list[Message] = []
        for message in taken:
            passes = self._filters.let_through(self._record(queue, message))
            (wanted if passes else unwanted).append(message)
        await self._delete(queue, unwanted)
        return wanted

    async def _deal_with(
        self, queue: ServedQueue, function: FunctionConfig, messages: list[Message]
    ) -> None:
        attempts = 0
        while True:
            result = await self._runner.run(function, lambda: self._event(queue, messages))
            if result is None or not result.throttled:
                break
            self._limit = 1
            await asyncio.sleep(self._runner.pauses.before_retry(attempts))
            attempts += 1
        if result is None:
            return  # they are visible again, and perhaps with another reader
        self._limit = min(self._limit + 1, _AT_ONCE)
        self._mapping.last_result = (
            "OK" if result.error is None else "PROBLEM: Function call failed"
        )
        await self._delete(queue, self._succeeded(messages, result))

    async def _gather(self, queue: ServedQueue) -> list[Message]:
        """Take a batch; one that is not full waits for more for as long as the batching window."""
        size = int(self._mapping.settings["BatchSize"])
        messages = await self._take(queue, size, _MAX_BYTES)
        deadline = time.monotonic() + float(
            self._mapping.settings["MaximumBatchingWindowInSeconds"]
        )
        while messages and not self._stopped:
            self._news.clear()
            left = _MAX_BYTES - sum(len(message.body.encode()) for message in messages)
            remaining = deadline - time.monotonic()
            if len(messages) >= size or left <= 0 or remaining <= 0:
                break
            due = await self._runner.ask(queue.next_due)
            if due == 0:
                messages = messages + await self._take(queue, size - len(messages), left)
            else:
                await wait(self._news, remaining if due is None else min(due, remaining))
        return messages

    def _event(self, queue: ServedQueue, messages: Sequence[Message]) -> bytes | None:
        """Return the event of those messages that are still ours, None if there are none."""
        now = time.time() * 1000
        hides = int(vars(queue)["visibility_timeout"]) > 0
        records = [
            self._record(queue, message)
            for message in messages
            if message.visible_at > now or not hides
        ]
        return json.dumps({"Records": records}).encode() if records else None

    def _succeeded(self, messages: list[Message], result: Invocation) -> list[Message]:
        if result.error is not None:
            return []
        if REPORTS not in (self._mapping.settings.get("FunctionResponseTypes") or []):
            return messages
        failed = failed_items(result.payload, [message.id for message in messages])
        return [message for message in messages if message.id not in failed]

    async def _delete(self, queue: ServedQueue, messages: list[Message]) -> None:
        if messages:
            await self._runner.ask(lambda: queue.delete_received(messages))
            self._runner.touch()
            self._news.set()

    def _record(self, queue: ServedQueue, message: Message) -> dict[str, Any]:
        attributes = {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "AWSTraceHeader": _string(message.system_attributes.get("AWSTraceHeader")),
            "SentTimestamp": str(message.sent_timestamp),
            "SequenceNumber": message.sequence_number if queue.fifo_queue else None,
            "MessageGroupId": message.group_id,
            "SenderId": message.sender_id,
            "MessageDeduplicationId": message.deduplication_id if queue.fifo_queue else None,
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
            "DeadLetterQueueSourceArn": vars(message).get("dead_letter_source"),
        }
        record: dict[str, Any] = {
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": {name: value for name, value in attributes.items() if value is not None},
            "messageAttributes": {
                name: _attribute(value) for name, value in message.message_attributes.items()
            },
            "md5OfBody": message.body_md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": queue.queue_arn,
            "awsRegion": queue.region,
        }
        if message.message_attributes:
            record["md5OfMessageAttributes"] = message.attribute_md5
        return record


def _string(attribute: Mapping[str, Any] | None) -> str | None:
    return None if attribute is None else attribute.get("StringValue")


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if value.get("StringValue") is not None:
        shown["stringValue"] = value["StringValue"]
    binary = value.get("BinaryValue")
    if binary is not None:
        shown["binaryValue"] = (
            base64.b64encode(binary).decode() if isinstance(binary, bytes) else binary
        )
    return {
        **shown,
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value["DataType"],
    }
