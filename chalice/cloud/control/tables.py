"""Tables whose streams tell exactly what happened, once, in order.

moto tells of a new item twice when an update makes it, tells of writes that changed nothing and
of transactions that failed, gives every region's records to one, and has tables of which two
writers at a time lose updates.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
"""

from __future__ import annotations

import copy
import threading
import time
import uuid
from typing import Any

from moto.core.utils import utcnow
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import StreamRecord, StreamShard, Table
from moto.dynamodb.responses import DynamoHandler

from chalice.cloud.control.arrivals import Arrivals
from chalice.cloud.control.service import CorrectedBackend, register

RETENTION = 24 * 3600.0
"""Seconds for which a stream keeps a record."""
_TIME_TO_LIVE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


class ServedStreamShard(StreamShard):
    """What happened to a table, of the last day. Used under the lock of the table's backend."""

    def __init__(self, account_id: str, table: Table) -> None:
        super().__init__(account_id, table)
        now = time.time_ns()
        self.id = f"shardId-{now // 1_000_000:020d}-{uuid.uuid4().hex[:8]}"
        self.starting_sequence_number = now * 100  # beyond those of an earlier stream
        self._times: list[float] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> ServedStreamShard:
        """Copy the shard for moto, which puts the copy of a table back if a transaction fails."""
        other = copy.copy(self)
        memo[id(self)] = other
        other.table = copy.deepcopy(self.table, memo)
        other.items, other._times = list(self.items), list(self._times)
        return other

    def add(self, old: Item | None, new: Item | None) -> None:
        """Note that ``old`` became ``new``, unless they are the same."""
        self.note(old, new)

    def note(self, old: Item | None, new: Item | None, *, expired: bool = False) -> None:
        """Note that ``old`` became ``new``; ``expired`` when its time to live had passed."""
        if old is not None and new is not None and old.to_json() == new.to_json():
            return
        view = (self.table.stream_specification or {}).get("StreamViewType", "KEYS_ONLY")
        name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        made = StreamRecord(self.table, view, name, old, new, self.next_number)
        record = copy.deepcopy(made.record)
        record.update(awsRegion=self.table.region_name, eventVersion="1.1")
        record["dynamodb"]["ApproximateCreationDateTime"] = utcnow().replace(microsecond=0)
        record["dynamodb"]["SizeBytes"] = _size(record["dynamodb"])
        if expired:
            record["userIdentity"] = dict(_TIME_TO_LIVE)
        made.record = record
        self.items.append(made)
        self._times.append(time.time())
        self._forget_expired()
        backend = dynamodb_backends[self.account_id][self.table.region_name]
        assert isinstance(backend, ServedTableBackend)
        backend.arrivals.arrived(f"{self.table.table_arn}/stream/{self.table.latest_stream_label}")

    def get(self, start: int, quantity: int) -> list[dict[str, Any]]:
        """Return records from that sequence number on, or from the oldest that is left."""
        begin = max(start - self.starting_sequence_number, 0)
        return [item.to_json() for item in self.items[begin : begin + quantity]]

    @property
    def next_number(self) -> int:
        """The sequence number of the next record."""
        return self.starting_sequence_number + len(self.items)

    def merge(self, number: int) -> None:
        """Make one record of those from that number on: the item was made by an update."""
        begin = number - self.starting_sequence_number
        if len(self.items) > begin + 1:
            self.items[-1].record["dynamodb"]["SequenceNumber"] = str(number)
            del self.items[begin:-1], self._times[begin:-1]

    def _forget_expired(self) -> None:
        oldest = time.time() - RETENTION
        count = 0
        while self._times[count] < oldest:
            count += 1
        if count:
            del self.items[:count], self._times[:count]
            self.starting_sequence_number += count


