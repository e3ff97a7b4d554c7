import boto3
from chalice import Chalice
from somewhere import magic

app = Chalice(app_name="declared")


@app.route("/")
def index():
    app.needs("dynamodb:Query", "orders")
    return magic.query()


@app.lambda_function()
def job(event, context):
    # chalice: needs s3:GetObject, s3:PutObject on bucket/data/*
    return magic.run()
