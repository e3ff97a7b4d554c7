"""S3 tells of objects: who is told of what, in which words, and which configurations it takes."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, unique
from tests.cloud.delivery.recorder import Inbox, Recorder
from tests.cloud.waiting import wait_until

NOWHERE = "arn:aws:sqs:us-east-1:123456789012:nowhere"


@pytest.fixture
def s3(cloud: CloudStatus) -> Any:
    return client(cloud, "s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = unique("bucket")
    s3.create_bucket(Bucket=name)
    return name


def rules(**filters: str) -> dict[str, Any]:
    """Return a filter as SDKs send it: ``rules(Prefix="in/")``."""
    found = [{"Name": name, "Value": value} for name, value in filters.items()]
    return {"Filter": {"Key": {"FilterRules": found}}} if found else {}


def configure(s3: Any, bucket: str, **configuration: Any) -> None:
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)


def told(cloud: CloudStatus, s3: Any, bucket: str, *events: str, **filters: str) -> Inbox:
    """Let a new queue have those events, and take the test event out of it."""
    inbox = Inbox(cloud)
    entry = {"QueueArn": inbox.arn, "Events": list(events), **rules(**filters)}
    configure(s3, bucket, QueueConfigurations=[entry])
    assert inbox.body()["Event"] == "s3:TestEvent"
    return inbox


def names(inbox: Inbox, number: int) -> list[str]:
    records = [inbox.body()["Records"][0] for _ in range(number)]
    return [f"{each['eventName']} {each['s3']['object']['key']}" for each in records]


def test_a_function_gets_the_event_as_documented(cloud: CloudStatus, s3: Any, bucket: str) -> None:
    recorder = Recorder(cloud)
    recorder.permit("s3", SourceArn=f"arn:aws:s3:::{bucket}", SourceAccount="123456789012")
    entry = {
        "Id": "mine",
        "LambdaFunctionArn": recorder.arn,
        "Events": ["s3:ObjectCreated:*"],
        **rules(Prefix="in box/", suffix=".txt"),
    }
    configure(s3, bucket, LambdaFunctionConfigurations=[entry])
    for key in ("in box/a.csv", "out/a.txt"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    answer = s3.put_object(Bucket=bucket, Key="in box/ü+1.txt", Body=b"12345", Tagging="a=b")
    (event,) = recorder.wait()
    (record,) = event["Records"]
    moment = datetime.strptime(record.pop("eventTime"), "%Y-%m-%dT%H:%M:%S.%fZ")
    age = datetime.now(timezone.utc) - moment.replace(tzinfo=timezone.utc)
    assert abs(age.total_seconds()) < 60
    sequencer = record["s3"]["object"].pop("sequencer")
    assert int(sequencer, 16)
    owner = record["s3"]["bucket"].pop("ownerIdentity")
    assert owner["principalId"]
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert record == {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:test"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {
            "x-amz-request-id": headers["x-amz-request-id"],
            "x-amz-id-2": headers["x-amz-id-2"],
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "mine",
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": {
                "key": "in+box/%C3%BC%2B1.txt",
                "size": 5,
                "eTag": answer["ETag"].strip('"'),
            },
        },
    }


def test_each_way_to_make_an_object_has_its_name(cloud: CloudStatus, s3: Any, bucket: str) -> None:
    inbox = told(cloud, s3, bucket, "s3:ObjectCreated:*")
    s3.put_object(Bucket=bucket, Key="put", Body=b"1", Tagging="a=b")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/put")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts", Tagging="a=b")["UploadId"]
    part = {"Bucket": bucket, "Key": "parts", "UploadId": upload}
    etag = s3.upload_part(PartNumber=1, Body=b"1", **part)["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    s3.complete_multipart_upload(MultipartUpload=parts, **part)
    posted = httpx.post(
        f"{cloud.endpoint_url}/{bucket}", data={"key": "form"}, files={"file": b"1"}
    )
    assert posted.status_code == 204
    assert names(inbox, 4) == [
        "ObjectCreated:Put put",
        "ObjectCreated:Copy copy",
        "ObjectCreated:CompleteMultipartUpload parts",
        "ObjectCreated:Post form",
    ]
    assert inbox.is_empty()


def test_deleted_objects_are_told_once(cloud: CloudStatus, s3: Any, bucket: str) -> None:
    for key in "abc":
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    inbox = told(cloud, s3, bucket, "s3:ObjectRemoved:Delete")
    s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b"}, {"Key": "x"}]})
    s3.delete_object(Bucket=bucket, Key="c")
    records = [inbox.body()["Records"][0] for _ in range(3)]
    assert [each["s3"]["object"]["key"] for each in records] == ["a", "b", "c"]
    assert sorted(records[0]["s3"]["object"]) == ["key", "sequencer"]
    assert inbox.is_empty()


def test_versions_and_delete_markers_are_told_apart(
    cloud: CloudStatus, s3: Any, bucket: str
) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    inbox = told(cloud, s3, bucket, "s3:ObjectRemoved:*", "s3:ObjectCreated:Put")
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=version)
    records = [inbox.body()["Records"][0] for _ in range(3)]
    assert [(each["eventName"], each["s3"]["object"]["versionId"]) for each in records] == [
        ("ObjectCreated:Put", version),
        ("ObjectRemoved:DeleteMarkerCreated", marker),
        ("ObjectRemoved:Delete", version),
    ]


def test_tags_and_acls_are_told(cloud: CloudStatus, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    inbox = told(cloud, s3, bucket, "s3:ObjectTagging:*", "s3:ObjectAcl:Put")
    tags = {"TagSet": [{"Key": "a", "Value": "b"}]}
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging=tags)
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="private")
    assert names(inbox, 3) == ["ObjectTagging:Put k", "ObjectTagging:Delete k", "ObjectAcl:Put k"]


def test_a_topic_is_told_too(cloud: CloudStatus, s3: Any, bucket: str) -> None:
    sns, inbox = client(cloud, "sns"), Inbox(cloud)
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=inbox.arn)
    entry = {"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}
    configure(s3, bucket, TopicConfigurations=[entry])
    assert json.loads(inbox.body()["Message"])["Event"] == "s3:TestEvent"
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    notice = json.loads(inbox.body()["Message"])
    assert notice["Records"][0]["eventName"] == "ObjectCreated:Put"


def test_event_bridge_is_told_of_everything(cloud: CloudStatus, s3: Any, bucket: str) -> None:
    inbox, events = Inbox(cloud), client(cloud, "events")
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}
    name = unique("rule")
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": inbox.arn}])
    configure(s3, bucket, EventBridgeConfiguration={})
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert found["EventBridgeConfiguration"] == {}
    answer = s3.put_object(Bucket=bucket, Key="a b", Body=b"1")
    s3.delete_object(Bucket=bucket, Key="a b")
    created, deleted = inbox.body(), inbox.body()
    assert created["detail-type"] == "Object Created"
    assert created["resources"] == [f"arn:aws:s3:::{bucket}"]
    assert created["detail"].pop("object").pop("sequencer")
    assert created["detail"] == {
        "version": "0",
        "bucket": {"name": bucket},
        "request-id": answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-request-id"],
        "requester": "123456789012",
        "source-ip-address": "127.0.0.1",
        "reason": "PutObject",
    }
    assert deleted["detail-type"] == "Object Deleted"
    assert deleted["detail"]["deletion-type"] == "Permanently Deleted"
    assert deleted["detail"]["object"]["key"] == "a b"


def test_a_configuration_is_given_back_and_taken_away(
    cloud: CloudStatus, s3: Any, bucket: str
) -> None:
    recorder, inbox = Recorder(cloud, "s3"), Inbox(cloud)
    functions = [
        {
            "Id": "one",
            "LambdaFunctionArn": recorder.arn,
            "Events": ["s3:ObjectCreated:Put", "s3:ObjectRemoved:*"],
            **rules(PREFIX="a/", Suffix=".b"),
        }
    ]
    queues = [{"Id": "two", "QueueArn": inbox.arn, "Events": ["s3:ObjectTagging:*"]}]
    configure(s3, bucket, LambdaFunctionConfigurations=functions, QueueConfigurations=queues)
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    found.pop("ResponseMetadata")
    shown = [{**functions[0], **rules(Prefix="a/", Suffix=".b")}]
    assert found == {"LambdaFunctionConfigurations": shown, "QueueConfigurations": queues}
    configure(s3, bucket, **found)  # what it gives it takes
    configure(s3, bucket)
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    found.pop("ResponseMetadata")
    assert found == {}


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        (({}, "s3:ObjectCreated:*"), ({}, "s3:ObjectCreated:Put"), True),
        (({}, "s3:ObjectCreated:Put"), ({}, "s3:ObjectCreated:Copy"), False),
        (({}, "s3:ObjectCreated:*"), ({}, "s3:ObjectRemoved:*"), False),
        (
            ({"Prefix": "a"}, "s3:ObjectCreated:*"),
            ({"Prefix": "ab"}, "s3:ObjectCreated:*"),
            True,
        ),
        (
            ({"Prefix": "a"}, "s3:ObjectCreated:*"),
            ({"Prefix": "b"}, "s3:ObjectCreated:*"),
            False,
        ),
        (
            ({"Prefix": "a", "Suffix": ".x"}, "s3:ObjectCreated:*"),
            ({"Prefix": "ab", "Suffix": ".y"}, "s3:ObjectCreated:*"),
            False,
        ),
        (({"Suffix": ".x"}, "s3:ObjectCreated:*"), ({}, "s3:ObjectCreated:*"), True),
    ],
)
def test_who_is_told_must_be_clear(
    cloud: CloudStatus,
    s3: Any,
    bucket: str,
    first: tuple[dict[str, str], str],
    second: tuple[dict[str, str], str],
    overlap: bool,
) -> None:
    entries = [
        {"QueueArn": Inbox(cloud).arn, "Events": [event], **rules(**filters)}
        for filters, event in (first, second)
    ]
    if not overlap:
        configure(s3, bucket, QueueConfigurations=entries)
        return
    with pytest.raises(ClientError) as refused:
        configure(s3, bucket, QueueConfigurations=entries)
    assert error_of(refused.value) == (400, "InvalidArgument")
    assert "Configuration is ambiguously defined." in str(refused.value)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"QueueArn": NOWHERE}, "Unable to validate the following destination configurations"),
        ({"QueueArn": "arn:aws:sns:us-east-1:123456789012:t"}, "The ARN is not well formed"),
        ({"Events": ["s3:ObjectLost"]}, "The event 's3:ObjectLost' is not supported"),
        (rules(Middle="x"), "filter rule name must be either prefix or suffix"),
        (rules(Prefix="a", prefix="b"), "Cannot specify more than one prefix rule in a filter."),
        ({"QueueArn": NOWHERE.replace("us-east-1", "eu-west-1")}, "region is not valid"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(
    s3: Any, bucket: str, entry: dict[str, Any], sentence: str
) -> None:
    whole = {"QueueArn": NOWHERE, "Events": ["s3:ObjectCreated:*"], **entry}
    with pytest.raises(ClientError) as refused:
        configure(s3, bucket, QueueConfigurations=[whole])
    assert error_of(refused.value) == (400, "InvalidArgument")
    assert sentence in str(refused.value)


def test_a_function_must_let_s3_invoke_it(cloud: CloudStatus, s3: Any, bucket: str) -> None:
    recorder = Recorder(cloud)
    recorder.permit("s3", SourceArn="arn:aws:s3:::another-bucket")
    entry = {"LambdaFunctionArn": recorder.arn, "Events": ["s3:ObjectCreated:*"]}
    with pytest.raises(ClientError) as refused:
        configure(s3, bucket, LambdaFunctionConfigurations=[entry])
    assert error_of(refused.value) == (400, "InvalidArgument")
    assert "Unable to validate the following destination configurations" in str(refused.value)
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={"LambdaFunctionConfigurations": [entry]},
        SkipDestinationValidation=True,
    )
    s3.put_object(Bucket=bucket, Key="refused", Body=b"1")
    said = f"the policy of {recorder.arn} does not let s3.amazonaws.com invoke it"
    wait_until(lambda: said in (cloud.home / "cloud.log").read_text())
    recorder.permit("s3", SourceArn=f"arn:aws:s3:::{bucket}")
    s3.put_object(Bucket=bucket, Key="taken", Body=b"1")
    (event,) = recorder.wait()
    assert event["Records"][0]["s3"]["object"]["key"] == "taken"


def test_a_bucket_made_anew_tells_nothing(cloud: CloudStatus, s3: Any, bucket: str) -> None:
    told(cloud, s3, bucket, "s3:ObjectCreated:*")
    s3.delete_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert "QueueConfigurations" not in found
