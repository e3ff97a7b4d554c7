import boto3
from chalice import Chalice

app = Chalice(app_name="queue")
sqs = boto3.resource("sqs")


@app.schedule("rate(1 minute)")
def drain(event):
    queue = sqs.Queue("https://sqs.us-east-1.amazonaws.com/1/jobs")
    for message in queue.receive_messages(MaxNumberOfMessages=10):
        print(message.body)
        message.delete()


@app.route("/depth")
def depth():
    queue = boto3.resource("sqs").get_queue_by_name(QueueName="jobs")
    return queue.attributes["ApproximateNumberOfMessages"]


@app.lambda_function()
def url(event, context):
    client = boto3.client("sqs")
    address = client.get_queue_url(QueueName="mail")["QueueUrl"]
    client.send_message(QueueUrl=address, MessageBody="x")
