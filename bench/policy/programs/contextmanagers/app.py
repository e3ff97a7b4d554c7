import contextlib

import boto3
from chalice import Chalice

app = Chalice(app_name="contexts")


@contextlib.contextmanager
def lock(name):
    table = boto3.resource("dynamodb").Table("locks")
    table.put_item(Item={"name": name}, ConditionExpression="attribute_not_exists(#n)")
    try:
        yield table
    finally:
        table.delete_item(Key={"name": name})


class Unit:
    def __enter__(self):
        self.client = boto3.client("dynamodb")
        self.items = []
        return self

    def put(self, table, item):
        self.items.append({"Put": {"TableName": table, "Item": item}})

    def __exit__(self, *error):
        self.client.transact_write_items(TransactItems=self.items)


@app.schedule("rate(5 minutes)")
def locked(event):
    with lock("job") as table:
        table.update_item(Key={"name": "job"})


@app.route("/buy", methods=["POST"])
def buy():
    with Unit() as unit:
        unit.put("orders", {})
        unit.put("stock", {})
