import boto3
from chalice import Chalice

app = Chalice(app_name="single")
s3 = boto3.client("s3")


@app.route("/files/{name}")
def read(name):
    return s3.get_object(Bucket="files", Key=name)["Body"].read().decode()


@app.route("/files/{name}", methods=["PUT"])
def write(name):
    s3.put_object(Bucket="files", Key=f"incoming/{name}", Body=app.current_request.raw_body)
    return {"ok": True}
