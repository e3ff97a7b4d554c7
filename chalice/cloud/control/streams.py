"""Kinesis streams whose records stay where they are, in order, and end with their retention.

moto numbers records from one, moves the records of a shard that is split, keeps putting into the
closed shard, keeps records for ever, and calls functions while the producer waits.

https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Any

from moto.kinesis.exceptions import InvalidArgumentError, ResourceInUseError
from moto.kinesis.models import KinesisBackend, Record, Shard, Stream, kinesis_backends
from moto.kinesis.responses import KinesisResponse
from moto.utilities.utils import md5_hash

from chalice.cloud.control.arrivals import Arrivals
from chalice.cloud.control.service import CorrectedBackend, register

_HASHES = 2**128
_HOUR = 3600.0


class ServedStream(Stream):
    """A stream. Its own methods may be called from any thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lock = threading.RLock()
        self._last_sequence = 0

    def put_record(self, partition_key: str, explicit_hash_key: str, data: str) -> tuple[str, str]:
        """Append a record to its shard, and return its sequence number and the shard's id."""
        with self._lock:
            shard = self.get_shard_for_key(partition_key, explicit_hash_key)
            number = max(_sequence_number(shard), self._last_sequence + 1)
            self._last_sequence = number
            shard.records[number] = Record(partition_key, data, number, explicit_hash_key)
            self._forget_expired(shard)
        backend = kinesis_backends[self.account_id][self.region]
        assert isinstance(backend, ServedStreamBackend)
        backend.arrivals.arrived(self.arn)
        return str(number), shard.shard_id

    def get_shard_for_key(self, partition_key: str, explicit_hash_key: str) -> Shard:
        """Return the open shard that takes the key."""
        if not isinstance(partition_key, str) or len(partition_key) > 256:
            raise InvalidArgumentError("partition_key")
        if explicit_hash_key:
            if not str(explicit_hash_key).isdigit() or int(explicit_hash_key) >= _HASHES:
                raise InvalidArgumentError("explicit_hash_key")
            key = int(explicit_hash_key)
        else:
            key = partition_hash(partition_key)
        return next(
            shard
            for shard in self.shards.values()
            if shard.is_open and shard.starting_hash <= key <= shard.ending_hash
        )

    def split_shard(self, shard_to_split: str, new_starting_hash_key: str) -> None:
        """Close a shard; two new ones take its place, its records stay in it."""
        with self._lock, _Kept(self.shards[shard_to_split]):
            super().split_shard(shard_to_split, new_starting_hash_key)
        self._tell()

    def merge_shards(self, shard_to_merge: str, adjacent_shard_to_merge: str) -> None:
        """Close two shards; a new one takes their place, their records stay in them."""
        first, second = self.shards[shard_to_merge], self.shards[adjacent_shard_to_merge]
        with self._lock, _Kept(first), _Kept(second):
            super().merge_shards(shard_to_merge, adjacent_shard_to_merge)
        self._tell()

    def read(self, shard_id: str, after: int, limit: int) -> list[Record]:
        """Return up to ``limit`` records of a shard that come after that sequence number."""
        with self._lock:
            shard = self.shards[shard_id]
            self._forget_expired(shard)
            unread: list[Record] = []
            for number, record in reversed(shard.records.items()):
                if number <= after:
                    break
                unread.append(record)
            return unread[: -limit - 1 : -1]

    def _tell(self) -> None:
        backend = kinesis_backends[self.account_id][self.region]
        assert isinstance(backend, ServedStreamBackend)
        backend.arrivals.arrived(self.arn)

    def _forget_expired(self, shard: Shard) -> None:
        oldest = time.time() - self.retention_period_hours * _HOUR
        while shard.records:
            number, record = next(iter(shard.records.items()))
            if record.created_at > oldest:
                break
            del shard.records[number]


class ServedStreamBackend(KinesisBackend):
    """The streams of one region."""

    def __init__(self, region_name: str, account_id: str, arrivals: Arrivals) -> None:
        super().__init__(region_name, account_id)
        self.arrivals = arrivals

    def create_stream(
        self,
        stream_name: str,
        shard_count: int,
        stream_mode: dict[str, str] | None = None,
        retention_period_hours: int | None = None,
    ) -> Stream:
        """Make a stream, active at once."""
        if stream_name in self.streams:
            raise ResourceInUseError(stream_name)
        stream = ServedStream(  # type: ignore[abstract]  # of CloudFormation
            stream_name,
            shard_count,
            stream_mode=stream_mode,
            retention_period_hours=retention_period_hours,
            account_id=self.account_id,
            region_name=self.region_name,
        )
        self.streams[stream_name] = stream
        self.arrivals.arrived(stream.arn)
        return stream


class CorrectedStreamBackend(CorrectedBackend, ServedStreamBackend):
    """moto's Kinesis with our streams."""

    service_package = "moto.kinesis"
    response = KinesisResponse
    unsaved = frozenset({"arrivals"})


def correct_kinesis(arrivals: Arrivals) -> None:
    """Let moto serve Kinesis with all of this. ``arrivals`` is told of records."""

    def make(region_name: str, account_id: str) -> CorrectedStreamBackend:
        return CorrectedStreamBackend(region_name, account_id, arrivals)

    register(kinesis_backends, make)


def partition_hash(partition_key: str) -> int:
    """Return where a partition key is in the range of hash keys."""
    return int(md5_hash(partition_key.encode()).hexdigest(), 16)


class _Kept:
    """Takes the records of a shard away from moto within a block."""

    def __init__(self, shard: Shard) -> None:
        self._shard = shard

    def __enter__(self) -> None:
        self._records = self._shard.records
        self._shard.records = OrderedDict()

    def __exit__(self, *_: object) -> None:
        self._shard.records = self._records


def _sequence_number(shard: Shard) -> int:
    """A number of 56 digits that grows with the time, as Kinesis gives."""
    return int(f"49{time.time_ns():030d}{shard._shard_id:012d}{0:012d}")
