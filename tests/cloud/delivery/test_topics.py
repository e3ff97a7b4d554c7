"""SNS: from Publish to functions, queues and HTTP endpoints, filtered or not."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_pem_x509_certificate

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, unique
from tests.cloud.delivery.recorder import Inbox, Recorder
from tests.cloud.waiting import wait_until


@pytest.fixture
def sns(cloud: CloudStatus) -> Any:
    return client(cloud, "sns")


@pytest.fixture
def topic(sns: Any) -> str:
    arn: str = sns.create_topic(Name=unique("topic"))["TopicArn"]
    return arn


def subscribe(sns: Any, topic: str, endpoint: str, **attributes: str) -> str:
    """Subscribe a function, a queue or a URL; return the ARN of the subscription."""
    protocol = endpoint.split(":")[2] if endpoint.startswith("arn:") else "http"
    made = sns.subscribe(
        TopicArn=topic, Protocol=protocol, Endpoint=endpoint, Attributes=attributes
    )
    arn: str = made["SubscriptionArn"]
    return arn


def strings(**attributes: str) -> dict[str, Any]:
    return {
        name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
    }


def test_a_function_gets_the_event_as_documented(cloud: CloudStatus, sns: Any, topic: str) -> None:
    recorder = Recorder(cloud)
    recorder.permit("sns", SourceArn=topic)
    subscription = subscribe(sns, topic, recorder.arn)
    attributes = {
        "kind": {"DataType": "String", "StringValue": "x"},
        "n": {"DataType": "Number", "StringValue": "1.5"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
    }
    answer = sns.publish(
        TopicArn=topic, Message="hällo", Subject="about", MessageAttributes=attributes
    )
    ((record,),) = [event["Records"] for event in recorder.wait()]
    said = record["Sns"]
    assert said.pop("Timestamp").endswith("Z")
    assert base64.b64decode(said.pop("Signature"))
    host = "https://sns.us-east-1.amazonaws.com/"
    assert said.pop("SigningCertUrl").startswith(f"{host}SimpleNotificationService-")
    assert record == {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription,
        "Sns": {
            "Type": "Notification",
            "MessageId": answer["MessageId"],
            "TopicArn": topic,
            "Subject": "about",
            "Message": "hällo",
            "SignatureVersion": "1",
            "UnsubscribeUrl": f"{host}?Action=Unsubscribe&SubscriptionArn={subscription}",
            "MessageAttributes": {
                "kind": {"Type": "String", "Value": "x"},
                "n": {"Type": "Number", "Value": "1.5"},
                "raw": {"Type": "Binary", "Value": "AAE="},
            },
        },
    }
    sns.publish(TopicArn=topic, Message="plain")
    said = recorder.wait(2)[1]["Records"][0]["Sns"]
    assert (said["Subject"], said["MessageAttributes"]) == (None, {})


def test_a_queue_gets_a_signed_notification(cloud: CloudStatus, sns: Any, topic: str) -> None:
    inbox = Inbox(cloud)
    subscription = subscribe(sns, topic, inbox.arn)
    answer = sns.publish(
        TopicArn=topic, Message="text", Subject="s", MessageAttributes=strings(a="b")
    )
    notice = inbox.body()
    assert (notice["Type"], notice["Message"]) == ("Notification", "text")
    assert notice["MessageId"] == answer["MessageId"]
    assert notice["UnsubscribeURL"].endswith(subscription)
    assert notice["MessageAttributes"] == {"a": {"Type": "String", "Value": "b"}}
    name = notice["SigningCertURL"].rpartition("/")[2]
    region = {"Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/sns/aws4_request,"}
    pem = httpx.get(f"{cloud.endpoint_url}/{name}", headers=region).content
    key = load_pem_x509_certificate(pem).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    names = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
    signed = "".join(f"{each}\n{notice[each]}\n" for each in names).encode()
    key.verify(
        base64.b64decode(notice["Signature"]),
        signed,
        padding.PKCS1v15(),
        hashes.SHA1(),  # what version 1 is
    )


def test_a_raw_queue_gets_the_message_itself(cloud: CloudStatus, sns: Any, topic: str) -> None:
    inbox = Inbox(cloud)
    subscribe(sns, topic, inbox.arn, RawMessageDelivery="true")
    blob = {"DataType": "Binary", "BinaryValue": b"\x00\xff"}
    attributes = {**strings(a="b"), "blob": blob}
    sns.publish(TopicArn=topic, Message="itself", MessageAttributes=attributes)
    message = inbox.message()
    assert message["Body"] == "itself"
    assert message["MessageAttributes"] == attributes


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        ({"kind": ["a", "c"]}, [0]),
        ({"kind": [{"anything-but": ["a"]}]}, [1]),
        ({"kind": [{"prefix": "b"}]}, [1]),
        ({"price": [{"numeric": [">=", 10, "<", 20]}]}, [1]),
        ({"price": [5]}, [0]),
        ({"tags": ["y"]}, [0]),
        ({"kind": [{"exists": False}]}, [2]),
        ({"kind": ["a"], "price": [{"numeric": ["<", 3]}]}, []),
        ({"$or": [{"kind": ["b"]}, {"price": [5]}]}, [0, 1]),
    ],
)
def test_attributes_are_filtered(
    cloud: CloudStatus, sns: Any, topic: str, policy: dict[str, Any], wanted: list[int]
) -> None:
    inbox = Inbox(cloud)
    filters = {"FilterPolicy": json.dumps(policy), "RawMessageDelivery": "true"}
    subscribe(sns, topic, inbox.arn, **filters)
    every = Inbox(cloud)
    subscribe(sns, topic, every.arn, RawMessageDelivery="true")
    tags = {"DataType": "String.Array", "StringValue": '["x", "y"]'}
    messages = [
        {
            **strings(kind="a"),
            "price": {"DataType": "Number", "StringValue": "5"},
            "tags": tags,
        },
        {**strings(kind="b"), "price": {"DataType": "Number", "StringValue": "10.0"}},
        {"blob": {"DataType": "Binary", "BinaryValue": b"x"}},
    ]
    for number, attributes in enumerate(messages):
        sns.publish(TopicArn=topic, Message=str(number), MessageAttributes=attributes)
    assert [every.body() for _ in messages] == [0, 1, 2]
    assert [inbox.body() for _ in wanted] == wanted
    assert inbox.is_empty()


def test_bodies_are_filtered(cloud: CloudStatus, sns: Any, topic: str) -> None:
    inbox = Inbox(cloud)
    arn = subscribe(
        sns,
        topic,
        inbox.arn,
        FilterPolicyScope="MessageBody",
        FilterPolicy=json.dumps({"order": {"total": [{"numeric": [">", 5]}]}}),
        RawMessageDelivery="true",
    )
    for text in ('{"order": {"total": 1}}', "no json", '{"order": {"total": 9}}'):
        sns.publish(TopicArn=topic, Message=text)
    assert inbox.body() == {"order": {"total": 9}}
    assert inbox.is_empty()
    found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert found["FilterPolicyScope"] == "MessageBody"
    sns.set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=""
    )
    assert "FilterPolicy" not in sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    sns.publish(TopicArn=topic, Message='"everything"')
    assert inbox.body() == "everything"


def test_each_protocol_may_have_its_own_text(cloud: CloudStatus, sns: Any, topic: str) -> None:
    recorder, inbox = Recorder(cloud, "sns"), Inbox(cloud)
    subscribe(sns, topic, recorder.arn)
    subscribe(sns, topic, inbox.arn, RawMessageDelivery="true")
    texts = {"default": "for all", "lambda": "for functions"}
    sns.publish(TopicArn=topic, Message=json.dumps(texts), MessageStructure="json")
    assert recorder.wait()[0]["Records"][0]["Sns"]["Message"] == "for functions"
    assert inbox.message()["Body"] == "for all"
    for message in ("{}", "nope"):
        with pytest.raises(ClientError) as refused:
            sns.publish(TopicArn=topic, Message=message, MessageStructure="json")
        assert error_of(refused.value) == (400, "InvalidParameter")


def test_a_batch_says_which_entries_it_took(cloud: CloudStatus, sns: Any, topic: str) -> None:
    inbox = Inbox(cloud)
    subscribe(sns, topic, inbox.arn, RawMessageDelivery="true")
    answer = sns.publish_batch(
        TopicArn=topic,
        PublishBatchRequestEntries=[
            {"Id": "a", "Message": "1"},
            {"Id": "b", "Message": "2", "Subject": "x" * 101},
            {"Id": "c", "Message": "3"},
        ],
    )
    assert [each["Id"] for each in answer["Successful"]] == ["a", "c"]
    assert [(each["Id"], each["Code"]) for each in answer["Failed"]] == [("b", "InvalidParameter")]
    assert [inbox.body(), inbox.body()] == [1, 3]


def test_fifo_topics_keep_their_order_in_fifo_queues(cloud: CloudStatus, sns: Any) -> None:
    inbox = Inbox(cloud, FifoQueue="true")
    fifo = {"FifoTopic": "true", "ContentBasedDeduplication": "true"}
    topic = sns.create_topic(Name=f"{unique('topic')}.fifo", Attributes=fifo)["TopicArn"]
    subscribe(sns, topic, inbox.arn, RawMessageDelivery="true")
    for text in ("1", "2", "2", "3"):
        sns.publish(TopicArn=topic, Message=text, MessageGroupId="g")
    assert [inbox.body() for _ in range(3)] == [1, 2, 3]
    assert inbox.is_empty()
    with pytest.raises(ClientError) as refused:
        sns.publish(TopicArn=topic, Message="x")
    assert error_of(refused.value) == (400, "InvalidParameter")


def test_a_function_whose_policy_does_not_permit_it_is_not_invoked(
    cloud: CloudStatus, sns: Any, topic: str
) -> None:
    recorder, dead = Recorder(cloud), Inbox(cloud)
    recorder.permit("sns", SourceArn=f"{topic}-other")
    policy = json.dumps({"deadLetterTargetArn": dead.arn})
    subscribe(sns, topic, recorder.arn, RedrivePolicy=policy)
    sns.publish(TopicArn=topic, Message="refused")
    assert dead.body()["Message"] == "refused"
    assert recorder.calls() == []
    log = (cloud.home / "cloud.log").read_text()
    assert f"the policy of {recorder.arn} does not let sns.amazonaws.com invoke it" in log


def test_a_subscription_is_made_once(cloud: CloudStatus, sns: Any, topic: str) -> None:
    recorder = Recorder(cloud)
    arn = subscribe(sns, topic, recorder.arn, FilterPolicy='{"a": ["b"]}')
    assert subscribe(sns, topic, recorder.arn) == arn
    assert subscribe(sns, topic, recorder.arn, FilterPolicy='{ "a":["b"] }') == arn
    with pytest.raises(ClientError) as refused:
        subscribe(sns, topic, recorder.arn, FilterPolicy='{"a": ["c"]}')
    assert error_of(refused.value) == (400, "InvalidParameter")
    assert "Subscription already exists with different attributes" in str(refused.value)
    found = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [each["SubscriptionArn"] for each in found] == [arn]


@pytest.mark.parametrize(
    "attributes",
    [
        {"FilterPolicy": "nope"},
        {"FilterPolicy": '{"a": "b"}'},
        {"FilterPolicy": '{"a": {"b": ["c"]}}'},
        {"FilterPolicy": '{"a": [{"around": 1}]}'},
        {"FilterPolicyScope": "Everything"},
        {"RedrivePolicy": '{"deadLetterTargetArn": "arn:aws:sns:us-east-1:123456789012:t"}'},
    ],
)
def test_attributes_that_mean_nothing_make_no_subscription(
    cloud: CloudStatus, sns: Any, topic: str, attributes: dict[str, str]
) -> None:
    with pytest.raises(ClientError) as refused:
        subscribe(sns, topic, Inbox(cloud).arn, **attributes)
    assert error_of(refused.value) == (400, "InvalidParameter")
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[tuple[dict[str, str], str]]]]:
    """An HTTP endpoint that keeps headers and bodies of what it gets."""
    got: list[tuple[dict[str, str], str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            got.append((dict(self.headers), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", got
    server.shutdown()
    server.server_close()


def test_an_http_endpoint_gets_notifications(
    sns: Any, topic: str, endpoint: tuple[str, list[tuple[dict[str, str], str]]]
) -> None:
    url, got = endpoint
    arn = subscribe(sns, topic, url)
    sns.publish(TopicArn=topic, Message="posted")
    wait_until(lambda: bool(got))
    headers, body = got[0]
    assert json.loads(body)["Message"] == "posted"
    assert headers["x-amz-sns-message-type"] == "Notification"
    assert headers["x-amz-sns-subscription-arn"] == arn


def test_an_endpoint_that_hangs_keeps_nobody_waiting(
    cloud: CloudStatus, sns: Any, topic: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        subscribe(sns, topic, f"http://127.0.0.1:{deaf.getsockname()[1]}/")
        inbox = Inbox(cloud)
        subscribe(sns, topic, inbox.arn, RawMessageDelivery="true")
        began = time.monotonic()
        sns.publish(TopicArn=topic, Message="1")
        assert inbox.body() == 1
        assert time.monotonic() - began < 5
