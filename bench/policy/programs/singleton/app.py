import boto3
from chalice import Chalice

app = Chalice(app_name="singleton")


class Config:
    _instance = None

    def __new__(cls, *args, **kwargs):
        if cls._instance is None:
            cls._instance = super().__new__(cls)
            cls._instance.client = boto3.client("appconfigdata")
            cls._instance.values = {}
        return cls._instance

    def get(self, name):
        token = self.client.start_configuration_session(
            ApplicationIdentifier="a", EnvironmentIdentifier="e", ConfigurationProfileIdentifier="p"
        )["InitialConfigurationToken"]
        return self.client.get_latest_configuration(ConfigurationToken=token)


class Clients:
    s3 = boto3.client("s3")
    _sqs = None

    @classmethod
    def sqs(cls):
        if not cls._sqs:
            cls._sqs = boto3.client("sqs")
        return cls._sqs

    @staticmethod
    def sns():
        return boto3.client("sns")


@app.route("/config")
def config():
    return Config().get("x")


@app.lambda_function()
def move(event, context):
    Clients.s3.copy_object(Bucket="b", Key="k", CopySource={"Bucket": "a", "Key": "k"})
    Clients.sqs().delete_message(QueueUrl="https://sqs.us-east-1.amazonaws.com/1/q", ReceiptHandle="r")


@app.lambda_function()
def tell(event, context):
    Clients.sns().list_topics()
