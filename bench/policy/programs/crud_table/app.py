import os
import uuid

import boto3
from boto3.dynamodb.conditions import Key
from chalice import Chalice, NotFoundError

app = Chalice(app_name="crud")
app.debug = True
_TABLE = None


def get_table():
    global _TABLE
    if _TABLE is None:
        _TABLE = boto3.resource("dynamodb").Table(os.environ["TODO_TABLE"])
    return _TABLE


@app.route("/todos", methods=["GET"])
def todos():
    return get_table().query(KeyConditionExpression=Key("user").eq("me"))["Items"]


@app.route("/todos", methods=["POST"])
def add():
    body = app.current_request.json_body
    uid = str(uuid.uuid4())
    get_table().put_item(Item={"uid": uid, "text": body["text"]})
    return uid


@app.route("/todos/{uid}", methods=["DELETE"])
def delete(uid):
    table = get_table()
    found = table.get_item(Key={"uid": uid})
    if "Item" not in found:
        raise NotFoundError(uid)
    table.delete_item(Key={"uid": uid})
