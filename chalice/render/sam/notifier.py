"""Part of chalice: keeps what is this stack's in the notifications of S3 buckets."""

import json
import time
from typing import Any

import boto3
import urllib3

KEY = "LambdaFunctionConfigurations"
s3: Any = boto3.client("s3")


def handle(event: Any, context: Any) -> None:
    """Answer CloudFormation whatever happens: it waits for an hour otherwise."""
    stack = event["StackId"].rpartition("/")[2]
    bucket = event["ResourceProperties"]["Bucket"]
    ours = f"{stack}/{event['LogicalResourceId']}/"
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"PhysicalResourceId": ours + bucket, "Status": "SUCCESS"}
    deleted = event["RequestType"] == "Delete"
    try:
        change(bucket, ours, [] if deleted else event["ResourceProperties"]["Notifications"])
    except Exception as error:
        if not (deleted and isinstance(error, s3.exceptions.NoSuchBucket)):
            answer |= {"Status": "FAILED", "Reason": f"{bucket}: {error}"}
    body = json.dumps(answer).encode()
    headers = {"Content-Type": ""}
    urllib3.PoolManager().request("PUT", event["ResponseURL"], body=body, headers=headers)


def change(bucket: str, ours: str, wanted: Any) -> None:
    """Replace what has an id that begins with ours; again if somebody else wrote meanwhile."""
    entries = [{**each, "Id": ours + each["Id"]} for each in wanted]
    expected = sorted(each["Id"] for each in entries)
    for pause in (1, 2, 4, 8, 0):
        found = s3.get_bucket_notification_configuration(Bucket=bucket)
        found.pop("ResponseMetadata")
        others = [each for each in found.get(KEY, []) if not each["Id"].startswith(ours)]
        found[KEY] = others + entries
        try:
            s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=found)
        except s3.exceptions.ClientError as error:
            # A permission that is new is not known everywhere at once.
            code = error.response["Error"]["Code"]
            if not pause or code not in ("OperationAborted", "InvalidArgument"):
                raise
        else:
            now = s3.get_bucket_notification_configuration(Bucket=bucket).get(KEY, [])
            if sorted(each["Id"] for each in now if each["Id"].startswith(ours)) == expected:
                return
        time.sleep(pause)
    raise RuntimeError("others change its notifications all the time")
