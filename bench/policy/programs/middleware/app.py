import time

import boto3
from chalice import Chalice, ConvertToMiddleware

app = Chalice(app_name="middleware")
cloudwatch = boto3.client("cloudwatch")
firehose = boto3.client("firehose")


@app.middleware("http")
def measure(event, get_response):
    start = time.time()
    response = get_response(event)
    cloudwatch.put_metric_data(Namespace="app", MetricData=[{"MetricName": "t", "Value": time.time() - start}])
    return response


def log_invocation(handler):
    def wrapped(event, context):
        firehose.put_record(DeliveryStreamName="log", Record={"Data": b"x"})
        return handler(event, context)

    return wrapped


app.register_middleware(ConvertToMiddleware(log_invocation), "pure_lambda")


@app.route("/")
def index():
    return {}


@app.lambda_function()
def job(event, context):
    return {}


@app.schedule("rate(1 hour)")
def tick(event):
    pass
