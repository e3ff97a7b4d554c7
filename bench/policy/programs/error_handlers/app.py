import boto3
from chalice import Chalice, Response

app = Chalice(app_name="errors")
sns = boto3.client("sns")


@app.error(KeyError)
def missing(error):
    sns.publish(TopicArn="arn:aws:sns:us-east-1:1:alarm", Message=str(error))
    return Response(body="", status_code=404)


@app.route("/")
def index():
    return {}["x"]


@app.on_sqs_message(queue="q")
def worker(event):
    boto3.client("dynamodb").update_item(TableName="t", Key={})
