import boto3
from chalice import Chalice

app = Chalice(app_name="paginators")


def keys(bucket, prefix=""):
    paginator = boto3.client("s3").get_paginator("list_objects_v2")
    for page in paginator.paginate(Bucket=bucket, Prefix=prefix):
        for obj in page.get("Contents", []):
            yield obj["Key"]


@app.route("/keys")
def index():
    return list(keys("archive", prefix="2024/"))


@app.schedule("rate(1 hour)")
def wait_ready(event):
    cfn = boto3.client("cloudformation")
    waiter = cfn.get_waiter("stack_create_complete")
    waiter.wait(StackName="base")
    return [s for page in cfn.get_paginator("list_stacks").paginate() for s in page["StackSummaries"]]
