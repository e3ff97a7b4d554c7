from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import boto3
from chalice import Chalice

app = Chalice(app_name="threads")
s3 = boto3.client("s3")


def fetch(key):
    return s3.get_object(Bucket="pool", Key=key)


def drop(bucket, key):
    s3.delete_object(Bucket=bucket, Key=key)


class Worker(Thread):
    def __init__(self, name):
        super().__init__()
        self.key = name

    def run(self):
        s3.put_object_tagging(Bucket="pool", Key=self.key, Tagging={"TagSet": []})


@app.route("/")
def index():
    with ThreadPoolExecutor(max_workers=4) as pool:
        return [each["ETag"] for each in pool.map(fetch, ["a", "b"])]


@app.lambda_function()
def submit(event, context):
    executor = ThreadPoolExecutor()
    futures = [executor.submit(drop, "old", key) for key in event["keys"]]
    return [future.result() for future in futures]


@app.lambda_function()
def thread(event, context):
    t = Thread(target=drop, args=("other", "x"))
    t.start()
    t.join()


@app.lambda_function()
def worker(event, context):
    Worker("w").start()
