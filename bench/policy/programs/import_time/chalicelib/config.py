import json

import boto3

_client = boto3.client("secretsmanager")
CONFIG = json.loads(_client.get_secret_value(SecretId="boot")["SecretString"])