class ServedTableBackend(DynamoDBBackend):
    """The tables of one region. ``lock`` is held while one is written."""

    def __init__(self, region_name: str, account_id: str, arrivals: Arrivals) -> None:
        super().__init__(region_name, account_id)
        self.arrivals = arrivals
        self.lock = threading.RLock()

    def create_table(self, *args: Any, **kwargs: Any) -> Table:
        """Make a table, active at once."""
        with self.lock:
            table = super().create_table(*args, **kwargs)
            self._serve_stream(table)
            return table

    def update_table_streams(self, table: Table, stream_specification: dict[str, Any]) -> None:
        """Begin or end a stream."""
        with self.lock:
            super().update_table_streams(table, stream_specification)
            if not (table.stream_specification or {}).get("StreamEnabled"):
                table.stream_shard = None
                table.latest_stream_label = None
            self._serve_stream(table)

    def put_item(self, *args: Any, **kwargs: Any) -> Item:
        """Write an item."""
        with self.lock:
            return super().put_item(*args, **kwargs)

    def update_item(self, table_name: str, *args: Any, **kwargs: Any) -> Item:
        """Change an item, or make it."""
        with self.lock:
            shard = self.get_table(table_name).stream_shard
            number = shard.next_number if isinstance(shard, ServedStreamShard) else 0
            item = super().update_item(table_name, *args, **kwargs)
            if isinstance(shard, ServedStreamShard):
                shard.merge(number)
            return item

    def delete_item(self, *args: Any, **kwargs: Any) -> Item | None:
        """Delete an item."""
        with self.lock:
            return super().delete_item(*args, **kwargs)

    def transact_write_items(self, transact_items: list[dict[str, Any]]) -> None:
        """Do all or nothing; nobody sees the half of it."""
        with self.lock:
            super().transact_write_items(transact_items)

    def expire_items(self, now: float) -> int:
        """Delete the items whose time to live has passed, and return how many there were."""
        count = 0
        for table in list(self.tables.values()):
            name = table.ttl.get("AttributeName")
            if table.ttl["TimeToLiveStatus"] != "ENABLED" or not name:
                continue
            with self.lock:
                for item in list(table.all_items()):
                    if _has_expired(item, name, now):
                        _expire(table, item)
                        count += 1
        return count

    def read_stream(self, stream_arn: str, after: int, limit: int) -> list[dict[str, Any]]:
        """Return up to ``limit`` records after that number; none while the stream is not there."""
        with self.lock:
            shard = self.find_shard(stream_arn)
            return [] if shard is None else shard.get(after + 1, limit)

    def find_shard(self, stream_arn: str) -> StreamShard | None:
        """Return the one shard of a stream, None when that stream is not there."""
        _, name, _, label = stream_arn.split(":", 5)[5].split("/", 3)
        table = self.tables.get(name)
        if table is None or table.latest_stream_label != label:
            return None
        return table.stream_shard

    def _serve_stream(self, table: Table) -> None:
        if table.stream_shard is not None and type(table.stream_shard) is StreamShard:
            table.stream_shard = ServedStreamShard(self.account_id, table)


class CorrectedTableBackend(CorrectedBackend, ServedTableBackend):
    """moto's DynamoDB with our streams."""

    service_package = "moto.dynamodb"
    response = DynamoHandler
    unsaved = frozenset({"arrivals"})


def correct_dynamodb(arrivals: Arrivals) -> None:
    """Let moto serve DynamoDB with all of this. ``arrivals`` is told of records."""

    def make(region_name: str, account_id: str) -> CorrectedTableBackend:
        return CorrectedTableBackend(region_name, account_id, arrivals)

    register(dynamodb_backends, make)


def _has_expired(item: Item, name: str, now: float) -> bool:
    value = item.attrs.get(name)
    if value is None or value.type != "N":
        return False
    five_years = 5 * 365 * 24 * 3600
    return now - five_years < float(value.value) < now


def _expire(table: Table, item: Item) -> None:
    if table.has_range_key:
        table.items[item.hash_key].pop(item.range_key, None)
    else:
        table.items.pop(item.hash_key, None)
    if isinstance(table.stream_shard, ServedStreamShard):
        table.stream_shard.note(item, None, expired=True)


def _size(change: dict[str, Any]) -> int:
    """How many bytes the keys and images of a record take."""
    parts = (change.get(name, {}) for name in ("Keys", "NewImage", "OldImage"))
    return sum(
        len(name.encode()) + _value_size(value) for part in parts for name, value in part.items()
    )


def _value_size(value: dict[str, Any]) -> int:
    kind, content = next(iter(value.items()))
    match kind:
        case "M":
            return 3 + sum(
                len(key.encode()) + _value_size(each) + 1 for key, each in content.items()
            )
        case "L":
            return 3 + sum(_value_size(each) + 1 for each in content)
        case "SS" | "NS" | "BS":
            return sum(len(str(each).encode()) for each in content)
        case "NULL" | "BOOL":
            return 1
        case _:
            return len(content if isinstance(content, bytes) else str(content).encode())
