"""Decorators of events: what they record, and the handlers that they leave behind."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import chalice.app
from chalice import Blueprint, Chalice, Cron, Rate, Response
from chalice.app import (
    BaseLambdaHandler,
    CloudWatchEvent,
    DecoratorAPI,
    EventSourceHandler,
    KafkaEvent,
    LambdaFunction,
    PureLambdaWrapper,
    S3Event,
    SNSEvent,
    SQSEvent,
)
from chalice.runtime.decorators import triggers_of
from tests.runtime.events import new_app, rest_event
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

API = Chalice | Blueprint
Declare = Callable[[API, str | None], Callable[[Callable[..., Any]], Any]]

DECORATORS: dict[str, tuple[Declare, dict[str, Any], str]] = {
    "schedule": (lambda api, name: api.schedule("rate(1 hour)", name), scheduled_event(), "source"),
    "on_cw_event": (lambda api, name: api.on_cw_event({}, name), scheduled_event(), "source"),
    "on_s3_event": (lambda api, name: api.on_s3_event("b", name=name), s3_event(), "bucket"),
    "on_sns_message": (lambda api, name: api.on_sns_message("t", name), sns_event(), "message"),
    "on_sqs_message": (lambda api, name: api.on_sqs_message("q", 1, name), sqs_event("a"), ""),
    "on_kinesis_record": (
        lambda api, name: api.on_kinesis_record("s", name=name),
        kinesis_event("YQ=="),
        "",
    ),
    "on_dynamodb_record": (
        lambda api, name: api.on_dynamodb_record("arn", name=name),
        dynamodb_event(),
        "",
    ),
}
ALL = pytest.mark.parametrize("kind", list(DECORATORS))


def attributes(record: object) -> dict[str, Any]:
    return dict(vars(record))


def test_records_of_events_hold_what_the_decorator_was_given() -> None:
    app = new_app()
    rate, pattern = Rate(5, unit=Rate.MINUTES), {"source": ["aws.ec2"]}

    def f(event: object) -> None:
        """Does nothing."""

    app.schedule(rate, name="a", description="why")(f)
    app.on_cw_event(pattern, name="b")(f)
    app.on_s3_event("bucket", ["s3:ObjectRemoved:*"], "in/", ".jpg", "c")(f)
    app.on_s3_event("bucket", name="d")(f)
    app.on_sns_message("topic", "e")(f)
    app.on_sqs_message("queue", 10, "f", None, 30, 5)(f)
    app.on_sqs_message(queue_arn="arn", name="g")(f)
    lost = "arn:aws:sqs:us-east-1:1:lost"
    app.on_kinesis_record("stream", 50, "TRIM_HORIZON", "h", 7, on_failure=lost)(f)
    app.on_dynamodb_record("arn", 50, "TRIM_HORIZON", "i", 7, on_failure=lost)(f)
    stream = {
        "batch_size": 50,
        "starting_position": "TRIM_HORIZON",
        "maximum_batching_window_in_seconds": 7,
        "each": False,
        "filters": None,
        "options": {"on_failure": lost},
    }
    expected: list[tuple[str, dict[str, Any]]] = [
        ("ScheduledEventConfig", {"schedule_expression": rate, "description": "why"}),
        ("CloudWatchEventConfig", {"event_pattern": pattern, "event_bus": None}),
        (
            "S3EventConfig",
            {
                "bucket": "bucket",
                "events": ["s3:ObjectRemoved:*"],
                "prefix": "in/",
                "suffix": ".jpg",
            },
        ),
        (
            "S3EventConfig",
            {"bucket": "bucket", "events": ["s3:ObjectCreated:*"], "prefix": None, "suffix": None},
        ),
        (
            "SNSEventConfig",
            {
                "topic": "topic",
                "filter_policy": None,
                "filter_policy_scope": "MessageAttributes",
            },
        ),
        (
            "SQSEventConfig",
            {
                "queue": "queue",
                "queue_arn": None,
                "batch_size": 10,
                "maximum_batching_window_in_seconds": 30,
                "maximum_concurrency": 5,
                "each": False,
                "filters": None,
            },
        ),
        (
            "SQSEventConfig",
            {
                "queue": None,
                "queue_arn": "arn",
                "batch_size": 1,
                "maximum_batching_window_in_seconds": 0,
                "maximum_concurrency": None,
                "each": False,
                "filters": None,
            },
        ),
        ("KinesisEventConfig", {"stream": "stream", **stream}),
        ("DynamoDBEventConfig", {"stream_arn": "arn", **stream}),
    ]
    assert [(type(record).__name__, attributes(record)) for record in app.event_sources] == [
        (kind, {"name": name, "handler_string": "app.f", **settings})
        for name, (kind, settings) in zip("abcdefghi", expected, strict=True)
    ]
    assert list(app.handler_map) == list("abcdefghi")


def test_records_can_be_made_by_position() -> None:
    """The order of the parameters is that which tools have come to expect."""
    made = [
        chalice.app.ScheduledEventConfig("n", "h", "rate(1 day)", "d"),
        chalice.app.CloudWatchEventConfig("n", "h", {"p": 1}),
        chalice.app.S3EventConfig("n", "b", ["e"], "p", "s", "h"),
        chalice.app.SNSEventConfig("n", "h", "t"),
        chalice.app.SQSEventConfig("n", "h", "q", "arn", 1, 2, 3),
        chalice.app.KinesisEventConfig("n", "h", "s", 1, "LATEST", 2),
        chalice.app.DynamoDBEventConfig("n", "h", "arn", 1, "LATEST", 2),
        chalice.app.BaseEventSourceConfig("n", "h"),
    ]
    assert {(record.name, record.handler_string) for record in made} == {("n", "h")}
    assert attributes(made[2]) == {
        "name": "n",
        "bucket": "b",
        "events": ["e"],
        "prefix": "p",
        "suffix": "s",
        "handler_string": "h",
    }


def test_filters_are_recorded_on_the_triggers() -> None:
    app = new_app()
    filters = [{"body": {"type": ["order"]}}]

    def f(event: object) -> None:
        """Does nothing."""

    app.on_sns_message("t", filter_policy={"store": ["a"]})(f)
    app.on_sqs_message("q", filters=filters, each=True)(f)
    app.on_kinesis_record("s", filters=filters, each=True)(f)
    app.on_dynamodb_record("arn", filters=filters, each=True)(f)
    topic, *others = map(attributes, app.event_sources)
    assert topic["filter_policy"] == {"store": ["a"]}
    assert [(record["filters"], record["each"]) for record in others] == [(filters, True)] * 3


@pytest.mark.parametrize("filters", ["{}", {"body": {}}, ["{}"]])
def test_filters_are_a_list_of_dicts(filters: Any) -> None:
    app = new_app()
    for declare in (
        app.on_sqs_message("q", filters=filters),
        app.on_kinesis_record("s", filters=filters),
        app.on_dynamodb_record("arn", filters=filters),
    ):
        with pytest.raises(TypeError, match="filters must be a list of patterns"):
            declare(lambda event: None)
    assert (app.event_sources, app.handler_map) == ([], {})


def test_a_queue_is_needed() -> None:
    with pytest.raises(ValueError) as caught:
        new_app().on_sqs_message(batch_size=5)
    assert str(caught.value) == (
        "Must provide either `queue` or `queue_arn` to the `on_sqs_message` decorator."
    )


@ALL
def test_a_handler_turns_the_event_into_an_object_and_returns_the_result(kind: str) -> None:
    declare, event, attribute = DECORATORS[kind]
    app = new_app()
    seen: list[Any] = []

    @declare(app, None)
    def handle(event: Any) -> Any:
        """Handles it."""
        seen.append(event)
        return result

    for result in ({"any": 1}, b"bytes", (1, 2), object(), None):
        assert handle(event, CONTEXT) is result
    assert handle(event=event, context=CONTEXT) is None
    assert seen[0].to_dict() is event
    assert seen[0].context is CONTEXT
    assert hasattr(seen[0], attribute or "__iter__")
    assert isinstance(handle, EventSourceHandler)
    assert isinstance(seen[0], handle.event_class)
    assert app.handler_map == {"handle": handle}
    assert (handle.__name__, handle.__doc__, handle.__module__) == (
        "handle",
        "Handles it.",
        __name__,
    )
    assert handle.__wrapped__ is handle.func
    assert handle.func.__name__ == "handle"


@ALL
def test_a_name_replaces_that_of_the_function_but_for_lambda(kind: str) -> None:
    declare, _, _ = DECORATORS[kind]
    app, blueprint = new_app(), Blueprint("chalicelib.jobs")

    def handle(event: object) -> None:
        """Does nothing."""

    declare(app, "custom")(handle)
    declare(blueprint, "other")(handle)
    app.register_blueprint(blueprint, name_prefix="pre_")
    assert [(record.name, record.handler_string) for record in app.event_sources] == [
        ("custom", "app.handle"),
        ("pre_other", "chalicelib.jobs.handle"),
    ]
    assert list(app.handler_map) == ["custom", "pre_other"]


def test_a_function_of_its_own_gets_event_and_context() -> None:
    app = new_app()

    @app.lambda_function(name="custom")
    def add(event: Any, context: Any) -> Any:
        """Adds."""
        return [event, context]

    assert isinstance(add, EventSourceHandler)
    assert add({"a": 1}, CONTEXT) == [{"a": 1}, CONTEXT]
    assert add(["no", "dict"], None) == [["no", "dict"], None]  # type: ignore[arg-type]
    assert isinstance(add.func, PureLambdaWrapper)
    assert (add.__name__, add.__doc__) == ("add", "Adds.")
    [record] = app.pure_lambda_functions
    assert isinstance(record, LambdaFunction)
    assert (record.name, record.handler_string) == ("custom", "app.add")
    assert record.func is add.user_function
    assert record({"b": 2}, None) == [{"b": 2}, None]
    assert app.handler_map == {"custom": add}
    assert app.event_sources == []


def test_handlers_can_be_made_by_hand() -> None:
    handler = EventSourceHandler(lambda event: event.key, S3Event)
    chains = [handler.handler]
    assert handler(s3_event("k"), None) == "k"
    chains.append(handler.handler)
    assert [callable(chain) for chain in chains] == [False, True]
    again = EventSourceHandler(lambda event: "", S3Event, [lambda event, _next: event.bucket])
    assert again(s3_event(), None) == "amzn-s3-demo-bucket"
    abstract = BaseLambdaHandler(lambda event: "", S3Event)
    with pytest.raises(NotImplementedError):
        abstract({}, None)


def test_missing_keys_are_errors_before_the_function_runs() -> None:
    app = new_app()
    app.register_middleware(lambda event, get_response: pytest.fail("ran"))
    handler = app.on_s3_event("b")(lambda event: pytest.fail("ran"))
    with pytest.raises(KeyError, match="Records"):
        handler({}, CONTEXT)


def test_two_triggers_can_have_one_function() -> None:
    app = new_app()
    seen: list[Any] = []

    @app.on_s3_event("b", name="objects")
    @app.on_sns_message("t", name="messages")
    @app.schedule("rate(1 hour)", name="hourly")
    def handle(event: S3Event | SNSEvent | CloudWatchEvent) -> None:
        """Handles all."""
        seen.append(type(event))

    handle(scheduled_event(), CONTEXT)
    handle(s3_event(), CONTEXT)
    handle(sns_event(), CONTEXT)
    assert seen == [CloudWatchEvent, S3Event, SNSEvent]
    assert handle.func.__name__ == "handle"
    assert {record.handler_string for record in app.event_sources} == {"app.handle"}
    assert list(app.handler_map) == ["hourly", "messages", "objects"]
    app.handler_map["messages"](sns_event(), CONTEXT)
    assert seen[-1] is SNSEvent


def test_a_function_called_by_name_can_have_a_trigger_too() -> None:
    app = new_app()

    @app.on_s3_event("b", name="objects")
    @app.lambda_function(name="by_name")
    def handle(event: Any, context: Any = None) -> Any:
        return event.key if isinstance(event, S3Event) else event

    assert handle(s3_event("k"), CONTEXT) == "k"
    assert handle({"other": 1}, CONTEXT) == {"other": 1}


def test_a_view_can_be_scheduled() -> None:
    app = new_app()

    @app.schedule("rate(1 hour)", name="hourly")
    @app.route("/")
    def both(event: CloudWatchEvent | None = None) -> str:
        return "asked for" if event is None else event.source

    assert both(scheduled_event(), CONTEXT) == "aws.events"
    assert app(rest_event(), CONTEXT)["body"] == "asked for"


def test_a_function_with_triggers_can_be_a_view() -> None:
    app = new_app()

    @app.route("/objects/{key}")
    @app.route("/last/{key}")
    @app.on_s3_event("b", name="objects")
    @app.lambda_function(name="by_name")
    def handle(event: Any = None, context: Any = None, key: str = "") -> Any:
        """Handles all."""
        return event.key if isinstance(event, S3Event) else event or key

    request = rest_event(path="/objects/{key}", uri={"key": "k"})
    assert app(request, CONTEXT)["body"] == "k"
    entry = app.routes["/last/{key}"]["GET"]
    assert (entry.view_name, entry.view_function.__doc__) == ("handle", "Handles all.")
    assert app.handler_map["handle"] is handle
    assert handle(s3_event("o"), CONTEXT) == "o"
    assert handle({"other": 1}, CONTEXT) == {"other": 1}


@pytest.mark.parametrize("name", [None, "named"])
def test_a_callable_that_lambda_cannot_find_is_refused(name: str | None) -> None:
    app = new_app()
    nameless = functools.partial(lambda number, event: number, 1)
    for declare, _, _ in DECORATORS.values():
        with pytest.raises(TypeError, match="has no __name__ for Lambda to find it by"):
            declare(app, name)(nameless)
    with pytest.raises(TypeError, match="has no __name__"):
        app.lambda_function(name)(nameless)
    assert (app.event_sources, app.handler_map) == ([], {})


@pytest.fixture
def instrumented() -> Iterator[list[str]]:
    """Calls of event handlers, seen by a class put in place of the runtime's."""
    calls: list[str] = []

    class Wrapped(EventSourceHandler[Any]):
        def __call__(self, event: Any, context: Any) -> Any:
            calls.append(self.__name__)
            return EventSourceHandler.__call__(self, event, context)

    chalice.app.EventSourceHandler = Wrapped  # type: ignore[misc]
    yield calls
    del chalice.app.EventSourceHandler


