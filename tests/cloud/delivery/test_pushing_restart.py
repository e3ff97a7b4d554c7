"""What is pushed to whom is part of the state: it is pushed again after a restart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from chalice.cloud import CloudStatus, ensure_running, stop
from tests.cloud.aws import client
from tests.cloud.delivery.recorder import Recorder
from tests.cloud.waiting import quiet


def trigger(cloud: CloudStatus) -> list[str]:
    """Let a bucket, a topic, a pattern and a schedule invoke the function; return their names."""
    topic = "arn:aws:sns:us-east-1:123456789012:kept"
    client(cloud, "s3").put_object(Bucket="kept", Key="k", Body=b"1")
    client(cloud, "sns").publish(TopicArn=topic, Message="m")
    entry = {"Source": "shop", "DetailType": "Sold", "Detail": "{}"}
    client(cloud, "events").put_events(Entries=[entry])
    fired = httpx.post(f"{cloud.endpoint_url}/_chalice/fire", params={"rule": "nightly"})
    assert fired.status_code == 200
    return ["aws.events", "aws:s3", "aws:sns", "shop"]


def source(event: dict[str, Any]) -> str:
    if "Records" not in event:
        return str(event["source"])
    record = event["Records"][0]
    return str(record.get("eventSource") or record["EventSource"])


def test_a_restarted_cloud_pushes_as_before(home: Path) -> None:
    cloud = ensure_running(home, quiet)
    recorder = Recorder(cloud, "s3", "sns", "events")
    s3, sns, events = (client(cloud, service) for service in ("s3", "sns", "events"))
    s3.create_bucket(Bucket="kept")
    entry = {"LambdaFunctionArn": recorder.arn, "Events": ["s3:ObjectCreated:*"]}
    configuration = {"LambdaFunctionConfigurations": [entry]}
    s3.put_bucket_notification_configuration(Bucket="kept", NotificationConfiguration=configuration)
    topic = sns.create_topic(Name="kept")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=recorder.arn)
    events.put_rule(Name="sold", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_rule(Name="nightly", ScheduleExpression="cron(0 3 * * ? *)")
    for rule in ("sold", "nightly"):
        events.put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": recorder.arn}])
    before = s3.get_bucket_notification_configuration(Bucket="kept")

    stop(home)
    recorder.cloud = cloud = ensure_running(home, quiet)
    assert cloud.notice is None
    expected = trigger(cloud)
    assert sorted(map(source, recorder.wait(4))) == expected
    after = client(cloud, "s3").get_bucket_notification_configuration(Bucket="kept")
    members = "LambdaFunctionConfigurations"
    assert after[members] == before[members]
