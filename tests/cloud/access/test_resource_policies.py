"""Policies of buckets, queues, topics, functions and keys, beside those of the caller."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.access.callers import Function, User, allow, deny, deploy, make_user
from tests.cloud.aws import client, make_function, unique

ACCOUNT = "123456789012"


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def refusal(someone: Any, call: str, **parameters: Any) -> str:
    """Return why the call is refused, an empty text when it is not."""
    try:
        getattr(someone, call)(**parameters)
    except ClientError as error:
        return str(error)
    return ""


@pytest.fixture
def user(cloud: CloudStatus) -> User:
    return make_user(cloud)


def test_a_bucket_allows_and_denies(cloud: CloudStatus, user: User) -> None:
    bucket, s3 = unique("bucket"), client(cloud, "s3")
    s3.create_bucket(Bucket=bucket)
    objects = f"arn:aws:s3:::{bucket}/*"
    put = {"Bucket": bucket, "Key": "k", "Body": b"1"}
    assert "no identity-based policy" in refusal(user.client("s3"), "put_object", **put)
    granting = allow("s3:PutObject", objects, Principal={"AWS": user.arn})
    s3.put_bucket_policy(Bucket=bucket, Policy=document(granting))
    assert not refusal(user.client("s3"), "put_object", **put)
    user.permit(allow("s3:*"))
    denying = deny("s3:PutObject", objects, Principal="*")
    s3.put_bucket_policy(Bucket=bucket, Policy=document(denying))
    refused = refusal(user.client("s3"), "put_object", **put)
    assert "with an explicit deny in a resource-based policy" in refused
    assert f'on resource: "arn:aws:s3:::{bucket}/k"' in refused


def test_a_bucket_that_asks_for_encrypted_transport_can_be_used(
    cloud: CloudStatus, user: User
) -> None:
    bucket, s3 = unique("bucket"), client(cloud, "s3")
    s3.create_bucket(Bucket=bucket)
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    denying = deny("s3:*", [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"], Principal="*")
    s3.put_bucket_policy(Bucket=bucket, Policy=document({**denying, "Condition": insecure}))
    user.permit(allow("s3:*"))
    assert not refusal(user.client("s3"), "put_object", Bucket=bucket, Key="k", Body=b"1")


def test_a_bucket_is_public_when_its_policy_says_so(cloud: CloudStatus) -> None:
    bucket, s3 = unique("bucket"), client(cloud, "s3")
    s3.create_bucket(Bucket=bucket)
    for key in ("open/a", "closed/a"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    public = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/open/*", Principal="*")
    s3.put_bucket_policy(Bucket=bucket, Policy=document(public))
    assert httpx.get(f"{cloud.endpoint_url}/{bucket}/open/a").content == b"1"
    assert httpx.get(f"{cloud.endpoint_url}/{bucket}/closed/a").status_code == 403


def test_a_queue_allows_and_denies(cloud: CloudStatus, user: User) -> None:
    name, sqs = unique("queue"), client(cloud, "sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    send = {"QueueUrl": url, "MessageBody": "m"}
    assert refusal(user.client("sqs"), "send_message", **send)
    granting = allow("sqs:SendMessage", arn, Principal={"AWS": user.arn})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(granting)})
    assert not refusal(user.client("sqs"), "send_message", **send)
    denying = deny("sqs:*", arn, Principal={"AWS": ACCOUNT})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(denying)})
    user.permit(allow("sqs:*"))
    assert "deny in a resource-based" in refusal(user.client("sqs"), "send_message", **send)


def test_a_topic_leaves_its_account_to_identity_policies_until_told_otherwise(
    cloud: CloudStatus, user: User
) -> None:
    sns = client(cloud, "sns")
    arn = sns.create_topic(Name=unique("topic"))["TopicArn"]
    publish = {"TopicArn": arn, "Message": "m"}
    assert "AuthorizationError" in refusal(user.client("sns"), "publish", **publish)
    granting = allow("sns:Publish", arn, Principal={"AWS": [user.arn]})
    sns.set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=document(granting)
    )
    assert not refusal(user.client("sns"), "publish", **publish)


def test_a_function_lets_others_invoke_it(cloud: CloudStatus) -> None:
    function = deploy(cloud)
    other = unique("other")
    make_function(cloud, other)
    invoke = {"FunctionName": other, "Payload": "{}"}
    assert function.call("lambda", "invoke", **invoke)["code"] == "AccessDeniedException"
    client(cloud, "lambda").add_permission(
        FunctionName=other,
        StatementId="one",
        Action="lambda:InvokeFunction",
        Principal=function.role_arn,
    )
    assert function.call("lambda", "invoke", **invoke)["status"] == 200


def test_a_key_decides_who_may_use_it(cloud: CloudStatus, user: User) -> None:
    kms = client(cloud, "kms")
    key = kms.create_key()["KeyMetadata"]
    encrypt = {"KeyId": key["KeyId"], "Plaintext": b"1"}
    user.permit(allow("kms:*"))
    assert not refusal(user.client("kms"), "encrypt", **encrypt)
    other = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"})
    kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=document(other))
    refused = refusal(user.client("kms"), "encrypt", **encrypt)
    assert "no resource-based policy allows the kms:Encrypt action" in refused


def test_a_secret_may_be_named_without_its_suffix(cloud: CloudStatus, user: User) -> None:
    name, other = unique("secret"), unique("secret")
    manager = client(cloud, "secretsmanager")
    arn = manager.create_secret(Name=name, SecretString="s")["ARN"]
    manager.create_secret(Name=other, SecretString="s")
    user.permit(allow("secretsmanager:GetSecretValue", arn))
    own = user.client("secretsmanager")
    assert not refusal(own, "get_secret_value", SecretId=name)
    assert not refusal(own, "get_secret_value", SecretId=arn)
    assert "AccessDeniedException" in refusal(own, "get_secret_value", SecretId=other)


@pytest.fixture(scope="module")
def function(cloud: CloudStatus) -> Function:
    return deploy(cloud)


def test_a_policy_that_is_none_says_nothing(cloud: CloudStatus, function: Function) -> None:
    name, sqs = unique("queue"), client(cloud, "sqs")
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": '{"Statement": 7}'})["QueueUrl"]
    function.permit(allow("sqs:SendMessage"))
    sent = function.call("sqs", "send_message", QueueUrl=url, MessageBody="m")
    assert sent["status"] == 200
