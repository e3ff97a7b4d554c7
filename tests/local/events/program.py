"""`chalice local --aws` as a program, and AWS calls to the cloud beside it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config

from tests.local.program import SECONDS, Program, running

ACCOUNT = "123456789012"


class Live:
    """A running `chalice local` with a cloud beside it at ``url``."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self.url = program.out.wait_for("AWS on ", program.err).removeprefix("AWS on ")

    def aws(self, service: str) -> Any:
        session = botocore.session.Session()
        session.set_credentials("test", "test")
        config = Config(retries={"total_max_attempts": 1}, read_timeout=SECONDS)
        return session.create_client(
            service, region_name="us-east-1", endpoint_url=self.url, config=config
        )

    @cached_property
    def s3(self) -> Any:
        return self.aws("s3")

    @cached_property
    def sqs(self) -> Any:
        return self.aws("sqs")

    def queue(self, name: str) -> str:
        url: str = self.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        return url

    def send(self, name: str, text: str) -> None:
        self.sqs.send_message(QueueUrl=self.queue(name), MessageBody=text)

    def seen(self, key: str) -> Any:
        """Return what a handler has noted under that key, once it has."""
        self.wait_until(lambda: key in self.notes())
        return json.loads(self.s3.get_object(Bucket="seen", Key=key)["Body"].read())

    def notes(self) -> set[str]:
        """Return the keys of what handlers have noted."""
        found = self.s3.list_objects_v2(Bucket="seen").get("Contents", [])
        return {each["Key"] for each in found}

    def wait_until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS
        while not true():
            assert time.monotonic() < deadline, (self.program.out.text, self.program.err.text)
            time.sleep(0.02)

    @property
    def cloud_pid(self) -> int:
        record = self.folder / ".chalice/local-aws/dev/cloud/cloud.json"
        return int(json.loads(record.read_text())["pid"])


@contextmanager
def living(folder: Path, *arguments: str, **changes: str) -> Iterator[Live]:
    """Run `chalice local --aws` in a folder until the block ends."""
    with running(folder, "--aws", *arguments, **changes) as program:
        yield Live(program, folder)
