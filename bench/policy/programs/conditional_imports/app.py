import os

try:
    import boto3
except ImportError:
    boto3 = None
from chalice import Chalice

app = Chalice(app_name="conditional")

if os.environ.get("AWS_CHALICE_CLI_MODE"):
    lambda_client = None
else:
    lambda_client = boto3.client("lambda")


@app.route("/run")
def run():
    lambda_client.invoke(FunctionName="worker", InvocationType="Event")


if __name__ == "__main__":
    boto3.client("iam").list_users()
