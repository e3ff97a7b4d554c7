from enum import Enum

import boto3
from chalice import Chalice

app = Chalice(app_name="enums")


class Tables(str, Enum):
    ORDERS = "orders"
    USERS = "users"


class Queues:
    MAIL = "https://sqs.eu-west-1.amazonaws.com/1/mail"


@app.route("/orders/{key}")
def get(key):
    return boto3.resource("dynamodb").Table(Tables.ORDERS.value).get_item(Key={"id": key})


@app.lambda_function()
def send(event, context):
    boto3.client("sqs").send_message_batch(QueueUrl=Queues.MAIL, Entries=[])


@app.lambda_function()
def scan(event, context):
    for table in Tables:
        boto3.client("dynamodb").scan(TableName=table.value)
