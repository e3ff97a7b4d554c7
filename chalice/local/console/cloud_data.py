"""What the embedded cloud beside the app holds, read by ordinary AWS calls; queues by its own page.

Whoever receives a message changes it, so messages are looked at where they lie.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from chalice.aws.calls import doing
from chalice.aws.session import Session
from chalice.errors import ToolError
from chalice.local.console.data import DataError, Item, Kind, Store

T = TypeVar("T")

_MOST = 100
_MOST_TEXT = 16 * 1024  # bytes of an object that are shown
_TIMEOUT = 5.0  # seconds


class CloudData:
    """Queues, buckets, tables, topics and streams of the cloud at ``endpoint_url``."""

    def __init__(self, endpoint_url: str, region: str) -> None:
        self._endpoint_url = endpoint_url
        self._region = region
        self._session = Session(endpoint_url=endpoint_url, gateway_url="")
        self._opener = build_opener(ProxyHandler({}))

    def stores(self) -> Sequence[Store]:
        """Return all that there is. Raises DataError."""
        return _all(self._stores())

    def items(self, kind: Kind, name: str) -> Sequence[Item]:
        """Return the first hundred of what a store holds. Raises DataError."""
        match kind:
            case "queue":
                return _all(self._messages(name))
            case "bucket":
                return _all(self._objects(name))
            case "table":
                return _all(self._rows(name))
            case "topic":
                return _all(self._subscriptions(name))
            case "stream":
                return _all(self._records(name))
            case "log":
                return _all(self._lines(name))

    def _client(self, service: str) -> Any:
        return self._session.client(service)

    def _stores(self) -> Iterator[Store]:
        sqs = self._client("sqs")
        for url in sqs.list_queues().get("QueueUrls", ()):
            about = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            numbers = {
                "ready": "ApproximateNumberOfMessages",
                "in flight": "ApproximateNumberOfMessagesNotVisible",
                "delayed": "ApproximateNumberOfMessagesDelayed",
            }
            facts = {word: str(about.get(name, "0")) for word, name in numbers.items()}
            yield Store("queue", url.rpartition("/")[2], facts)
        for bucket in self._client("s3").list_buckets()["Buckets"]:
            yield Store("bucket", bucket["Name"])
        dynamodb = self._client("dynamodb")
        for name in dynamodb.list_tables()["TableNames"]:
            table = dynamodb.describe_table(TableName=name)["Table"]
            keys = ", ".join(each["AttributeName"] for each in table["KeySchema"])
            yield Store("table", name, {"stored": str(table["ItemCount"]), "key": keys})
        for topic in self._client("sns").list_topics()["Topics"]:
            yield Store("topic", topic["TopicArn"].rpartition(":")[2])
        for name in self._client("kinesis").list_streams()["StreamNames"]:
            yield Store("stream", name)

    def _messages(self, name: str) -> Iterator[Item]:
        query = urlencode({"queue": name, "region": self._region})
        url = f"{self._endpoint_url}/_chalice/messages?{query}"
        with self._opener.open(url, timeout=_TIMEOUT) as answer:
            found = json.load(answer)["messages"]
        for each in found:
            facts = {
                "state": each["state"],
                "sent": _moment(each["sent"] / 1000),
                "received": f"{each['received']} times",
            }
            yield Item(each["id"], facts, each["body"])

    def _objects(self, name: str) -> Iterator[Item]:
        s3 = self._client("s3")
        for each in s3.list_objects_v2(Bucket=name, MaxKeys=_MOST).get("Contents", ()):
            facts = {
                "size": f"{each['Size']} bytes",
                "changed": _moment(each["LastModified"].timestamp()),
            }
            shown = None
            if 0 < each["Size"] <= _MOST_TEXT:
                shown = _text(s3.get_object(Bucket=name, Key=each["Key"])["Body"].read())
            yield Item(each["Key"], facts, shown)

    def _rows(self, name: str) -> Iterator[Item]:
        dynamodb = self._client("dynamodb")
        table = dynamodb.describe_table(TableName=name)["Table"]
        keys = [each["AttributeName"] for each in table["KeySchema"]]
        for item in dynamodb.scan(TableName=name, Limit=_MOST)["Items"]:
            plain = {attribute: _plain(value) for attribute, value in item.items()}
            title = ", ".join(str(plain.get(key)) for key in keys)
            yield Item(title, {}, json.dumps(plain, indent=2, default=str))

    def _subscriptions(self, name: str) -> Iterator[Item]:
        sns = self._client("sns")
        arns = [each["TopicArn"] for each in sns.list_topics()["Topics"]]
        arn = next((arn for arn in arns if arn.rpartition(":")[2] == name), None)
        if arn is None:
            raise DataError(f"there is no topic `{name}`")
        for each in sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]:
            yield Item(each["Endpoint"], {"protocol": each["Protocol"]})

    def _records(self, name: str) -> Iterator[Item]:
        kinesis = self._client("kinesis")
        for shard in kinesis.list_shards(StreamName=name)["Shards"]:
            iterator = kinesis.get_shard_iterator(
                StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            for each in kinesis.get_records(ShardIterator=iterator, Limit=_MOST)["Records"]:
                facts = {"partition": each["PartitionKey"], "shard": shard["ShardId"]}
                yield Item(each["SequenceNumber"], facts, _text(each["Data"]))

    def _lines(self, name: str) -> Iterator[Item]:
        found = self._client("logs").filter_log_events(logGroupName=name, limit=_MOST)
        for each in found["events"]:
            yield Item(_moment(each["timestamp"] / 1000), {}, each["message"])


def _all(found: Iterator[T]) -> list[T]:
    """Return what is found. Raises DataError for what keeps it from being found."""
    try:
        with doing("looking into the embedded cloud"):
            return list(found)
    except ToolError as error:
        raise DataError(error.summary) from error
    except HTTPError as error:
        raise DataError(str(json.load(error).get("message", error))) from error
    except (URLError, OSError) as error:
        raise DataError(f"the embedded cloud does not answer: {error}") from error


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return base64.b64encode(data[:_MOST_TEXT]).decode()


def _plain(value: Mapping[str, Any]) -> Any:
    """Return an attribute of DynamoDB as plain JSON: ``{"N": "7"}`` is 7."""
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return json.loads(content)
        case "M":
            return {name: _plain(each) for name, each in content.items()}
        case "L":
            return [_plain(each) for each in content]
        case "NULL":
            return None
        case "B":
            return _text(content)
        case _:
            return content
