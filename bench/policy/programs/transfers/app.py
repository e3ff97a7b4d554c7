import io
import os
import tempfile

import boto3
from chalice import Chalice

app = Chalice(app_name="transfers")
s3 = boto3.resource("s3")
client = s3.meta.client


@app.on_s3_event(bucket="in")
def convert(event):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "file")
        client.download_file("in", event.key, path)
        client.upload_file(path, "out", event.key)


@app.lambda_function()
def stream(event, context):
    buffer = io.BytesIO()
    s3.Bucket("in").download_fileobj("a.csv", buffer)
    s3.Object("out", "b.csv").upload_fileobj(buffer)
