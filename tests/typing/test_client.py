"""What a type checker knows of the test client; mypy checks this file, pytest runs it."""

from __future__ import annotations

from typing import Any

import pytest
from typing_extensions import assert_type

from chalice import Chalice, CognitoUserPoolAuthorizer
from chalice.test import (
    Auth,
    Client,
    Delivery,
    HTTPResponse,
    InvokeResponse,
    TestConnection,
    TestWebsocketClient,
)


@pytest.fixture
def app() -> Chalice:
    app = Chalice("typed", configure_logs=False)
    pool = CognitoUserPoolAuthorizer("pool", ["arn"])
    app.route("/me", authorizer=pool)(lambda: "me")
    app.lambda_function(name="job")(lambda event, context: event)
    app.on_ws_message()(lambda event: {"body": "hi"})
    return app


def test_the_parts_of_a_client_are_typed(app: Chalice) -> None:
    with Client(app) as client:
        assert_type(client.http.get("/me", auth={"claims": {"sub": "1"}}), HTTPResponse)
        assert_type(client.http.post("/me", headers={"A": "b"}, body=b""), HTTPResponse)
        assert_type(client.lambda_.invoke("job", 1), InvokeResponse)
        assert_type(client.ws, TestWebsocketClient)
        connection = client.ws.connect(query="a=1", headers={"A": "b"})
        assert_type(connection, TestConnection)
        connection.send("hi")
        assert_type(connection.receive(), str)


def test_a_caller_is_claims_an_identity_or_a_context(app: Chalice) -> None:
    caller: Auth = {"claims": {"sub": "1"}}
    wrong: Auth = {"claim": {}}  # type: ignore[typeddict-unknown-key]
    assert Client(app).http.get("/me", auth=caller).status_code == 200
    with pytest.raises(ValueError, match="tells of callers by `claims`"):
        Client(app).http.get("/me", auth=wrong)


def test_what_happens_is_typed_by_its_kind(app: Chalice) -> None:
    emit = Client(app).events.emit
    assert_type(emit("s3", bucket="photos", key="a"), list[Delivery])
    assert_type(emit("sqs", queue="q", body=["a"], group="g"), list[Delivery])
    assert_type(emit("sns", topic="t", message="m", attributes={"a": 1}), list[Delivery])
    assert_type(emit("kinesis", stream="s", data=b"d"), list[Delivery])
    assert_type(emit("dynamodb", table="t", keys={"id": 1}, event="REMOVE"), list[Delivery])
    assert_type(emit("eventbridge", source="s", detail_type="t"), list[Delivery])
    assert_type(emit("schedule"), list[Delivery])
    assert_type(emit("kafka", topic="t", value=[b"v"]), list[Delivery])


def test_wrong_facts_are_errors(app: Chalice) -> None:
    emit = Client(app).events.emit
    with pytest.raises(TypeError):
        emit("s3", bucket="photos")  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        emit("schedule", key="a")  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="no source"):
        emit("sqz")  # type: ignore[call-overload]


def test_payloads_are_anything(app: Chalice) -> None:
    payload: Any = Client(app).lambda_.invoke("job", {"a": 1}).payload
    assert payload == {"a": 1}
