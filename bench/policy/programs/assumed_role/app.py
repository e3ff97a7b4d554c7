import boto3
from chalice import Chalice

app = Chalice(app_name="assumed")


def other_account(role):
    credentials = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="s")["Credentials"]
    return boto3.client(
        "s3",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


@app.route("/")
def index():
    return other_account("arn:aws:iam::2:role/reader").list_objects_v2(Bucket="theirs")