def test_handlers_are_of_the_class_that_instrumentation_put_there(instrumented: list[str]) -> None:
    app, blueprint = new_app(), Blueprint("part")

    @app.on_sqs_message("q")
    def messages(event: SQSEvent) -> int:
        return len([*event])

    @blueprint.lambda_function()
    def job(event: Any, context: Any) -> Any:
        return event

    app.register_blueprint(blueprint)
    assert messages(sqs_event("a", "b"), CONTEXT) == 2
    assert job({}, CONTEXT) == app.handler_map["job"]({}, CONTEXT) == {}
    assert instrumented == ["messages", "job", "job"]


def test_error_handlers_apply_to_events_and_the_nearest_class_wins() -> None:
    app = new_app()
    errors: list[Exception] = [ZeroDivisionError("0"), KeyError("k"), ValueError("v")]
    app.error(ArithmeticError)(lambda error: f"arithmetic {error}")
    app.error(Exception)(lambda error: f"any {error}")
    app.error(ZeroDivisionError)(lambda error: f"zero {error}")

    @app.on_sqs_message("q")
    def failing(event: SQSEvent) -> None:
        raise errors.pop(0)

    assert failing(sqs_event("a"), CONTEXT) == "zero 0"
    assert failing(sqs_event("a"), CONTEXT) == "any 'k'"
    assert failing(sqs_event("a"), CONTEXT) == "any v"


