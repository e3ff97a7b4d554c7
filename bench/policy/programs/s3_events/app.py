from chalice import Chalice
import boto3
import os

app = Chalice(app_name="media")
_REKOGNITION_CLIENT = None
_SUPPORTED = (".jpg", ".png")


def get_rekognition_client():
    global _REKOGNITION_CLIENT
    if _REKOGNITION_CLIENT is None:
        _REKOGNITION_CLIENT = boto3.client("rekognition")
    return _REKOGNITION_CLIENT


@app.on_s3_event(bucket="media", events=["s3:ObjectCreated:*"])
def handle_created(event):
    if event.key.endswith(_SUPPORTED):
        response = get_rekognition_client().detect_labels(
            Image={"S3Object": {"Bucket": event.bucket, "Name": event.key}}
        )
        boto3.resource("dynamodb").Table("labels").put_item(Item={"key": event.key, "labels": response["Labels"]})


@app.on_s3_event(bucket="media", events=["s3:ObjectRemoved:*"])
def handle_removed(event):
    boto3.resource("dynamodb").Table("labels").delete_item(Key={"key": event.key})
