import asyncio

import aioboto3
import boto3
from chalice import Chalice

app = Chalice(app_name="async")


@app.route("/async")
async def index():
    session = aioboto3.Session()
    async with session.client("s3") as s3:
        return await s3.list_objects_v2(Bucket="things")


async def put(key):
    async with aioboto3.Session().resource("dynamodb") as dynamodb:
        table = await dynamodb.Table("things")
        await table.put_item(Item={"id": key})


@app.lambda_function()
def many(event, context):
    async def main():
        await asyncio.gather(*(put(key) for key in event["keys"]))

    asyncio.run(main())


@app.lambda_function()
def threads(event, context):
    loop = asyncio.get_event_loop()
    client = boto3.client("sqs")
    loop.run_until_complete(loop.run_in_executor(None, client.purge_queue))