def test_error_handlers_get_what_middleware_did_not_catch() -> None:
    app = new_app()
    seen: list[str] = []
    app.error(ValueError)(lambda error: f"recovered from {error}")

    @app.middleware("sns")
    def watch(event: SNSEvent, get_response: Callable[[SNSEvent], Any]) -> Any:
        try:
            return get_response(event)
        except ValueError as error:
            seen.append(str(error))
            raise

    @app.on_sns_message("t")
    def failing(event: SNSEvent) -> None:
        raise ValueError(event.message)

    assert failing(sns_event("m"), CONTEXT) == "recovered from m"
    assert seen == ["m"]


def test_without_an_error_handler_of_its_class_an_error_reaches_lambda() -> None:
    app = new_app()
    app.error(KeyError)(lambda error: "never")
    error = ValueError("for Lambda")

    @app.schedule("rate(1 hour)")
    def failing(event: CloudWatchEvent) -> None:
        raise error

    with pytest.raises(ValueError) as caught:
        failing(scheduled_event(), CONTEXT)
    assert caught.value is error


def test_an_answer_for_browsers_does_not_hide_a_failure_from_a_queue() -> None:
    app = new_app()
    app.error(Exception)(lambda error: Response("sorry", status_code=503))

    @app.on_sqs_message("q")
    def failing(event: SQSEvent) -> None:
        raise ValueError("not lost")

    with pytest.raises(ValueError, match="not lost"):
        failing(sqs_event("a"), CONTEXT)


