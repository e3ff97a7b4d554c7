import boto3
from chalice import Chalice

from chalicelib.container import container

app = Chalice(app_name="provider")


@app.route("/files", methods=["POST"])
def upload():
    storage = container.resolve("storage")
    return storage.save("a.txt", app.current_request.raw_body)


@app.lambda_function()
def purge(event, context):
    container.resolve("queue").purge()
