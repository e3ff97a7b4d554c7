import boto3
from chalice import Chalice
from chalicelib.settings import settings

app = Chalice(app_name="default_names")


@app.lambda_function()
def rotate(event, context):
    boto3.client("secretsmanager").rotate_secret(SecretId=settings.secret)


@app.lambda_function()
def record(event, context):
    boto3.client("kinesis").put_record(StreamName=settings.stream, Data=b"", PartitionKey="x")
