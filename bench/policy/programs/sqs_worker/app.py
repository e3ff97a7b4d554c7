import json
import logging
import os

import boto3
from chalice import Chalice, Rate

app = Chalice(app_name="worker")
logger = logging.getLogger(__name__)
sqs = boto3.client("sqs", region_name=os.environ.get("AWS_REGION"))
sns = boto3.client("sns")
QUEUE = os.getenv("QUEUE_URL")


@app.on_sqs_message(queue="orders", batch_size=10)
def process(event):
    for record in event:
        order = json.loads(record.body)
        logger.info("order %s", order)
        sns.publish(TopicArn=os.environ["TOPIC_ARN"], Message=json.dumps(order))


@app.schedule(Rate(5, unit=Rate.MINUTES))
def enqueue(event):
    sqs.send_message(QueueUrl=QUEUE, MessageBody="{}")
