import boto3
from chalicelib.framework import Application

app = Application(app_name="subclass")


@app.route("/")
def index():
    return app.storage.load("x")


@app.lambda_function()
def nothing(event, context):
    return app.name
