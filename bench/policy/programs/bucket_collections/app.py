import boto3
from chalice import Chalice

app = Chalice(app_name="collections")


@app.route("/sizes")
def sizes():
    bucket = boto3.resource("s3").Bucket("data")
    return sum(obj.size for obj in bucket.objects.filter(Prefix="raw/"))


@app.schedule("rate(1 day)")
def empty(event):
    boto3.resource("s3").Bucket("scratch").objects.all().delete()


@app.lambda_function()
def head(event, context):
    obj = boto3.resource("s3").Object("data", "latest.json")
    obj.load()
    return obj.get()["Body"].read()


@app.lambda_function()
def lazily(event, context):
    return boto3.resource("dynamodb").Table("t").item_count
