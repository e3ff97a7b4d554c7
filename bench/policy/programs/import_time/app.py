import boto3
from chalice import Chalice

from chalicelib.config import CONFIG

app = Chalice(app_name="import_time")


@app.route("/")
def index():
    return CONFIG


@app.lambda_function()
def late(event, context):
    from chalicelib import heavy

    return heavy.run()
