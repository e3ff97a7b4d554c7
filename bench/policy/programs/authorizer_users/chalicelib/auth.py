import base64
import boto3

_SSM_AUTH_KEY_NAME = "/todo-sample-app/auth-key"
_KEY = None


def get_auth_key():
    global _KEY
    if _KEY is None:
        _KEY = base64.b64decode(
            boto3.client("ssm").get_parameter(Name=_SSM_AUTH_KEY_NAME, WithDecryption=True)["Parameter"]["Value"]
        )
    return _KEY


def users_table():
    return boto3.resource("dynamodb").Table("users")


def decode(token):
    return {"sub": token, "key": get_auth_key()}


def encode(record, key):
    return record["sub"] + str(key)
