"""An app with something of everything, and how its console is asked."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.local.program import Program, make_project, running

APP = """
import json
import sys
import time

import boto3
from chalice import AuthResponse, Chalice, Rate, Response

app = Chalice(app_name="shop")
app.websocket_api.session = boto3.session.Session()
app.experimental_feature_flags.update(["WEBSOCKETS"])


@app.authorizer()
def staff(request):
    return AuthResponse(routes=["*"] if request.token == "letmein" else [], principal_id="ann")


@app.route("/")
def index():
    print("somebody looks")
    print("to stderr", file=sys.stderr)
    return {"hello": "world"}


@app.route("/orders", methods=["POST"], content_types=["application/json", "application/xml"])
def order():
    return {"got": app.current_request.json_body}


@app.route("/orders/{number}", cors=True)
def one(number):
    '''One order.'''
    return {"number": number, "query": app.current_request.query_params}


@app.route("/orders/{number}", methods=["DELETE"], authorizer=staff, api_key_required=True)
def remove(number):
    return {"removed": number}


@app.route("/broken")
def broken():
    return price({})


def price(order):
    try:
        return order["price"]
    except KeyError as error:
        raise ValueError("<b>no</b> price") from error


@app.route("/nasty")
def nasty():
    app.log.error("<img src=x onerror=alert(1)>")
    return Response("<script>alert(1)</script>", headers={"Content-Type": "text/html"})


@app.route("/bytes")
def some_bytes():
    return Response(bytes(range(256)), headers={"Content-Type": "image/png"})


@app.route("/large")
def large():
    return {"text": "x" * 100_000}


@app.route("/slow")
def slow():
    time.sleep(0.3)
    return {}


@app.on_sqs_message(queue="orders")
def ship(event):
    '''Ship an order.'''
    for record in event:
        print("shipping", record.body)
        if record.body == "lost":
            raise LookupError("lost at sea")
    return "shipped"


@app.schedule(Rate(1, unit=Rate.HOURS))
def hourly(event):
    return None


@app.lambda_function()
def report(event, context):
    return {"got": event}


@app.on_ws_connect()
def connect(event):
    if (event.to_dict().get("queryStringParameters") or {}).get("no"):
        raise ValueError("no")


@app.on_ws_message()
def message(event):
    app.websocket_api.send(event.connection_id, event.body.upper())
"""
JSON = {"Content-Type": "application/json"}


@contextmanager
def shop(folder: Path, *arguments: str, app: str = APP) -> Iterator[Program]:
    """Run `chalice local` with the app."""
    with running(make_project(folder, app), "--api-key", "sesame", *arguments) as program:
        yield program


def read(program: Program, name: str) -> Any:
    """Return what the console has of a name."""
    answer = program.client.get(f"/_chalice/api/{name}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def post(program: Program, name: str, content: Any) -> httpx.Response:
    """Have the console do something, as its own pages ask for it."""
    return program.client.post(
        f"/_chalice/api/{name}", json=content, headers={"Origin": program.url}
    )


def last(program: Program) -> Any:
    """Return the last exchange in full."""
    return read(program, f"exchanges/{read(program, 'exchanges')[-1]['id']}")


def raw(port: int, head: str, body: str = "") -> tuple[int, dict[str, str], str]:
    """Send a request as it stands, lines of the head and the body, and return the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        lines = [*head.strip().split("\n"), "Connection: close", "", body]
        client.sendall("\r\n".join(line.strip() for line in lines).encode())
        received = b""
        while chunk := client.recv(65536):
            received += chunk
    top, _, content = received.decode().partition("\r\n\r\n")
    first, *rest = top.split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in rest)
    return int(first.split()[1]), headers, content


def json_of(text: str) -> Any:
    return json.loads(text)
