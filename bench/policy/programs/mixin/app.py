import os

import boto3
from chalice import Chalice

app = Chalice(app_name="mixin")


class AWSMixin:
    @property
    def s3(self):
        if not hasattr(self, "_s3"):
            self._s3 = boto3.client("s3")
        return self._s3


class LogMixin:
    def log(self, line):
        boto3.client("logs").put_log_events(logGroupName="g", logStreamName="s", logEvents=[line])


class Job(AWSMixin, LogMixin):
    bucket = os.environ.get("BUCKET", "default-bucket")

    def __init__(self, *keys):
        self.keys = list(keys)

    def run(self):
        for key in self.keys:
            yield self.s3.get_object(Bucket=self.bucket, Key=key)


class Loud(Job):
    def run(self):
        for each in super().run():
            self.log(str(each))


@app.schedule("rate(1 day)")
def quiet(event):
    list(Job("a", "b").run())


@app.schedule("rate(1 day)")
def loud(event):
    Loud("c").run()
    [each for each in Loud("c").run() or []]
