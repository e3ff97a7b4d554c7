import os

import boto3
from chalice import Chalice

STAGE = os.environ.get("STAGE", "dev")
PREFIX = "{}-{}".format("shop", STAGE)
TABLES = {name: "-".join([PREFIX, name]) for name in ("orders", "users")}
ORDERS = PREFIX + "-orders"
BUCKET = f"{PREFIX}-files"

app = Chalice(app_name="names")
ddb = boto3.resource("dynamodb")


@app.route("/orders")
def orders():
    return ddb.Table(ORDERS).scan()["Items"]


@app.lambda_function()
def files(event, context):
    boto3.client("s3").delete_object(Bucket=BUCKET, Key="tmp/{}".format(event["id"]))
    boto3.client("ssm").get_parameters_by_path(Path="/%s/%s" % ("shop", STAGE))
