from chalice import Blueprint
from chalicelib import aws

jobs = Blueprint(__name__)


@jobs.schedule("rate(1 day)")
def clean(event):
    with aws.dynamodb.Table("orders").batch_writer() as batch:
        for item in aws.dynamodb.Table("orders").scan()["Items"]:
            batch.delete_item(Key={"id": item["id"]})