def test_an_error_handler_may_raise() -> None:
    app = new_app()

    @app.error(ValueError)
    def translate(error: ValueError) -> None:
        raise KeyError("translated") from error

    @app.lambda_function()
    def failing(event: Any, context: Any) -> None:
        raise ValueError

    with pytest.raises(KeyError, match="translated"):
        failing({}, CONTEXT)


def test_apps_and_blueprints_have_every_decorator_of_triggers() -> None:
    names = [name for name in dir(DecoratorAPI) if name.startswith("on_")]
    assert len(names) > 8
    for name in ("lambda_function", "schedule", *names):
        function = vars(triggers_of(name))[name]
        assert inspect.getattr_static(Blueprint, name) is not function  # it is loaded late
        assert dict(inspect.getmembers(Blueprint, inspect.isfunction))[name] is function
        assert dict(inspect.getmembers(Chalice, inspect.isfunction))[name] is function
    with pytest.raises(NotImplementedError):
        DecoratorAPI().schedule("rate(1 day)")(lambda event: None)


@pytest.mark.parametrize("source", ["aws:kafka", "SelfManagedKafka"])
def test_kafka_records_have_their_bytes(source: str) -> None:
    app = new_app()
    seen: list[Any] = []

    @app.on_kafka("clicks", bootstrap_servers=["kafka:9092"])
    def handle(event: KafkaEvent) -> None:
        seen.extend((r.topic, r.offset, r.key, r.value, r.headers) for r in event)

    handle(kafka_event("aGk=", "eW91", source=source), CONTEXT)
    assert seen == [
        ("clicks", 15, b"abc", b"hi", [("kind", b"hi\xff")]),
        ("clicks", 16, None, b"you", []),
    ]
    assert KafkaEvent.recognizes(kafka_event("YQ==", source=source))
    assert not KafkaEvent.recognizes(sqs_event("x"))


