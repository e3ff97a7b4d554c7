"""Middleware around event handlers, and blueprints that declare them."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Any

import pytest

from chalice import Blueprint, Chalice, ConvertToMiddleware
from chalice.app import (
    CloudWatchEvent,
    DynamoDBEvent,
    KafkaEvent,
    KinesisEvent,
    LambdaFunctionEvent,
    S3Event,
    SNSEvent,
    SQSEvent,
    SQSRecord,
    WebsocketEvent,
)
from tests.runtime.events import new_app
from tests.runtime.lambda_events import (
    CONTEXT,
    dynamodb_event,
    kafka_event,
    kinesis_event,
    s3_event,
    scheduled_event,
    sns_event,
    sqs_event,
    websocket_event,
)

KINDS: dict[str, tuple[Callable[[Chalice], Any], dict[str, Any], type]] = {
    "s3": (lambda app: app.on_s3_event("b"), s3_event(), S3Event),
    "sns": (lambda app: app.on_sns_message("t"), sns_event(), SNSEvent),
    "sqs": (lambda app: app.on_sqs_message("q"), sqs_event("a"), SQSEvent),
    "cloudwatch": (lambda app: app.on_cw_event({}), scheduled_event(), CloudWatchEvent),
    "scheduled": (lambda app: app.schedule("rate(1 day)"), scheduled_event(), CloudWatchEvent),
    "kafka": (lambda app: app.on_kafka("t", "arn"), kafka_event("YQ=="), KafkaEvent),
    "kinesis": (lambda app: app.on_kinesis_record("s"), kinesis_event("YQ=="), KinesisEvent),
    "dynamodb": (lambda app: app.on_dynamodb_record("a"), dynamodb_event(), DynamoDBEvent),
    "websocket": (lambda app: app.on_ws_message(), websocket_event(), WebsocketEvent),
    "pure_lambda": (lambda app: app.lambda_function(), {"a": 1}, LambdaFunctionEvent),
}
ALL = pytest.mark.parametrize("kind", list(KINDS))


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-west-2")


@ALL
def test_each_type_of_event_has_its_middleware(kind: str) -> None:
    declare, event, event_class = KINDS[kind]
    app = new_app()
    seen: list[tuple[str, type]] = []

    def recording(name: str) -> Any:
        def middleware(event: Any, get_response: Any) -> Any:
            seen.append((name, type(event)))
            return get_response(event)

        return middleware

    for name in ("all", *KINDS, "http"):
        app.register_middleware(recording(name), name)
    handler = declare(app)(lambda *_arguments: {"statusCode": 200})
    assert handler(event, CONTEXT) == {"statusCode": 200}
    assert seen == [("all", event_class), (kind, event_class)]


def test_the_first_is_outermost_and_the_chain_is_frozen_by_the_first_call() -> None:
    app = new_app()
    calls: list[str] = []

    def tracing(name: str) -> Any:
        def middleware(event: Any, get_response: Any) -> Any:
            calls.append(name)
            return get_response(event)

        return middleware

    app.register_middleware(tracing("first"))
    handler = app.on_s3_event("b")(lambda event: None)
    app.register_middleware(tracing("second"), "s3")
    handler(s3_event(), CONTEXT)
    app.register_middleware(tracing("too late"))
    handler(s3_event(), CONTEXT)
    assert calls == ["first", "second", "first", "second"]


def test_middleware_can_answer_itself_change_the_answer_and_replace_the_event() -> None:
    app = new_app()

    @app.middleware("sns")
    def change(event: SNSEvent, get_response: Any) -> Any:
        if event.message == "stop":
            return "stopped"
        return get_response(SNSEvent(sns_event("replaced"), event.context)) + "!"

    handler = app.on_sns_message("t")(lambda event: event.message)
    assert handler(sns_event("stop"), CONTEXT) == "stopped"
    assert handler(sns_event("go"), CONTEXT) == "replaced!"


def test_a_function_of_its_own_gets_what_middleware_passes_on() -> None:
    app = new_app()

    @app.middleware("pure_lambda")
    def add(event: LambdaFunctionEvent, get_response: Any) -> Any:
        return get_response(LambdaFunctionEvent({**event.event, "added": 1}, "other"))

    handler = app.lambda_function()(lambda event, context: (event, context))
    assert handler({"a": 1}, CONTEXT) == ({"a": 1, "added": 1}, "other")


def test_errors_pass_through_middleware_unchanged() -> None:
    app = new_app()
    seen: list[Exception] = []

    @app.middleware()
    def watch(event: Any, get_response: Any) -> Any:
        try:
            return get_response(event)
        except KeyError as error:
            seen.append(error)
            raise

    error = KeyError("k")

    @app.schedule("rate(1 day)")
    def failing(event: CloudWatchEvent) -> None:
        raise error

    with pytest.raises(KeyError) as caught:
        failing(scheduled_event(), CONTEXT)
    assert seen == [error]
    assert caught.value is error


@ALL
def test_a_decorator_of_lambda_functions_is_middleware_of_all_events(kind: str) -> None:
    declare, event, event_class = KINDS[kind]
    app = new_app()
    seen: list[Any] = []

    def decorator(tag: str, handler: Any) -> Any:
        def wrapper(event: Any, context: Any) -> Any:
            seen.append((tag, event, context))
            return handler(event, context)

        return wrapper

    app.register_middleware(ConvertToMiddleware(functools.partial(decorator, "tag")))
    handler = declare(app)(lambda *arguments: seen.append(type(arguments[0])))
    handler(event, CONTEXT)
    assert seen == [("tag", event, CONTEXT), dict if kind == "pure_lambda" else event_class]
    assert seen[0][1] is event


def test_what_such_a_decorator_changes_reaches_the_handler() -> None:
    app = new_app()

    def decorator(handler: Any) -> Any:
        return lambda event, context: handler(sns_event("changed"), "other")

    app.register_middleware(ConvertToMiddleware(decorator))
    topic = app.on_sns_message("t")(lambda event: (event.message, event.context))
    own = app.lambda_function(name="own")(lambda event, context: (event, context))
    assert topic(sns_event(), CONTEXT) == ("changed", "other")
    assert own({}, CONTEXT) == (sns_event("changed"), "other")


def test_programs_can_ask_for_the_middleware_of_a_type() -> None:
    app = new_app()

    def first(event: Any, get_response: Any) -> Any:
        return get_response(event)

    found = app._get_middleware_handlers("s3")
    assert [*found] == []
    app.register_middleware(first, "s3")
    app.register_middleware(first, "sqs")
    app.register_middleware(first)
    assert [*found] == [*found] == [first, first]


def test_a_handler_of_a_blueprint_runs_the_middleware_of_its_app() -> None:
    app, blueprint = new_app(), Blueprint("part")
    calls: list[str] = []

    def tracing(name: str) -> Any:
        def middleware(event: Any, get_response: Any) -> Any:
            calls.append(name)
            return get_response(event)

        return middleware

    @blueprint.on_s3_event("b")
    def handle(event: S3Event) -> str:
        return event.key

    @blueprint.on_s3_event("b")
    def frozen(event: S3Event) -> str:
        return event.key

    blueprint.register_middleware(tracing("blueprint"), "s3")
    assert frozen(s3_event("k"), CONTEXT) == "k"
    app.register_middleware(tracing("before"))
    app.register_blueprint(blueprint)
    app.register_middleware(tracing("after"))
    assert handle(s3_event("k"), CONTEXT) == "k"
    assert calls == ["before", "blueprint", "after"]
    frozen(s3_event("k"), CONTEXT)
    assert calls == ["before", "blueprint", "after"]


def test_each_app_of_a_blueprint_has_a_handler_of_its_own() -> None:
    blueprint = Blueprint("part")
    apps = {name: Chalice(name, configure_logs=False, env={}) for name in ("first", "second")}

    @blueprint.on_s3_event("b")
    def handle(event: S3Event) -> str:
        if event.key == "fail":
            raise KeyError
        return event.key

    def naming(name: str) -> Callable[[Any, Callable[[Any], Any]], str]:
        return lambda event, get_response: f"{name} {get_response(event)}"

    def recovering(name: str) -> Callable[[Any], str]:
        return lambda _error: f"{name} recovered"

    for name, app in apps.items():
        app.register_middleware(naming(name))
        app.register_error_handler(KeyError, recovering(name))
        app.register_blueprint(blueprint)
    for name, app in apps.items():
        assert app.handler_map["handle"](s3_event("k"), CONTEXT) == f"{name} k"
        assert app.handler_map["handle"](s3_event("fail"), CONTEXT) == f"{name} recovered"
    assert handle(s3_event("k"), CONTEXT) == "second k"


def test_a_blueprint_registered_twice_declares_its_events_twice() -> None:
    app, blueprint = new_app(), Blueprint("chalicelib.jobs")
    blueprint.schedule("rate(1 day)", name="daily", description="d")(lambda event: "ran")
    app.register_blueprint(blueprint, name_prefix="a_")
    app.register_blueprint(blueprint, name_prefix="b_")
    assert [record.name for record in app.event_sources] == ["a_daily", "b_daily"]
    assert app.handler_map["a_daily"](scheduled_event(), CONTEXT) == "ran"


def test_error_handlers_of_a_blueprint_apply_to_its_events_before_the_apps() -> None:
    app, blueprint, nested = new_app(), Blueprint("part"), Blueprint("part")
    app.error(Exception)(lambda error: "the app")
    blueprint.error(LookupError)(lambda error: "the blueprint")
    nested.error(KeyError)(lambda error: "the nested one")
    blueprint.register_blueprint(nested)

    def fail(event: SNSEvent) -> None:
        raise {"key": KeyError, "index": IndexError, "value": ValueError}[event.message]

    handlers = [
        nested.on_sns_message("t", name="nested")(fail),
        blueprint.on_sns_message("t", name="blueprint")(fail),
        app.on_sns_message("t", name="app")(fail),
    ]
    with pytest.raises(KeyError):
        handlers[0](sns_event("key"), CONTEXT)
    app.register_blueprint(blueprint)
    assert [
        [handler(sns_event(kind), CONTEXT) for kind in ("key", "index", "value")]
        for handler in handlers
    ] == [
        ["the nested one", "the blueprint", "the app"],
        ["the blueprint", "the blueprint", "the app"],
        ["the app", "the app", "the app"],
    ]


def test_event_handlers_error_handlers_and_middleware_may_be_async() -> None:
    app = new_app()
    seen: list[str] = []

    @app.middleware("sqs")
    async def watch(event: SQSEvent, get_response: Any) -> Any:
        await asyncio.sleep(0)
        return await get_response(event)

    @app.error(KeyError)
    async def recover(error: KeyError) -> str:
        await asyncio.sleep(0)
        return "recovered"

    @app.on_sqs_message("q", name="whole")
    async def whole(event: SQSEvent) -> int:
        await asyncio.sleep(0)
        return len([*event])

    @app.on_sqs_message("q", name="each", each=True)
    async def each(record: SQSRecord) -> None:
        await asyncio.sleep(0)
        seen.append(record.body)
        raise {"key": KeyError, "value": ValueError}[record.body]

    @app.lambda_function()
    async def own(event: Any, context: Any) -> None:
        raise KeyError

    assert whole(sqs_event("a", "b"), CONTEXT) == 2
    report = {"batchItemFailures": [{"itemIdentifier": "id-1"}]}
    assert each(sqs_event("key", "value"), CONTEXT) == report
    assert seen == ["key", "value"]
    assert own({}, CONTEXT) == "recovered"
