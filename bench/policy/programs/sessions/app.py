import boto3
import boto3.session
from boto3 import Session as S
from chalice import Chalice

app = Chalice(app_name="sessions")
session = boto3.session.Session(region_name="eu-central-1")


@app.route("/")
def index():
    return session.client("kms").decrypt(CiphertextBlob=b"", KeyId="alias/app")["Plaintext"]


@app.lambda_function()
def one(event, context):
    s = S()
    s.resource("sqs").get_queue_by_name(QueueName="jobs").send_message(MessageBody="x")


@app.lambda_function()
def two(event, context):
    import boto3 as b

    b.DEFAULT_SESSION
    return b.Session().client(service_name="events").put_events(Entries=[{"EventBusName": "bus"}])
