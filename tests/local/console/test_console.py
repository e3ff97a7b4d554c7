"""What the console says of the app, of its log, and of what changes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.local.console.lab import APP, post, read, shop
from tests.local.program import SECONDS, Program, write


def news(lines: Iterator[str], kind: str) -> Any:
    """Return the next piece of news of a kind."""
    deadline = time.monotonic() + SECONDS
    for line in lines:
        assert time.monotonic() < deadline, f"nothing of {kind}"
        if line.startswith("data: "):
            for each in json.loads(line.removeprefix("data: ")):
                if each["kind"] == kind:
                    return each["data"]
    raise AssertionError(f"the stream ended without {kind}")


def until(program: Program, name: str, condition: str) -> Any:
    """Return what the console has of a name as soon as it has that."""
    deadline = time.monotonic() + SECONDS
    while condition not in json.dumps(found := read(program, name)):
        assert time.monotonic() < deadline, found
        time.sleep(0.01)
    return found


def test_the_app_is_described(program: Program) -> None:
    app = read(program, "app")
    assert (app["name"], app["protocol"], app["problem"]) == ("shop", "REST API", None)
    assert app["sockets"]
    routes = {each["path"]: each for each in app["routes"]}
    number = routes["/orders/{number}"]
    assert number["parameters"] == [{"name": "number", "greedy": False}]
    one, remove = number["methods"]
    assert (one["method"], one["view"], one["doc"], one["cors"]) == (
        "GET",
        "one",
        "One order.",
        True,
    )
    assert one["place"].startswith("app.py:")
    assert remove["api_key"]
    assert remove["authorizer"] == {"name": "staff", "kind": "app", "header": "Authorization"}
    assert "application/xml" in routes["/orders"]["methods"][0]["content_types"]
    handlers = {each["name"]: each for each in app["handlers"]}
    assert {name: (each["kind"], each["source"]) for name, each in handlers.items()} == {
        "ship": ("sqs", "orders"),
        "hourly": ("schedule", "rate(1 hour)"),
        "report": ("function", ""),
        "staff": ("authorizer", ""),
        "websocket_connect": ("websocket", "$connect"),
        "websocket_message": ("websocket", "$default"),
    }
    assert handlers["ship"]["doc"] == "Ship an order."


def test_the_document_of_the_api_is_the_deployed_one(program: Program) -> None:
    document = read(program, "openapi")
    assert set(document["paths"]["/orders/{number}"]) >= {"get", "delete", "options"}
    assert document["paths"]["/orders/{number}"]["delete"]["security"]


@pytest.mark.parametrize("handler", ["ship", "hourly", "report", "staff", "websocket_connect"])
def test_every_handler_takes_its_sample(handler: str, program: Program) -> None:
    event = read(program, f"samples/{handler}")["event"]
    answer = post(program, "invoke", {"handler": handler, "event": event}).json()
    assert answer["error"] is None, answer


def test_samples_say_what_can_be_said(program: Program) -> None:
    found = read(program, "samples/ship?body=hello")
    assert found["event"]["Records"][0]["body"] == "hello"
    assert "body" in found["options"]
    refused = program.get("/_chalice/api/samples/ship?colour=red")
    assert refused.status_code == 400
    assert "colour" in refused.json()["error"]
    assert program.get("/_chalice/api/samples/nobody").status_code == 404


def test_the_map_has_what_the_code_calls(tmp_path: Path) -> None:
    app = """
        import boto3
        from chalice import Chalice
        app = Chalice(app_name="mapped")
        @app.route("/orders", methods=["POST"])
        def order():
            keep()
        @app.route("/", methods=["GET"])
        def index():
            return {}
        def keep():
            boto3.client("sqs", "eu-west-1").send_message(
                QueueUrl="https://sqs.eu-west-1.amazonaws.com/123456789012/orders", MessageBody="x")
        @app.on_sqs_message(queue="orders")
        def ship(event):
            boto3.resource("dynamodb", "eu-west-1").Table("shipped").put_item(Item={})
        """
    with shop(tmp_path, app=app) as program:
        found = until(program, "map", '"complete": true')
    assert {(each["from"], each["to"], each["kind"]) for each in found["edges"]} == {
        ("route:POST /orders", "view:order", "invokes"),
        ("route:GET /", "view:index", "invokes"),
        ("sqs:orders", "handler:ship", "invokes"),
        ("view:order", "resource:queue:orders", "calls"),
        ("handler:ship", "resource:table:shipped", "calls"),
    }
    (call,) = (each for each in found["edges"] if each["from"] == "handler:ship")
    assert call["actions"] == ["dynamodb:PutItem"]
    (queue,) = (each for each in found["nodes"] if each["id"] == "resource:queue:orders")
    assert queue["feeds"] == "sqs:orders"


def test_news_come_as_they_happen(program: Program) -> None:
    url = "/_chalice/api/events"
    with program.client.stream("GET", url) as stream, httpx.Client(base_url=program.url) as other:
        assert stream.headers["content-type"] == "text/event-stream"
        lines = stream.iter_lines()
        assert next(lines).startswith("retry:")
        other.get("/broken")
        line = news(lines, "line")
        assert line["stack"]
        other.get("/orders/1")
        exchange = news(lines, "exchange")
        assert exchange["path"] in ("/broken", "/orders/1")


def test_code_that_cannot_be_loaded_is_told(tmp_path: Path) -> None:
    with shop(tmp_path) as program:
        generation = read(program, "app")["generation"]
        with program.client.stream("GET", "/_chalice/api/events") as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("retry:")
            write(tmp_path, "app.py", APP + "\ndef broken(:\n")
            (problem,) = news(lines, "app")["problem"]
            assert "syntax" in problem["summary"]
            assert problem["where"].startswith("app.py:")
            assert program.get("/").json() == {"hello": "world"}
            write(tmp_path, "app.py", APP.replace("world", "you"))
            app = news(lines, "app")
            while app["problem"]:
                app = news(lines, "app")
            assert app["generation"] != generation
        assert program.get("/").json() == {"hello": "you"}


def test_without_any_app_the_console_says_why(tmp_path: Path) -> None:
    with shop(tmp_path, app="from chalice import Chalice\n\napp = Chalise()\n") as program:
        app = read(program, "app")
        assert app["generation"] is None
        assert "Chalise" in app["problem"][0]["summary"]
        assert read(program, "map")["nodes"] == []
        assert program.get("/").status_code == 502


def test_it_ends_at_once_though_somebody_looks(tmp_path: Path) -> None:
    with shop(tmp_path) as program, program.client.stream("GET", "/_chalice/api/events") as stream:
        assert next(stream.iter_lines()).startswith("retry:")
        began = time.monotonic()
        assert program.interrupt() == 0
        assert time.monotonic() - began < 1
        assert "graceful" not in program.out.text + program.err.text


def websocket(program: Program, path: str = "/") -> ClientConnection:
    return connect(f"ws://127.0.0.1:{program.port}{path}", proxy=None)


def test_clients_and_their_frames_are_shown(program: Program) -> None:
    with websocket(program) as client:
        client.send("hello")
        assert client.recv(timeout=SECONDS) == "HELLO"
        found = read(program, "clients")[-1]
        assert (found["state"], found["frames"]) == ("open", 2)
        assert found["connection_id"]
        said = read(program, f"clients/{found['id']}")["said"]
        assert [(each["direction"], each["body"]["text"]) for each in said] == [
            ("in", "hello"),
            ("out", "HELLO"),
        ]
    until(program, f"clients/{found['id']}", "Closed by the client: 1000")
    assert read(program, f"clients/{found['id']}")["state"] == "closed"


def test_the_sample_of_a_message_is_from_a_client_that_is_connected(program: Program) -> None:
    with websocket(program) as client:
        event = read(program, "samples/websocket_message?body=sample")["event"]
        post(program, "invoke", {"handler": "websocket_message", "event": event})
        assert client.recv(timeout=SECONDS) == "SAMPLE"


def test_a_frame_is_sent_to_a_client_and_it_is_closed(program: Program) -> None:
    with websocket(program) as client:
        client.send("x")
        client.recv(timeout=SECONDS)
        id = read(program, "clients")[-1]["id"]
        assert post(program, f"clients/{id}/send", {"text": "from the console"}).status_code == 200
        assert client.recv(timeout=SECONDS) == "from the console"
        assert post(program, f"clients/{id}/send", {"text": 3}).status_code == 400
        assert post(program, f"clients/{id}/close", {}).status_code == 200
        with pytest.raises(Exception, match="1000"):
            client.recv(timeout=SECONDS)
    gone = post(program, f"clients/{id}/send", {"text": "again"})
    assert (gone.status_code, "not connected" in gone.json()["error"]) == (400, True)
    assert post(program, "clients/999/send", {"text": "x"}).status_code == 404


def test_a_client_that_was_refused_is_shown(program: Program) -> None:
    with pytest.raises(Exception, match="HTTP"):
        websocket(program, "/?no=1")
    found = read(program, "clients")[-1]
    assert found["state"] == "refused"
    assert "Refused with status" in json.dumps(read(program, f"clients/{found['id']}"))
    failed = [each for each in read(program, "exchanges") if each["state"] == "failed"]
    assert failed[-1]["path"] == "websocket_connect"


@pytest.mark.parametrize(
    "name", ["nothing", "exchanges/x", "exchanges/9999999", "clients/0", "data"]
)
def test_what_is_not_there_is_not_found(name: str, program: Program) -> None:
    answer = program.get(f"/_chalice/api/{name}")
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("The console has no ")


def test_what_is_no_json_is_refused(program: Program) -> None:
    headers = {"Origin": program.url, "Content-Type": "application/json"}
    for content in ("{", "[]", ""):
        answer = program.client.post("/_chalice/api/send", content=content, headers=headers)
        assert answer.status_code == 400
