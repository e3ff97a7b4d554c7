"""An app with everything that can invoke a function, as both tools can deploy it, and its world."""

from __future__ import annotations

import json

from tests.e2e.inventory import Account
from tests.e2e.project import Project

APP = """
import json

from chalice import AuthResponse, Chalice

app = Chalice(app_name="NAME")
app.experimental_feature_flags.update(["WEBSOCKETS"])


def seen(what):
    print("SEEN " + json.dumps(what))


@app.authorizer()
def gate(request):
    return AuthResponse(routes=["*"] if request.token == "yes" else [], principal_id="you")


@app.route("/")
def index():
    return {"hello": "world"}


@app.route("/secret", authorizer=gate)
def secret():
    return {"secret": True}


@app.schedule("rate(1 minute)")
def tick(event):
    seen("tick")


@app.on_cw_event({"source": ["NAME"]})
def ordered(event):
    seen(event.detail)


@app.on_s3_event(bucket="NAME-photos")
def photo(event):
    seen(event.key)


@app.on_sns_message(topic="NAME-news")
def news(event):
    seen(event.message)


@app.on_sqs_message(queue="NAME-work", batch_size=1)
def work(event):
    for record in event:
        seen(record.body)


@app.on_kinesis_record(stream="NAME-clicks", starting_position="TRIM_HORIZON")
def click(event):
    for record in event:
        seen(record.data.decode())


@app.on_dynamodb_record(stream_arn="STREAM", starting_position="TRIM_HORIZON")
def change(event):
    for record in event:
        seen(record.event_name)


@app.on_ws_connect()
def connect(event):
    seen("connect")


@app.on_ws_message()
def message(event):
    seen(event.body)


@app.lambda_function()
def job(event, context):
    return {"job": event}
"""


def write_project(project: Project, account: Account, **settings: object) -> None:
    """Write the app and its configuration, and make what it refers to."""
    name = project.directory.name
    account("s3").create_bucket(Bucket=f"{name}-photos")
    account("sns").create_topic(Name=f"{name}-news")
    account("sqs").create_queue(QueueName=f"{name}-work", Attributes={"VisibilityTimeout": "60"})
    account("kinesis").create_stream(StreamName=f"{name}-clicks", ShardCount=1)
    table = account("dynamodb").create_table(
        TableName=f"{name}-things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    stream = table["TableDescription"]["LatestStreamArn"]
    project.write("app.py", APP.replace("NAME", name).replace("STREAM", stream))
    domain = {
        "domain_name": f"api.{name}.example",
        "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
        "url_prefix": "v1",
    }
    config = {
        "version": "2.0",
        "app_name": name,
        "api_gateway_endpoint_type": "REGIONAL",
        "stages": {"dev": {"api_gateway_stage": "api"}},
        "api_gateway_custom_domain": domain,
        **settings,
    }
    project.write(".chalice/config.json", json.dumps(config))


def send_to_each(account: Account, name: str) -> dict[str, list[object]]:
    """Have every source but the clock send something; return what each function is to see."""
    events, dynamodb = account("events"), account("dynamodb")
    events.put_events(Entries=[{"Source": name, "DetailType": "t", "Detail": '{"number": 1}'}])
    account("s3").put_object(Bucket=f"{name}-photos", Key="cat.jpg", Body=b"")
    topic = f"arn:aws:sns:us-east-1:123456789012:{name}-news"
    account("sns").publish(TopicArn=topic, Message="hear")
    queue = account("sqs").get_queue_url(QueueName=f"{name}-work")["QueueUrl"]
    account("sqs").send_message(QueueUrl=queue, MessageBody="do")
    account("kinesis").put_record(StreamName=f"{name}-clicks", Data=b"click", PartitionKey="k")
    dynamodb.put_item(TableName=f"{name}-things", Item={"id": {"S": "1"}})
    return {
        "ordered": [{"number": 1}],
        "photo": ["cat.jpg"],
        "news": ["hear"],
        "work": ["do"],
        "click": ["click"],
        "change": ["INSERT"],
    }
