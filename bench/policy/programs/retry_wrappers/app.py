import functools
import time

import boto3
from botocore.exceptions import ClientError
from chalice import Chalice

app = Chalice(app_name="retry")


def retry(times=3, on=(ClientError,)):
    def outer(fn):
        @functools.wraps(fn)
        def inner(*args, **kwargs):
            for n in range(times):
                try:
                    return fn(*args, **kwargs)
                except on as error:
                    if n == times - 1:
                        raise
                    time.sleep(2**n)

        return inner

    return outer


@retry()
def read(client, **where):
    return client.get_object(**where)


@retry(times=5)
def remove(client, **where):
    return client.delete_object(**where)


@app.route("/r")
def r():
    return read(boto3.client("s3"), Bucket="one", Key="k")


@app.lambda_function()
def d(event, context):
    remove(boto3.client("s3"), Bucket="two", Key=event["key"])
