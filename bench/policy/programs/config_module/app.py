from chalice import Chalice

from chalicelib import clients as c
from chalicelib.config import Config

app = Chalice(app_name="configured")
config = Config.load()


@app.route("/orders")
def orders():
    return c.dynamodb().Table(config["tables"]["orders"]).scan()


@app.lambda_function()
def upload(event, context):
    c.s3().upload_fileobj(event["body"], config["bucket"], "x", ExtraArgs={"ACL": "private"})
