import boto3
from chalice import Chalice


class Storage:
    def __init__(self, bucket):
        self._client = boto3.client("s3")
        self._bucket = bucket

    def load(self, key):
        return self._client.get_object(Bucket=self._bucket, Key=key)


class Application(Chalice):
    def __init__(self, app_name, **kwargs):
        super().__init__(app_name=app_name, **kwargs)
        self.storage = Storage("sub")

    def route(self, path, **kwargs):
        return super().route(path, **kwargs)
