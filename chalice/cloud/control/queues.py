"""Queues that several readers share, and that say when a message arrives.

moto takes messages out of a queue without a lock, so two readers can get the same one; it forgets
a deduplication id once its message is deleted, gives random sequence numbers, and calls functions
while the sender waits.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/welcome.html
"""

from __future__ import annotations

import copy
import secrets
import threading
import time
from collections.abc import Iterator
from typing import Any

from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import (
    DEDUPLICATION_TIME_IN_SECONDS,
    Message,
    Queue,
    SQSBackend,
    _filter_message_attributes,
    sqs_backends,
)
from moto.sqs.responses import SQSResponse

from chalice.cloud.control.arrivals import Arrivals
from chalice.cloud.control.service import CorrectedBackend, register

_FIRST_SEQUENCE = 18_849_496_460_467_696_128
_REMEMBERED = 10_000  # receipt handles of deleted messages, which may be deleted once more
_COUNT_AGAIN = 10.0  # milliseconds that a count holds if nothing is sent, received or deleted
_MAX_WAIT = 1.0  # seconds; what a wait overlooks is found after it


class ServedQueue(Queue):
    """A queue. Its own methods may be called from any thread."""

    def __init__(self, name: str, region: str, account_id: str, **attributes: Any) -> None:
        self._seen: dict[str, int] = {}  # deduplication ids, and when they were sent (ms)
        self._sequence = _FIRST_SEQUENCE
        self._changes = 0
        self._counted: tuple[object, tuple[int, int, int]] = (None, (0, 0, 0))
        super().__init__(name, region, account_id, **attributes)

    def add_message(self, message: Message) -> None:
        """Take a message that is sent, or that comes from the queue it is the dead letter of."""
        with self._messages_lock:
            if self.fifo_queue:
                if self._is_duplicate(message):
                    return
                self._sequence += 256
                message.sequence_number = str(self._sequence)
            self._messages.append(message)
        self.changed()

    def receive(
        self,
        count: int,
        visibility_timeout: int,
        *,
        max_bytes: int | None = None,
        one_group: bool = False,
    ) -> list[Message]:
        """Take up to ``count`` messages, and hide them for so many seconds.

        What was received too often goes to the dead-letter queue. ``max_bytes`` limits the sum of
        the bodies; ``one_group`` asks for messages of one group only. The messages are copies.
        """
        with self._messages_lock:
            taken: list[Message] = []
            dead: list[Message] = []
            size = 0
            self._forget_expired()
            for message in self._receivable():
                if self._is_exhausted(message):
                    dead.append(message)
                    continue
                if one_group and taken and message.group_id != taken[0].group_id:
                    continue
                size += len(message.body.encode())
                if max_bytes is not None and taken and size > max_bytes:
                    break
                _mark_received(message, visibility_timeout)
                taken.append(copy.copy(message))
                if len(taken) >= count:
                    break
            self._remove(dead)
            self._changes += 1
        for message in dead:
            message.receipt_handle, message._old_receipt_handles = None, []
            vars(message)["dead_letter_source"] = self.queue_arn
            dead_letters = self._dead_letters()
            (dead_letters or self).add_message(message)
        return taken

    def next_due(self) -> float | None:
        """Return in how many seconds there may be something to receive; None: not by itself."""
        with self._messages_lock:
            now = _now()
            blocked: set[str] = set()
            due: float | None = None
            for message in self._messages:
                if self._is_blocked(message, blocked):
                    continue
                ready = max(message.visible_at, message.delayed_until)
                if ready <= now:
                    return 0.0
                if self.fifo_queue and message.group_id is not None:
                    blocked.add(message.group_id)
                due = ready if due is None else min(due, ready)
            return None if due is None else (due - now) / 1000

    @property
    def approximate_number_of_messages(self) -> int:
        """How many messages can be received."""
        return self._count()[0]

    @property
    def approximate_number_of_messages_delayed(self) -> int:
        """How many messages wait for their time to come."""
        return self._count()[1]

    @property
    def approximate_number_of_messages_not_visible(self) -> int:
        """How many messages are with a reader."""
        return self._count()[2]

    def _count(self) -> tuple[int, int, int]:
        """Count the messages. moto asks six times for each message that is sent."""
        with self._messages_lock:
            now = _now()
            key = (self._changes, len(self._messages), int(now / _COUNT_AGAIN))
            if self._counted[0] != key:
                delayed = sum(each.delayed_until > now for each in self._messages)
                hidden = sum(each.visible_at > now for each in self._messages)
                ready = len(self._messages) - delayed - hidden
                self._counted = key, (ready, delayed, hidden)
            return self._counted[1]

    def delete_message(self, receipt_handle: str) -> None:
        """Delete the message that had this receipt handle. Raises ``ReceiptHandleIsInvalid``."""
        with self._messages_lock:
            if receipt_handle in self.deleted_messages:
                return
            found = [each for each in self._messages if _had(each, receipt_handle)]
            if not found:
                raise ReceiptHandleIsInvalid
            self._remember(found)
            self._remove(found)
        self.changed()  # the next of its group can be received

    def delete_received(self, messages: list[Message]) -> None:
        """Delete those of these messages, as received, that are still there."""
        with self._messages_lock:
            ids = {message.id for message in messages}
            found = [each for each in self._messages if each.id in ids]
            self._remember(found)
            self._remove(found)

    def changed(self) -> None:
        """Say that there may be something to receive."""
        with self._messages_lock:
            self._changes += 1
            self._messages_lock.notify_all()
        _backend(self).arrivals.arrived(self.queue_arn)

    def wait(self, timeout: float) -> None:
        """Block until a message arrives or becomes visible, or so many seconds have passed."""
        with self._messages_lock:
            due = self.next_due()
            self._messages_lock.wait(min(timeout, _MAX_WAIT, _MAX_WAIT if due is None else due))

    def _is_duplicate(self, message: Message) -> bool:
        now = _now()
        horizon = now - DEDUPLICATION_TIME_IN_SECONDS * 1000
        for key, sent in list(self._seen.items()):
            if sent > horizon:
                break
            del self._seen[key]
        per_group = vars(self)["deduplication_scope"] == "messageGroup"
        key = f"{message.group_id if per_group else ''}/{message.deduplication_id}"
        if key in self._seen:
            return True
        self._seen[key] = int(now)
        return False

    def _receivable(self) -> Iterator[Message]:
        now = _now()
        blocked: set[str] = set()
        for message in self._messages:
            if self._is_blocked(message, blocked):
                continue
            if max(message.visible_at, message.delayed_until) <= now:
                yield message
            elif self.fifo_queue and message.group_id is not None:
                blocked.add(message.group_id)

    def _is_blocked(self, message: Message, blocked: set[str]) -> bool:
        """Whether an earlier message of its group is being dealt with."""
        return self.fifo_queue and message.group_id in blocked

    def _is_exhausted(self, message: Message) -> bool:
        if not self.redrive_policy or self._dead_letters() is None:
            return False
        most: int = self.redrive_policy["maxReceiveCount"]
        return message.approximate_receive_count >= most

    def _dead_letters(self) -> Queue | None:
        """The queue that takes what was received too often, as long as it is there."""
        if not self.redrive_policy:
            return None
        arn = str(self.redrive_policy["deadLetterTargetArn"])
        return sqs_backends[self.account_id][self.region].queues.get(arn.rpartition(":")[2])

    def _forget_expired(self) -> None:
        oldest = _now() - 1000 * int(vars(self)["message_retention_period"])
        if self._messages and int(self._messages[0].sent_timestamp or 0) <= oldest:
            sent = ((each, int(each.sent_timestamp or 0)) for each in self._messages)
            self._remove([each for each, when in sent if when <= oldest])

    def _remember(self, messages: list[Message]) -> None:
        if len(self.deleted_messages) > _REMEMBERED:
            self.deleted_messages.clear()
        self.deleted_messages.update(
            handle for each in messages for handle in each.all_receipt_handles if handle
        )

    def _remove(self, messages: list[Message]) -> None:
        if messages:
            self._changes += 1
            gone = {id(message) for message in messages}
            self._messages = [each for each in self._messages if id(each) not in gone]


