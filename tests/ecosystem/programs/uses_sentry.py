"""sentry-sdk's Chalice integration: it wraps the REST handler and replaces the event handler."""

import time

import pytest
import sentry_sdk
from sentry_sdk.integrations.chalice import ChaliceIntegration
from sentry_sdk.transport import Transport

from chalice import BadRequestError, Chalice
from chalice.config import Config
from chalice.local import LambdaContext, LocalGateway
from chalice.test import Client


class Kept(Transport):
    def __init__(self):
        super().__init__()
        self.events = []

    def capture_envelope(self, envelope):
        event = envelope.get_event()
        if event is not None:
            self.events.append(event)


@pytest.fixture
def events():
    transport = Kept()
    sentry_sdk.init(
        "https://key@example.com/1", integrations=[ChaliceIntegration()], transport=transport
    )
    return transport.events


@pytest.fixture
def app(events):
    app = Chalice("watched", configure_logs=False)

    @app.route("/boom")
    def boom():
        raise Exception("boom goes the dynamite")

    @app.route("/bad")
    def bad():
        raise BadRequestError("not good")

    @app.route("/message")
    def message():
        sentry_sdk.capture_message("hi")
        return {"status": "ok"}

    @app.schedule("rate(1 minute)")
    def minutely(event):
        raise Exception("schedule event!")

    @app.lambda_function()
    def job(event, context):
        raise Exception("job!")

    return app


def test_the_error_of_a_view_is_captured(app, events):
    response = LocalGateway(app, Config()).handle_request("GET", "/boom", {}, "")
    assert response["statusCode"] == 500
    captured = [event for event in events if "exception" in event]
    [error] = captured[-1]["exception"]["values"]
    assert error["value"] == "boom goes the dynamite"
    assert error["mechanism"] == {"type": "chalice", "handled": False}
    assert captured[-1]["transaction"] == "api_handler"


def test_an_error_that_is_an_answer_is_not_captured(app, events):
    assert Client(app).http.get("/bad").status_code == 400
    assert events == []


def test_a_message_of_a_view_says_where_it_was(app, events):
    assert Client(app).http.get("/message").json_body == {"status": "ok"}
    [event] = events
    assert event["message"] == "hi"
    assert event["transaction"] == "api_handler"
    assert event["extra"]["lambda"]["function_name"] == "api_handler"


@pytest.mark.parametrize(("name", "message"), [("minutely", "schedule event!"), ("job", "job!")])
def test_the_error_of_a_function_is_captured_and_raised(app, events, name, message):
    client = Client(app)
    with pytest.raises(Exception, match=message):
        client.lambda_.invoke(name, client.events.generate_schedule_event())
    [error] = events[-1]["exception"]["values"]
    assert (error["value"], error["mechanism"]["type"]) == (message, "chalice")


def test_a_handler_is_called_directly(events):
    app = Chalice("watched", configure_logs=False)

    @app.schedule("rate(1 minute)")
    def minutely(event):
        raise Exception("called")

    context = LambdaContext("name", 256, max_runtime_ms=10000, time_source=time)
    with pytest.raises(Exception, match="called"):
        minutely(Client(app).events.generate_schedule_event(), context=context)
    assert events[-1]["exception"]["values"][0]["value"] == "called"
