import json

import boto3
from chalice import Chalice

app = Chalice(app_name="routing")
HANDLERS = {}


def handles(name):
    def register(fn):
        HANDLERS[name] = fn
        return fn

    return register


@handles("created")
def on_created(body):
    boto3.client("ses").send_templated_email(Source="a", Destination={}, Template="t", TemplateData="{}")


@handles("deleted")
def on_deleted(body):
    boto3.resource("dynamodb").Table("orders").delete_item(Key={"id": body["id"]})


def ignore(body):
    boto3.client("cloudwatch").put_metric_data(Namespace="n", MetricData=[])


@app.on_sqs_message(queue="events")
def route(event):
    for record in event:
        body = json.loads(record.body)
        HANDLERS.get(body["type"], ignore)(body)


@app.lambda_function()
def nothing(event, context):
    return len(HANDLERS)
