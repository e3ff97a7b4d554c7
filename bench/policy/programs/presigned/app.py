import boto3
from botocore.config import Config
from chalice import Chalice

app = Chalice(app_name="presigned")
BUCKET = "uploads"
s3 = boto3.client("s3", config=Config(signature_version="s3v4"))


@app.route("/upload-url", methods=["POST"])
def upload_url():
    key = app.current_request.json_body["key"]
    return s3.generate_presigned_post(BUCKET, "incoming/" + key, ExpiresIn=300)


@app.route("/download-url/{key}")
def download_url(key):
    return s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=300)


@app.route("/put-url/{key}")
def put_url(key):
    params = dict(Bucket=BUCKET, Key="direct/%s" % key)
    return s3.generate_presigned_url(ClientMethod="put_object", Params=params)