class ServedQueueBackend(SQSBackend):
    """The queues of one region."""

    def __init__(self, region_name: str, account_id: str, arrivals: Arrivals) -> None:
        super().__init__(region_name, account_id)
        self.arrivals = arrivals
        self._making = threading.Lock()

    def create_queue(self, name: str, tags: dict[str, str] | None = None, **kwargs: Any) -> Queue:
        """Make a queue, or return the one that has that name and those attributes."""
        attributes = {key: value for key, value in kwargs.items() if key != "region"}
        with self._making:
            if name not in self.queues:
                self.queues[name] = ServedQueue(  # type: ignore[abstract]  # of CloudFormation
                    name, self.region_name, self.account_id, **attributes
                )
                self.queues[name].tags = tags or {}
                self.arrivals.arrived(self.queues[name].queue_arn)
                return self.queues[name]
        return super().create_queue(name, tags, **attributes)

    def receive_message(
        self,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> list[Message]:
        """Take messages, after a wait if there are none."""
        queue = self.get_queue(queue_name)
        assert isinstance(queue, ServedQueue)
        deadline = time.monotonic() + wait_seconds_timeout
        while True:
            received = queue.receive(count, visibility_timeout)
            left = deadline - time.monotonic()
            if received or left <= 0 or self.queues.get(queue_name) is not queue:
                break
            queue.wait(left)
        for message in received:
            _filter_message_attributes(message, message_attribute_names or [])
        return received

    def change_message_visibility(
        self, queue_name: str, receipt_handle: str, visibility_timeout: int
    ) -> None:
        """Hide a message for so many seconds from now."""
        super().change_message_visibility(queue_name, receipt_handle, visibility_timeout)
        queue = self.get_queue(queue_name)
        assert isinstance(queue, ServedQueue)
        queue.changed()


class CorrectedQueueBackend(CorrectedBackend, ServedQueueBackend):
    """moto's SQS with our queues."""

    service_package = "moto.sqs"
    response = SQSResponse
    unsaved = frozenset({"arrivals"})


def correct_sqs(arrivals: Arrivals) -> None:
    """Let moto serve SQS with all of this. ``arrivals`` is told of messages."""

    def make(region_name: str, account_id: str) -> CorrectedQueueBackend:
        return CorrectedQueueBackend(region_name, account_id, arrivals)

    register(sqs_backends, make)


def _backend(queue: Queue) -> ServedQueueBackend:
    backend = sqs_backends[queue.account_id][queue.region]
    assert isinstance(backend, ServedQueueBackend)
    return backend


def _now() -> float:
    return time.time() * 1000


def _mark_received(message: Message, visibility_timeout: int) -> None:
    if message.approximate_first_receive_timestamp is None:
        message.approximate_first_receive_timestamp = int(_now())
    message.approximate_receive_count += 1
    message.visible_at = _now() + int(visibility_timeout or 0) * 1000
    if message.receipt_handle is not None:
        message._old_receipt_handles.append(message.receipt_handle)
    message.receipt_handle = secrets.token_urlsafe(138)


def _had(message: Message, receipt_handle: str) -> bool:
    return (
        receipt_handle == message.receipt_handle or receipt_handle in message._old_receipt_handles
    )
