"""What is in the embedded cloud beside the app: looked at when somebody asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from chalice.errors import ToolError
from chalice.local.console.data import DataError, Item, Kind, Store
from chalice.local.served import region

if TYPE_CHECKING:
    from chalice.aws.session import Session

MOST = 100
"""Stores of a kind, and items of a store."""

_MOST_BYTES = 32 * 1024  # of an object that is shown
_SECONDS = 10.0
_opener = build_opener(ProxyHandler({}))


class CloudData:
    """The port ``Data`` for an embedded cloud that takes AWS calls at ``endpoint_url``."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url

    def stores(self) -> Sequence[Store]:
        """Return all that there is. Raises DataError."""
        listings: tuple[Callable[[], Iterator[Store]], ...] = (
            self._queues,
            self._tables,
            self._buckets,
            self._topics,
            self._streams,
            self._rules,
        )
        with _looking("what there is"):
            return [store for listing in listings for store in islice(listing(), MOST)]

    def items(self, kind: Kind, name: str) -> Sequence[Item]:
        """Return the first of what a store holds. Raises DataError."""
        holds: Mapping[Kind, Callable[[str], Iterator[Item]]] = {
            "queue": self._messages,
            "table": self._rows,
            "bucket": self._objects,
            "topic": self._subscriptions,
            "stream": self._records,
            "rule": self._targets,
        }
        with _looking(f"the {kind} {name}"):
            return list(islice(holds[kind](name), MOST))

    @cached_property
    def _session(self) -> Session:
        from chalice.aws.session import Session  # noqa: PLC0415  # imports botocore

        return Session(endpoint_url=self._endpoint_url, gateway_url="")

    def _aws(self, service: str) -> Any:
        return self._session.client(service, region())

    def _queues(self) -> Iterator[Store]:
        sqs = self._aws("sqs")
        for url in sqs.list_queues(MaxResults=1000).get("QueueUrls", []):
            asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
            known: Mapping[str, str] = asked["Attributes"]
            facts = {"ready": known["ApproximateNumberOfMessages"]}
            for fact, attribute in (("in flight", "NotVisible"), ("delayed", "Delayed")):
                if (count := known[f"ApproximateNumberOfMessages{attribute}"]) != "0":
                    facts[fact] = count
            if "RedrivePolicy" in known:
                dead = json.loads(known["RedrivePolicy"])["deadLetterTargetArn"]
                facts["dead letters go to"] = str(dead).rpartition(":")[2]
            yield Store("queue", url.rpartition("/")[2], facts)

    def _messages(self, name: str) -> Iterator[Item]:
        query = urlencode({"queue": name, "region": region()})
        url = f"{self._endpoint_url}/_chalice/messages?{query}"
        with _opener.open(url, timeout=_SECONDS) as answer:
            messages = json.load(answer)["messages"]
        for each in messages:
            facts = {
                "state": each["state"],
                "sent": _time(each["sent"] / 1000),
                "received": "never" if not each["received"] else f"{each['received']} times",
            }
            if each["received"] == 1:
                facts["received"] = "once"
            if each["group"]:
                facts["group"] = each["group"]
            yield Item(each["id"], facts, _pretty(each["body"]))

    def _tables(self) -> Iterator[Store]:
        dynamodb = self._aws("dynamodb")
        for name in dynamodb.list_tables(Limit=MOST)["TableNames"]:
            known = dynamodb.describe_table(TableName=name)["Table"]
            facts = {"items": str(known["ItemCount"]), "key": ", ".join(_keys(known))}
            if known.get("StreamSpecification", {}).get("StreamEnabled"):
                facts["stream"] = known["StreamSpecification"]["StreamViewType"]
            yield Store("table", name, facts)

    def _rows(self, name: str) -> Iterator[Item]:
        dynamodb = self._aws("dynamodb")
        keys = _keys(dynamodb.describe_table(TableName=name)["Table"])
        for each in dynamodb.scan(TableName=name, Limit=MOST)["Items"]:
            row = {key: _plain(value) for key, value in each.items()}
            called = " / ".join(str(row.get(key)) for key in keys)
            yield Item(called, {}, json.dumps(row, indent=2, ensure_ascii=False))

    def _buckets(self) -> Iterator[Store]:
        s3 = self._aws("s3")
        for bucket in s3.list_buckets()["Buckets"]:
            found = s3.list_objects_v2(Bucket=bucket["Name"], MaxKeys=1000)
            more = " or more" if found["IsTruncated"] else ""
            yield Store("bucket", bucket["Name"], {"objects": f"{found['KeyCount']}{more}"})

    def _objects(self, name: str) -> Iterator[Item]:
        s3 = self._aws("s3")
        for each in s3.list_objects_v2(Bucket=name, MaxKeys=MOST).get("Contents", []):
            facts = {
                "bytes": str(each["Size"]),
                "modified": _time(each["LastModified"].timestamp()),
            }
            text = None
            if each["Size"] <= _MOST_BYTES:
                found = s3.get_object(Bucket=name, Key=each["Key"])
                facts["type"] = found.get("ContentType", "")
                text = _text(found["Body"].read())
            yield Item(each["Key"], facts, text)

    def _topics(self) -> Iterator[Store]:
        sns = self._aws("sns")
        for topic in sns.list_topics()["Topics"]:
            arn = topic["TopicArn"]
            known = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
            yield Store("topic", arn.rpartition(":")[2], {"subscriptions": str(len(known))})

    def _subscriptions(self, name: str) -> Iterator[Item]:
        sns = self._aws("sns")
        for topic in sns.list_topics()["Topics"]:
            if topic["TopicArn"].rpartition(":")[2] != name:
                continue
            asked = sns.list_subscriptions_by_topic(TopicArn=topic["TopicArn"])
            for each in asked["Subscriptions"]:
                yield Item(each["Endpoint"], {"protocol": each["Protocol"]})

    def _streams(self) -> Iterator[Store]:
        kinesis = self._aws("kinesis")
        for name in kinesis.list_streams(Limit=MOST)["StreamNames"]:
            known = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
            facts = {"open shards": str(known["OpenShardCount"]), "status": known["StreamStatus"]}
            yield Store("stream", name, facts)

    def _records(self, name: str) -> Iterator[Item]:
        kinesis = self._aws("kinesis")
        for shard in kinesis.list_shards(StreamName=name, MaxResults=MOST)["Shards"]:
            begin = kinesis.get_shard_iterator(
                StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )
            found = kinesis.get_records(ShardIterator=begin["ShardIterator"], Limit=MOST)
            for each in found["Records"]:
                facts = {
                    "partition key": each["PartitionKey"],
                    "shard": shard["ShardId"],
                    "arrived": _time(each["ApproximateArrivalTimestamp"].timestamp()),
                }
                yield Item(each["SequenceNumber"], facts, _text(each["Data"][:_MOST_BYTES]))

    def _rules(self) -> Iterator[Store]:
        for each in self._aws("events").list_rules(Limit=MOST)["Rules"]:
            facts = {}
            if each.get("ScheduleExpression"):
                facts["schedule"] = each["ScheduleExpression"]
            if each.get("EventPattern"):
                facts["pattern"] = each["EventPattern"]
            yield Store("rule", each["Name"], {**facts, "state": each["State"].lower()})

    def _targets(self, name: str) -> Iterator[Item]:
        for each in self._aws("events").list_targets_by_rule(Rule=name)["Targets"]:
            yield Item(each["Arn"], {"id": each["Id"]})


