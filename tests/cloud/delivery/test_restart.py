"""Mappings live on when the cloud is stopped, and when it is killed."""

from __future__ import annotations

import base64
import os
import signal
from pathlib import Path

from chalice.cloud import CloudStatus, ensure_running, status, stop
from tests.cloud.aws import client
from tests.cloud.delivery.lab import Subject, connect, left_in, make_queue, subject
from tests.cloud.waiting import quiet, wait_for_end, wait_until

STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/kept"


def put(cloud: CloudStatus, *texts: str) -> None:
    records = [{"Data": text.encode(), "PartitionKey": "k"} for text in texts]
    client(cloud, "kinesis").put_records(StreamName="kept", Records=records)


def texts(function: Subject) -> list[str]:
    return [
        base64.b64decode(record["kinesis"]["data"]).decode()
        for seen in function.seen()
        for record in seen.records
    ]


def test_a_new_cloud_reads_on_where_the_last_one_was(home: Path) -> None:
    cloud = ensure_running(home, quiet)
    queued, streamed = subject(cloud), subject(cloud)
    url, arn = make_queue(cloud)
    connect(cloud, arn, queued)
    client(cloud, "kinesis").create_stream(StreamName="kept", ShardCount=1)
    uuid = connect(cloud, STREAM, streamed, StartingPosition="TRIM_HORIZON")
    put(cloud, "0", "1")
    streamed.wait_for_records(2)
    client(cloud, "sqs").send_message(QueueUrl=url, MessageBody="0")
    queued.wait_for(1)

    stop(home)
    cloud = ensure_running(home, quiet)
    queued = Subject(cloud, queued.name, queued.arn)
    streamed = Subject(cloud, streamed.name, streamed.arn)
    put(cloud, "2")
    wait_until(lambda: len(texts(streamed)) >= 3)
    assert texts(streamed) == ["0", "1", "2"]
    queue = client(cloud, "sqs").get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    client(cloud, "sqs").send_message(QueueUrl=queue, MessageBody="1")
    assert queued.wait_for(2)[1].bodies == ["1"]
    wait_until(lambda: left_in(cloud, queue) == 0)

    client(cloud, "lambda").update_event_source_mapping(UUID=uuid, Enabled=False)
    put(cloud, "3")
    snapshot = home / "state" / "snapshot"
    wait_until(lambda: base64.b64encode(b"3") in snapshot.read_bytes())
    running = status(home)
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)
    wait_for_end(running.pid)
    cloud = ensure_running(home, quiet)
    client(cloud, "lambda").update_event_source_mapping(UUID=uuid, Enabled=True)
    again = Subject(cloud, streamed.name, streamed.arn)
    wait_until(lambda: texts(again)[-1:] == ["3"])
    assert sorted(set(texts(again))) == ["0", "1", "2", "3"]
