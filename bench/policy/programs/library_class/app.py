import boto3
from chalice import Chalice
from chalicelib.db import DynamoDBTodo, InMemoryTodo

app = Chalice(app_name="library_class")
_DB = None


def get_app_db():
    global _DB
    if _DB is None:
        _DB = DynamoDBTodo(boto3.resource("dynamodb").Table("todo"))
    return _DB


@app.route("/todos")
def index():
    return get_app_db().list_items()


@app.route("/todos", methods=["POST"])
def create():
    return get_app_db().add_item(app.current_request.json_body["description"])


@app.lambda_function()
def offline(event, context):
    return InMemoryTodo().list_items()
