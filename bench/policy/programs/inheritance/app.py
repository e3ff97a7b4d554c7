from abc import ABC, abstractmethod

import boto3
from chalice import Chalice

app = Chalice(app_name="inheritance")


class Notifier(ABC):
    service = None

    def __init__(self):
        self.client = boto3.client(self.service)

    @abstractmethod
    def send(self, text):
        ...

    def notify(self, text):
        self.before()
        return self.send(text)

    def before(self):
        pass


class Mail(Notifier):
    service = "sesv2"

    def send(self, text):
        self.client.send_email(Content={}, FromEmailAddress="a@b.c")


class Text(Notifier):
    service = "sns"

    def __init__(self, topic):
        super().__init__()
        self.topic = topic

    def send(self, text):
        self.client.publish(TopicArn=self.topic, Message=text)

    def before(self):
        self.client.get_topic_attributes(TopicArn=self.topic)


@app.lambda_function()
def mail(event, context):
    Mail().notify("x")


@app.lambda_function()
def text(event, context):
    Text("arn:aws:sns:us-east-1:1:t").notify("x")
