"""A project deployed to an embedded cloud of its own, for benchmarks that use one as users do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config

from bench.peers import ROOT


@dataclass
class Deployed:
    """``url`` is where the routes are; ``pid`` is the process of the cloud."""

    client: Callable[[str], Any]
    url: str
    pid: int


@contextmanager
def deployed(
    name: str, source: str, prepare: Callable[[Callable[[str], Any]], str]
) -> Iterator[Deployed]:
    """Deploy ``app.py`` with ``source``. ``prepare`` is given a maker of AWS clients; it makes what
    the app listens to, and returns what ``TABLE_STREAM`` in the source stands for.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "CHALICE_CLOUD_HOME": f"{folder}/cloud",
            "PYTHONPATH": str(ROOT),
        }

        def run(*arguments: str, directory: str) -> str:
            return subprocess.run(
                [sys.executable, "-m", "chalice", *arguments],
                env=environment,
                check=True,
                stdout=subprocess.PIPE,
                text=True,
                cwd=directory,
            ).stdout

        try:
            run("new-project", name, directory=folder)
            project = f"{folder}/{name}"
            run("cloud", "start", "--port", "0", directory=project)
            status = json.loads(run("cloud", "status", "--json", directory=project))
            client = _clients(status["endpoint_url"])
            stream = prepare(client)
            Path(project, "app.py").write_text(source.replace("TABLE_STREAM", stream))
            run("deploy", "--local", directory=project)
            urls = json.loads(run("url", "--local", "--json", directory=project))
            yield Deployed(client, urls["rest_api_url"], status["pid"])
        finally:
            run("cloud", "stop", directory=folder)


def _clients(endpoint_url: str) -> Callable[[str], Any]:
    session = botocore.session.Session()
    session.set_credentials("bench", "bench")

    def make(service: str) -> Any:
        config = Config(retries={"total_max_attempts": 1}, max_pool_connections=32)
        return session.create_client(
            service, region_name="us-east-1", endpoint_url=endpoint_url, config=config
        )

    return make
