from functools import lru_cache, partial

import boto3
from chalice import Chalice

app = Chalice(app_name="cached")


@lru_cache(maxsize=None)
def client(name):
    return boto3.client(name)


publish = partial(client("sns").publish, TopicArn="arn:aws:sns:eu-west-1:1:news")


@app.route("/notify")
def notify():
    publish(Message="hello")
    return client("secretsmanager").get_secret_value(SecretId="prod/api")["SecretString"]


@app.lambda_function()
def start(event, context):
    client("stepfunctions").start_execution(stateMachineArn="arn:aws:states:eu-west-1:1:stateMachine:x")
