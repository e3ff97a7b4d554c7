import boto3

dynamodb = boto3.resource("dynamodb")
ses = boto3.client("ses")
