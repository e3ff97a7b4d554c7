import boto3

MODEL = boto3.client("s3").get_object(Bucket="models", Key="m.bin")


def run():
    return boto3.client("sagemaker-runtime").invoke_endpoint(EndpointName="e", Body=b"")
