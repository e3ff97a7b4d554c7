"""Requests and invocations, as the console shows them."""

from __future__ import annotations

import base64

import pytest

from tests.local.console.lab import last, post, read
from tests.local.program import Program


def test_a_request_is_shown_with_its_answer_event_and_lines(program: Program) -> None:
    answer = program.client.get("/orders/7?x=1", headers={"X-Mine": "yes"})
    found = last(program)
    assert (found["method"], found["path"], found["status"]) == ("GET", "/orders/7?x=1", 200)
    assert found["state"] == "done"
    assert found["ms"] > 0
    assert found["request_id"] == answer.headers["x-amzn-requestid"]
    assert ["x-mine", "yes"] in found["headers"]
    assert found["answer"]["body"]["text"] == answer.text
    assert ["content-type", "application/json"] in found["answer"]["headers"]
    (invocation,) = found["invocations"]
    assert invocation["function"] == "api_handler"
    assert invocation["event"]["pathParameters"] == {"number": "7"}
    assert '"statusCode": 200' in invocation["result"]
    assert found["node"] == "route:GET /orders/{number}"


def test_lines_are_those_of_their_request(program: Program) -> None:
    program.get("/")
    found = last(program)
    assert [line["text"] for line in found["lines"]] == ["somebody looks", "to stderr"]
    assert all(line["exchange"] == found["id"] for line in found["lines"])
    assert not any('"GET / HTTP' in line["text"] for line in read(program, "lines"))


def test_a_failure_is_shown_with_its_stack(program: Program) -> None:
    program.get("/broken")
    found = last(program)
    assert (found["status"], found["state"]) == (500, "failed")
    (line,) = (line for line in found["lines"] if line["stack"])
    assert (line["level"], line["logger"]) == ("ERROR", "shop")
    assert "Traceback" not in line["text"]
    raised, cause = line["stack"]
    assert raised["message"] == "ValueError: <b>no</b> price"
    assert (raised["because"], cause["because"]) == ("cause", None)
    assert cause["message"] == "KeyError: 'price'"
    own = [frame for frame in raised["frames"] if frame["own"]]
    assert [(frame["file"], frame["function"]) for frame in own] == [
        ("app.py", "broken"),
        ("app.py", "price"),
    ]
    source = dict(own[0]["source"])
    assert source[own[0]["line"]].strip() == "return price({})"
    assert not raised["frames"][0]["own"]


def test_what_the_gateway_answers_itself_is_shown_too(program: Program) -> None:
    program.get("/nowhere")
    found = last(program)
    assert (found["status"], found["invocations"], found["body"]) == (403, [], None)


def test_an_authorizer_is_part_of_the_request(program: Program) -> None:
    headers = {"Authorization": "letmein", "x-api-key": "sesame"}
    program.client.delete("/orders/1", headers=headers)
    found = last(program)
    assert [each["function"] for each in found["invocations"]] == ["staff", "api_handler"]


def test_bytes_are_not_taken_for_text(program: Program) -> None:
    program.client.get("/bytes", headers={"Accept": "image/png"})
    body = last(program)["answer"]["body"]
    assert body == {"hex": bytes(range(64)).hex(), "size": 256, "cut": True}


def test_long_bodies_are_cut(program: Program) -> None:
    program.get("/large")
    body = last(program)["answer"]["body"]
    assert (body["cut"], len(body["text"])) == (True, 64 * 1024)
    assert body["size"] > 100_000
    program.client.post("/orders", json={"text": "ä" * 100_000})
    found = last(program)
    assert found["body"]["cut"]
    assert found["invocations"][0]["body_cut"]
    assert len(found["invocations"][0]["event"]["body"]) == 64 * 1024


def test_the_last_two_hundred_are_kept(program: Program) -> None:
    for _ in range(205):
        program.get("/orders/1")
    found = read(program, "exchanges")
    assert len(found) == 200
    ids = [each["id"] for each in found]
    assert ids == list(range(ids[0], ids[0] + 200))
    assert program.get(f"/_chalice/api/exchanges/{ids[0] - 1}").status_code == 404


def test_they_can_be_cleared(program: Program) -> None:
    program.get("/")
    assert post(program, "clear", {}).status_code == 200
    assert read(program, "exchanges") == []
    assert read(program, "lines") == []


def test_a_request_is_sent_from_the_console(program: Program) -> None:
    asked = {
        "method": "POST",
        "target": "/orders",
        "headers": [["Content-Type", "application/json"], ["Cookie", "a=b"]],
        "body": '{"chair": 1}',
    }
    answer = post(program, "send", asked).json()
    assert answer["status"] == 200
    assert answer["answer"]["body"]["text"] == '{"got":{"chair":1}}'
    assert answer["body"]["text"] == '{"chair": 1}'
    assert answer["invocations"][0]["event"]["headers"]["Cookie"] == "a=b"
    assert answer == last(program)


def test_bytes_are_sent_from_the_console(program: Program) -> None:
    asked = {
        "method": "POST",
        "target": "/orders",
        "headers": [["content-type", "application/json"]],
        "body": base64.b64encode(b"[1]").decode(),
        "base64": True,
    }
    assert post(program, "send", asked).json()["answer"]["body"]["text"] == '{"got":[1]}'


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"method": "G T"}, "method"),
        ({"method": None}, "method"),
        ({"target": "orders"}, "begins with /"),
        ({"target": "/a b"}, "percent-encoded"),
        ({"target": "/a\r\nX: y"}, "percent-encoded"),
        ({"headers": [["a b", "c"]]}, "header"),
        ({"headers": [["a", "b\r\nc: d"]]}, "header"),
        ({"headers": [["a"]]}, "header"),
        ({"headers": {"a": "b"}}, "pairs"),
        ({"body": 3}, "body"),
        ({"body": "*", "base64": True}, "base64"),
    ],
)
def test_what_cannot_be_sent_is_refused(
    change: dict[str, object], reason: str, program: Program
) -> None:
    answer = post(program, "send", {"method": "GET", "target": "/", "headers": [], **change})
    assert answer.status_code == 400
    assert reason in answer.json()["error"]


def test_a_handler_is_run_on_an_event(program: Program) -> None:
    event = read(program, "samples/ship?body=chair")["event"]
    answer = post(program, "invoke", {"handler": "ship", "event": event}).json()
    assert (answer["kind"], answer["state"], answer["error"]) == ("invocation", "done", None)
    assert answer["invocations"][0]["result"] == '"shipped"'
    assert [line["text"] for line in answer["lines"]] == ["shipping chair"]
    assert answer["node"] == "handler:ship"


def test_a_handler_that_fails_shows_its_stack(program: Program) -> None:
    event = read(program, "samples/ship?body=lost")["event"]
    answer = post(program, "invoke", {"handler": "ship", "event": event}).json()
    assert (answer["state"], answer["error"]) == ("failed", "Unhandled")
    (line,) = (line for line in answer["lines"] if line["stack"])
    assert line["stack"][0]["message"] == "LookupError: lost at sea"
    assert any(frame["own"] for frame in line["stack"][0]["frames"])


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"handler": "nobody", "event": {}}, "no handler nobody"),
        ({"handler": "ship", "event": [1]}, "JSON object"),
        ({"handler": ["ship"], "event": {}}, "no handler"),
    ],
)
def test_what_cannot_be_run_is_refused(
    asked: dict[str, object], reason: str, program: Program
) -> None:
    answer = post(program, "invoke", asked)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]
