import boto3
from chalice import Chalice

app = Chalice(app_name="match")


def act(kind, name):
    match kind:
        case "start":
            return boto3.client("glue").start_job_run(JobName=name)
        case "stop":
            return boto3.client("glue").batch_stop_job_run(JobName=name, JobRunIds=[])
        case _:
            raise ValueError(kind)


@app.lambda_function()
def start(event, context):
    return act("start", "nightly")


@app.lambda_function()
def any_of(event, context):
    return act(event["kind"], "nightly")
