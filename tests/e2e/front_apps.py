"""Four apps that have between them every front door and every source, for tools that deploy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.e2e.inventory import Account
from tests.e2e.project import Project

_HEAD = """
import json

import boto3
from chalice import AuthResponse, Chalice, CORSConfig

app = Chalice(app_name="NAME")


def seen(what):
    print("SEEN " + json.dumps(what))
"""
_SHOP = (
    _HEAD
    + '''
@app.authorizer()
def gate(request):
    return AuthResponse(routes=["*"] if request.token == "yes" else [], principal_id="you")


@app.route("/", cors=CORSConfig(allow_origin="https://a.example", max_age=600))
def index():
    """Say ${hello} and %{bye}."""
    return {"answer": "first"}


@app.route("/secret", authorizer=gate)
def secret():
    return {"secret": True}


@app.route("/things/{thing}", methods=["PUT"], api_key_required=True)
def thing(thing):
    return {"thing": thing}


@app.on_s3_event(bucket="NAME-photos", prefix="in/", suffix=".jpg")
def photo(event):
    seen(event.key)


@app.on_sns_message(topic="NAME-news", filter_policy={"kind": ["big"]})
def news(event):
    seen(event.message)
'''
)
_CHAT = (
    _HEAD
    + """
app.experimental_feature_flags.update(["WEBSOCKETS"])
app.websocket_api.session = boto3.session.Session()


@app.on_ws_connect()
def connect(event):
    pass


@app.on_ws_message()
def message(event):
    app.websocket_api.send(event.connection_id, "heard " + event.body)


# more


@app.on_sqs_message(queue="NAME-work", batch_size=2, filters=[{"body": {"n": [1]}}])
def work(event):
    for record in event:
        seen(record.body)
"""
)
_PLAIN = (
    _HEAD
    + """
@app.route("/hello/{name}")
def hello(name):
    return {"hello": name}


@app.on_kinesis_record(stream="NAME-clicks", starting_position="TRIM_HORIZON")
def click(event):
    for record in event:
        seen(record.data.decode())


@app.on_dynamodb_record(stream_arn="STREAM", starting_position="TRIM_HORIZON", batch_size=5)
def change(event):
    for record in event:
        seen(record.event_name)
"""
)
_LINK = (
    _HEAD
    + """
@app.route("/hello/{name}")
def hello(name):
    return {"hello": name}


@app.schedule("rate(1 hour)", description="every hour")
def tick(event):
    seen("tick")


@app.on_cw_event({"source": ["NAME"]})
def ordered(event):
    seen(event.detail)
"""
)
SOURCES: Mapping[str, str] = {"shop": _SHOP, "chat": _CHAT, "plain": _PLAIN, "link": _LINK}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "shop": {
        "api_gateway_endpoint_type": "REGIONAL",
        "minimum_compression_size": 1024,
        "xray": True,
        "log_retention_in_days": 7,
        "environment_variables": {"PLAIN": "50%{of}", "DOLLARS": "${HOME} costs $$"},
        "tags": {"team": "core"},
        "api_usage_plans": {"small": {"rate_limit": 5, "burst_limit": 9, "api_keys": ["ann"]}},
        "api_gateway_custom_domain": {
            "domain_name": "api.shop.example",
            "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
            "url_prefix": "v1",
        },
    },
    "chat": {
        "websocket_api_custom_domain": {
            "domain_name": "ws.chat.example",
            "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
            "url_prefix": "talk",
        },
    },
    "plain": {"api_gateway_type": "http", "iam_role_per_function": True},
    "link": {"api_gateway_type": "function_url", "lambda_memory_size": 256, "lambda_timeout": 20},
}


def write(project: Project, name: str, account: Account) -> None:
    """Write one of the apps, for the account that has what ``make_world`` made."""
    text = SOURCES[name].replace("NAME", name)
    if "STREAM" in text:
        table = account("dynamodb").describe_table(TableName=f"{name}-things")["Table"]
        text = text.replace("STREAM", table["LatestStreamArn"])
    project.write("app.py", text)
    stages = {"dev": {"api_gateway_stage": "api"}} if name in ("shop", "chat") else {"dev": {}}
    document = {"version": "2.0", "app_name": name, "stages": stages, **SETTINGS[name]}
    project.write(".chalice/config.json", json.dumps(document))


def make_world(account: Account) -> None:
    """Make all that the apps refer to."""
    account("s3").create_bucket(Bucket="shop-photos")
    account("sns").create_topic(Name="shop-news")
    account("sqs").create_queue(QueueName="chat-work", Attributes={"VisibilityTimeout": "360"})
    account("kinesis").create_stream(StreamName="plain-clicks", ShardCount=1)
    account("dynamodb").create_table(
        TableName="plain-things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )


def send_to_each(account: Account) -> dict[str, list[object]]:
    """Have every source but the clock send something; return what each function is to see."""
    account("s3").put_object(Bucket="shop-photos", Key="in/cat.jpg", Body=b"")
    account("s3").put_object(Bucket="shop-photos", Key="cat.jpg", Body=b"")
    topic = "arn:aws:sns:us-east-1:123456789012:shop-news"
    for kind in ("small", "big"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        account("sns").publish(TopicArn=topic, Message=kind, MessageAttributes=attributes)
    queue = account("sqs").get_queue_url(QueueName="chat-work")["QueueUrl"]
    for body in ('{"n": 2}', '{"n": 1}'):
        account("sqs").send_message(QueueUrl=queue, MessageBody=body)
    account("kinesis").put_record(StreamName="plain-clicks", Data=b"click", PartitionKey="k")
    account("dynamodb").put_item(TableName="plain-things", Item={"id": {"S": "1"}})
    entry = {"Source": "link", "DetailType": "t", "Detail": '{"number": 1}'}
    account("events").put_events(Entries=[entry])
    return {
        "shop-dev-photo": ["in/cat.jpg"],
        "shop-dev-news": ["big"],
        "chat-dev-work": ['{"n": 1}'],
        "plain-dev-click": ["click"],
        "plain-dev-change": ["INSERT"],
        "link-dev-ordered": [{"number": 1}],
    }
