import boto3
from chalice import Chalice

app = Chalice(app_name="literal")


@app.lambda_function()
def describe(event, context):
    client = boto3.client("ecs")
    names = ("list_clusters", "list_services")
    return [getattr(client, name)() for name in names]


@app.lambda_function()
def attribute(event, context):
    method = getattr(boto3, "client")
    return getattr(method("batch"), "submit_job")(jobName="j", jobQueue="q", jobDefinition="d")
