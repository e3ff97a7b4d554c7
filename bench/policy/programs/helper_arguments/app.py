import boto3
from chalice import Chalice

app = Chalice(app_name="helpers")
db = boto3.client("dynamodb")


def fetch(table, key, client=db):
    return client.get_item(TableName=table, Key={"id": {"S": key}})


def save(table, *, item, **options):
    db.put_item(TableName=table, Item=item, **options)


def call(operation, *args, **kwargs):
    return operation(*args, **kwargs)


@app.route("/a")
def a():
    return fetch("alpha", "1")


@app.lambda_function()
def b(event, context):
    save("beta", item={}, ConditionExpression="x")


@app.lambda_function()
def c(event, context):
    call(db.delete_item, TableName="gamma", Key={})
    call(fetch, "delta", "1")
