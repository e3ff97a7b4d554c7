"""The header that requests of a function get: where it goes, what is in it, what stays the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chalice.cloud.functions.sandbox.bootstrap import CALLERS
from chalice.cloud.functions.sandbox.callers import HEADER, MAX_LENGTH
from tests.cloud.functions.lab import Lab, alive, eventually, function

ASK = '''
import botocore.session
from botocore.awsrequest import AWSResponse


def ask(url):
    """Return what the headers of a request would be; it is sent nowhere."""
    seen = {}

    def send(request, **_):
        for name, value in request.headers.items():
            seen[name.lower()] = value.decode() if isinstance(value, bytes) else value
        return AWSResponse(request.url, 200, {}, None)

    client = botocore.session.Session().create_client("sqs", endpoint_url=url)
    client.meta.events.register("before-send", send)
    try:
        client.list_queues()
    except AttributeError:
        pass
    return seen
'''
APP = "from ask import ask\ndef handler(event, context):\n return ask(event)"
HERE = "http://127.0.0.1:9"
PACKAGE = {
    "wrapper/__init__.py": "def call(function, *given): return function(*given)",
    "wrapper-1.dist-info/RECORD": '"wrapper/__init__.py",sha256=x,1\n',
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """An executor whose functions tell which of their lines make calls."""
    lab = Lab(tmp_path_factory.mktemp("told"), environment={CALLERS: "1"})
    yield lab
    lab.close()


def asking(name: str, files: dict[str, Any], **config: Any) -> Any:
    return function({"ask.py": ASK, **files}, name, memory_size=256, **{"timeout": 20, **config})


def test_only_the_cloud_gets_the_header_and_it_is_not_signed(told: Lab, name: str) -> None:
    asks = asking(name, {"app.py": APP})
    for url in (HERE, "http://localhost:9", "http://sqs.localhost:9"):
        headers = told.answer(asks, url)
        called = ["app.py", 3, "handler"]
        assert json.loads(headers[HEADER]) == [called, ["ask.py", 18, "ask"]]
        assert HEADER not in headers["authorization"]
    for url in ("https://sqs.us-east-1.amazonaws.com", "http://localhost.example.com"):
        headers = told.answer(asks, url)
        assert HEADER not in headers
        assert "authorization" in headers


def test_installed_packages_are_left_out_unless_there_is_nothing_else(told: Lab, name: str) -> None:
    app = "from ask import ask\nimport wrapper\ndef handler(e, c): return wrapper.call(ask, e)"
    headers = told.answer(asking(name, {"app.py": app, **PACKAGE}), HERE)
    assert [file for file, _, _ in json.loads(headers[HEADER])] == ["app.py", "ask.py"]
    record = "ask.py,,\nlibrary.py,,\n"
    files = {"library.py": APP, "library-1.dist-info/RECORD": record}
    alone = asking(f"{name}-alone", files, handler="library.handler")
    headers = told.answer(alone, HERE)
    assert [file for file, _, _ in json.loads(headers[HEADER])] == ["library.py", "ask.py"]


def test_a_long_header_loses_its_front(told: Lab, name: str) -> None:
    deep = "d" * 200
    app = (
        f"from ask import ask\ndef {deep}(left, url):\n"
        f" return {deep}(left - 1, url) if left else ask(url)\n"
        f"def handler(event, context): return {deep}(20, event)"
    )
    text = told.answer(asking(name, {"app.py": app}), HERE)[HEADER]
    assert MAX_LENGTH - 300 < len(text) <= MAX_LENGTH
    assert json.loads(text)[-2:] == [["app.py", 3, deep], ["ask.py", 18, "ask"]]


def test_botocore_may_be_the_functions_own(told: Lab, name: str) -> None:
    files = {
        "app.py": (
            "from botocore.endpoint import Endpoint, Request\n"
            "def handler(event, context):\n"
            " return [Endpoint().prepare_request(Request(url)).headers for url in event]"
        ),
        "botocore/__init__.py": "",
        "botocore/endpoint.py": (
            "class Request:\n"
            " def __init__(self, url): self.url, self.headers = url, {}\n"
            "class Endpoint:\n"
            " def prepare_request(self, request): return request"
        ),
        "botocore-1.dist-info/RECORD": "botocore/__init__.py,,\nbotocore/endpoint.py,,\n",
    }
    here, there = told.answer(function(files, name), [HERE, "http://elsewhere.example"])
    assert {file for file, _, _ in json.loads(here[HEADER])} == {"app.py"}
    assert there == {}


def test_a_function_may_have_modules_of_the_same_names(told: Lab, name: str) -> None:
    files = {
        "app.py": "import callers, os\ndef handler(e, c): return [callers.mine, *os.environ]",
        "callers.py": "mine = 1",
    }
    mine, *variables = told.answer(function(files, name))
    assert mine == 1
    assert CALLERS not in variables


def test_added_variables_reach_functions_that_are_warm_and_wait_for_those_that_are_busy(
    open_lab: Callable[..., Lab], name: str, tmp_path: Path
) -> None:
    lab = open_lab(environment={"FIRST": "1"})
    source = (
        "import os, pathlib, time\n"
        "def handler(event, context):\n"
        " if event:\n"
        "  pathlib.Path(event, 'began').touch()\n"
        "  while not pathlib.Path(event, 'end').exists(): time.sleep(0.01)\n"
        " return [os.environ.get(name) for name in ('FIRST', 'SECOND')] + [os.getpid()]"
    )
    asked = function(source, name, timeout=30)

    async def add(variables: dict[str, str]) -> None:
        lab.executor.add_variables(variables)

    first = lab.answer(asked)
    assert first[:2] == ["1", None]
    busy = lab.start(asked, str(tmp_path))
    eventually((tmp_path / "began").exists)
    lab.call(add, {"SECOND": "2"})
    added = lab.answer(asked)
    assert added[:2] == ["1", "2"]
    assert lab.answer(asked) == added
    (tmp_path / "end").touch()
    assert json.loads(busy.result(30).payload) == first
    eventually(lambda: not alive(first[2]))
    lab.call(add, {})
    assert lab.answer(asked)[:2] == ["1", None]