def test_a_topic_is_of_one_cluster() -> None:
    for servers, arn in (((), None), (["kafka:9092"], "arn")):
        with pytest.raises(ValueError, match="either `cluster_arn` or `bootstrap_servers`"):
            new_app().on_kafka("clicks", arn, servers)


def test_a_misspelt_option_of_a_stream_is_refused() -> None:
    decorate: Any = new_app().on_kinesis_record
    with pytest.raises(TypeError, match="unexpected keyword argument 'on_failures'"):
        decorate("stream", on_failures="arn")(print)


def test_unknown_handler_types_are_refused() -> None:
    with pytest.raises(ValueError, match="Unknown handler type: on_nothing"):
        new_app()._register_handler("on_nothing", "f", print, print, {})


def test_apps_may_override_how_handlers_are_registered() -> None:
    seen: list[tuple[str, str]] = []

    class Counting(Chalice):
        def _register_handler(self, handler_type: str, name: str, *args: Any, **kw: Any) -> None:
            seen.append((handler_type, name))
            super()._register_handler(handler_type, name, *args, **kw)

    app = Counting("counted", configure_logs=False, env={})
    for kind, (declare, _, _) in DECORATORS.items():
        declare(app, kind)(lambda event: None)
    app.on_ws_connect("connect")(lambda event: None)
    assert seen == [*((kind, kind) for kind in DECORATORS), ("on_ws_connect", "connect")]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (Rate(1, Rate.MINUTES), "rate(1 minute)"),
        (Rate(2, unit=Rate.HOURS), "rate(2 hours)"),
        (Rate(1, "days"), "rate(1 day)"),
        (Rate(0, Rate.DAYS), "rate(0 days)"),
        (Rate("1", "DAYS"), "rate(1 days)"),  # type: ignore[arg-type]
        (Cron(0, 10, "*", "*", "?", "*"), "cron(0 10 * * ? *)"),
        (Cron("0/10", "*", "?", "*", "MON-FRI", "*"), "cron(0/10 * ? * MON-FRI *)"),
        (Cron(0, 9, "?", "*", "2#1", "*"), "cron(0 9 ? * 2#1 *)"),
    ],
)
def test_schedules_have_the_form_of_aws(expression: Rate | Cron, text: str) -> None:
    assert expression.to_string() == text


def test_schedules_keep_what_they_were_given() -> None:
    rate, cron = Rate(5, "minutes"), Cron(0, "10", "*", 1, "?", 2026)
    assert attributes(rate) == {"value": 5, "unit": "minutes"}
    assert attributes(cron) == {
        "minutes": 0,
        "hours": "10",
        "day_of_month": "*",
        "month": 1,
        "day_of_week": "?",
        "year": 2026,
    }
    with pytest.raises(NotImplementedError, match="to_string"):
        chalice.app.ScheduleExpression().to_string()


def test_a_websocket_event_is_no_event_of_a_source() -> None:
    assert not S3Event.recognizes(websocket_event())
