import boto3
from chalice import Chalice

app = Chalice(app_name="closures")


def make_store(bucket):
    client = boto3.client("s3")

    def get(key):
        return client.get_object(Bucket=bucket, Key=key)

    def put(key, body):
        return client.put_object(Bucket=bucket, Key=key, Body=body)

    return get, put


get_report, put_report = make_store("reports")
get_image, put_image = make_store("images")


@app.route("/report")
def report():
    return get_report("r")


@app.lambda_function()
def image(event, context):
    put_image("i", b"")
