import boto3
from chalice import Chalice

app = Chalice(app_name="builder")


class Query:
    def __init__(self):
        self.options = {}
        self.client = None

    def using(self, client):
        self.client = client
        return self

    def table(self, name):
        self.options["TableName"] = name
        return self

    def limit(self, n):
        self.options["Limit"] = n
        return self

    def run(self):
        return self.client.query(**self.options)


@app.route("/")
def index():
    return Query().using(boto3.client("dynamodb")).table("events").limit(1).run()
