"""Powertools for AWS Lambda: Logger and Tracer in handlers, as decorators and as middleware."""

import io
import json

from aws_lambda_powertools import Logger, Tracer

from chalice import Chalice, ConvertToMiddleware
from chalice.test import Client


def made(service):
    app = Chalice(service)
    stream = io.StringIO()
    logger = Logger(service=service, stream=stream)
    tracer = Tracer(service=service, disabled=True)
    app.register_middleware(ConvertToMiddleware(logger.inject_lambda_context))
    app.register_middleware(ConvertToMiddleware(tracer.capture_lambda_handler))

    @app.middleware("http")
    def add_path(event, get_response):
        logger.append_keys(route=event.path)
        return get_response(event)

    @app.route("/hello/{name}")
    @tracer.capture_method
    def hello(name):
        logger.info("hello %s", name)
        return {"hello": name}

    @app.lambda_function()
    def job(event, context):
        logger.info("job %s", event["id"])
        return {"done": event["id"]}

    return app, stream


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_view_logs_with_the_context_of_its_function():
    app, stream = made("routes")
    assert Client(app).http.get("/hello/ann").json_body == {"hello": "ann"}
    [line] = lines(stream)
    assert line["message"] == "hello ann"
    assert line["route"] == "/hello/{name}"
    assert line["function_name"] == "api_handler"
    assert line["function_memory_size"] == 128
    assert line["cold_start"] is True
    assert line["function_request_id"]


def test_a_function_logs_with_its_own_context():
    app, stream = made("functions")
    assert Client(app).lambda_.invoke("job", {"id": 7}).payload == {"done": 7}
    [line] = lines(stream)
    assert (line["message"], line["function_name"]) == ("job 7", "job")
