"""Seconds of processor time for large projects, and for libraries read as local modules."""

from __future__ import annotations

import sysconfig
import tempfile
import time
from pathlib import Path

from bench.policy.corpus import everything_called
from chalice.aws.models import BotocoreModels
from chalice.policy.analysis import analyse

LIMIT = 20.0  # seconds for 100,000 lines
GROWTH = 12.0  # times as long for ten times the code

_SERVICE = """
import json
import logging
import os

import boto3

from chalicelib.base import Repository, retried

logger = logging.getLogger(__name__)
TABLE_{n} = os.environ.get("TABLE_{n}", "table-{n}")


class Orders{n}(Repository):
    table_name = TABLE_{n}

    def __init__(self, bucket="bucket-{n}"):
        super().__init__()
        self.bucket = bucket
        self.s3 = boto3.client("s3")

    @property
    def prefix(self):
        return "orders/{{}}".format(self.table_name)

    @retried(3)
    def archive(self, key, limit=10):
        item = self.get(key)
        total = 0
        for index in range(limit):
            if index % 2 == 0 and item:
                total += index
            elif index > 5:
                total -= 1
            else:
                continue
        try:
            body = json.dumps({{"item": item, "total": total}})
            self.s3.put_object(Bucket=self.bucket, Key=self.prefix + "/" + key, Body=body)
        except ValueError as error:
            logger.error("no %s", error)
            raise
        finally:
            logger.info("done")
        return [each for each in self.all() if each.get("total", 0) > total]


def normalise_{n}(value, depth=0):
    if isinstance(value, dict):
        return {{key: normalise_{n}(each, depth + 1) for key, each in value.items()}}
    if isinstance(value, list):
        return [normalise_{n}(each, depth + 1) for each in value]
    text = str(value).strip().lower()
    parts = text.split("-")
    head, *tail = parts
    return "{{}}-{{}}".format(head, "".join(tail)) if tail else head


def run_{n}(event):
    orders = Orders{n}()
    payload = normalise_{n}(event)
    result = orders.archive(payload)
    while result:
        each = result.pop()
        if each is None:
            break
        orders.put({{"id": each, "source": "run_{n}"}})
    return {{"count": len(payload), "name": f"run-{{payload}}"}}
"""
_BASE = """
import functools

import boto3


def retried(times):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for attempt in range(times):
                try:
                    return function(*args, **kwargs)
                except Exception:
                    if attempt + 1 == times:
                        raise
        return wrapper
    return decorate


class Repository:
    table_name = None

    def __init__(self):
        self.table = boto3.resource("dynamodb").Table(self.table_name)

    def get(self, key):
        return self.table.get_item(Key={"id": key}).get("Item")

    def put(self, item):
        return self.table.put_item(Item=item)

    def all(self):
        return self.table.scan()["Items"]
"""


def write_project(directory: Path, lines: int) -> int:
    """Write a project of about so many lines; return how many."""
    package = directory / "chalicelib"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "base.py").write_text(_BASE)
    each = _SERVICE.count("\n")
    count = max(1, lines // (each + 6))
    app = ["from chalice import Chalice", "app = Chalice(app_name='big')"]
    for number in range(count):
        (package / f"service_{number}.py").write_text(_SERVICE.format(n=number))
        app += [
            f"from chalicelib.service_{number} import run_{number}",
            f"@app.route('/{number}')",
            f"def view_{number}():",
            f"    return run_{number}(app.current_request.json_body)",
        ]
    (directory / "app.py").write_text("\n".join(app) + "\n")
    return count * (each + 4)


def measure_speed() -> int:
    """Print the measures; return 1 if a limit is exceeded."""
    models = BotocoreModels()
    seconds = []
    for lines in (10_000, 100_000):
        with tempfile.TemporaryDirectory() as directory:
            written = write_project(Path(directory) / "project", lines)
            took, calls = _time(Path(directory) / "project", models)
        seconds.append(took)
        print(f"{written:7,} lines: {took:6.2f} s, {calls:,} calls found")
    growth = seconds[1] / seconds[0]
    print(f"ten times the code takes {growth:.1f} times as long")
    return 1 if seconds[1] > LIMIT or growth > GROWTH else 0


def _time(project: Path, models: BotocoreModels) -> tuple[float, int]:
    start = time.process_time()
    found = analyse(project, {"api_handler": "app.app"}, lambda _: {}, models)
    return time.process_time() - start, sum(len(each.calls) for each in found.values())


def measure_libraries() -> int:
    """Read what is installed as if it were the project: every function of every module.

    An exception of the analysis ends it.
    """
    models = BotocoreModels()
    for title, root in (
        ("standard library", Path(sysconfig.get_path("stdlib"))),
        ("installed packages", Path(sysconfig.get_path("purelib"))),
    ):
        took, lines, files = run_every_module(root, models)
        print(f"{title}: {files:,} files, {lines:,} lines: {took:.1f} s", flush=True)
    return 0


def run_every_module(root: Path, models: BotocoreModels) -> tuple[float, int, int]:
    """Analyse each module under a directory, every function in it called; return the time."""
    took = 0.0
    lines = files = 0
    for path in sorted(root.rglob("*.py")):
        if "site-packages" in path.parts and "site-packages" not in root.parts:
            continue
        source = everything_called(path)
        if source is None:
            continue
        lines += source.count("\n")
        files += 1
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / "app.py").write_text(source, encoding="utf-8")
            start = time.process_time()
            analyse(Path(directory), {"f": "app.app"}, lambda _: {}, models)
            took += time.process_time() - start
    return took, lines, files