@contextmanager
def _looking(at: str) -> Iterator[None]:
    """Turn what the cloud refuses, and its absence, into a DataError."""
    from chalice.aws.calls import doing  # noqa: PLC0415  # imports botocore

    try:
        with doing(f"looking at {at}"):
            yield
    except ToolError as error:
        raise DataError(str(error)) from error
    except HTTPError as error:
        with error:
            raise DataError(json.load(error)["message"]) from error
    except (URLError, TimeoutError, ConnectionError) as error:
        raise DataError(f"The embedded cloud does not answer: {error}") from error


def _keys(table: Mapping[str, Any]) -> list[str]:
    return [each["AttributeName"] for each in table["KeySchema"]]


def _plain(value: Mapping[str, Any]) -> object:
    """Return a value of DynamoDB as JSON would have it: ``{"S": "x"}`` is ``"x"``."""
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return _number(content)
        case "NS":
            return [_number(each) for each in content]
        case "B":
            return _text(content) or content.hex()
        case "BS":
            return [_text(each) or each.hex() for each in content]
        case "L":
            return [_plain(each) for each in content]
        case "M":
            return {key: _plain(each) for key, each in content.items()}
        case "NULL":
            return None
    return content


def _number(text: str) -> float | str:
    """Return a number, as text where a float would not be the same."""
    if text.lstrip("-").isdecimal():
        return int(text)
    return float(text) if repr(float(text)) == text else text


def _text(content: bytes) -> str | None:
    """Return what bytes say, None if they are no text."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else _pretty(text)


def _pretty(text: str) -> str:
    """Return JSON in lines, and other text as it is."""
    if text[:1] not in ("{", "["):
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).astimezone().strftime("%d %b %H:%M:%S")
