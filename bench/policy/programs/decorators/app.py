from functools import wraps

import boto3
from chalice import Chalice

app = Chalice(app_name="decorators")
audit = boto3.client("logs")


def audited(group):
    def decorate(function):
        @wraps(function)
        def wrapper(*args, **kwargs):
            audit.put_log_events(logGroupName=group, logStreamName="s", logEvents=[])
            return function(*args, **kwargs)

        return wrapper

    return decorate


def with_table(name):
    def decorate(function):
        @wraps(function)
        def wrapper(event, context):
            return function(event, context, boto3.resource("dynamodb").Table(name))

        return wrapper

    return decorate


@app.route("/")
@audited("web")
def index():
    return boto3.client("sts").get_caller_identity()["Account"]


@app.lambda_function()
@with_table("ledger")
def book(event, context, table):
    table.put_item(Item=event)


@app.lambda_function()
@with_table("journal")
def read(event, context, table):
    return table.scan()
