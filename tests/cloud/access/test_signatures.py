"""Signatures that do not hold, in the words of each service."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import botocore.session
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.access.callers import User, allow, client_of, make_user
from tests.cloud.aws import client, error_of, unique

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "s3": ("list_buckets", {}),
    "sqs": ("list_queues", {}),
    "dynamodb": ("list_tables", {}),
    "lambda": ("list_functions", {}),
    "sts": ("get_caller_identity", {}),
    "sns": ("list_topics", {}),
    "ec2": ("describe_vpcs", {}),
}


@pytest.fixture(scope="module")
def user(cloud: CloudStatus) -> User:
    """A user who may do everything."""
    user = make_user(cloud)
    user.permit(allow("*"))
    return user


@pytest.fixture(scope="module")
def session(user: User) -> Mapping[str, Any]:
    """Credentials of theirs that expire."""
    made: Mapping[str, Any] = user.client("sts").get_session_token()["Credentials"]
    return made


@pytest.fixture(scope="module")
def bucket(cloud: CloudStatus) -> str:
    name = unique("bucket")
    client(cloud, "s3").create_bucket(Bucket=name)
    client(cloud, "s3").put_object(Bucket=name, Key="a b/ü+&=", Body=b"content")
    return name


def refusal(cloud: CloudStatus, credentials: Mapping[str, Any], service: str) -> tuple[int, str]:
    call, parameters = CALLS[service]
    with pytest.raises(ClientError) as refused:
        getattr(client_of(cloud, credentials, service), call)(**parameters)
    return error_of(refused.value)


@pytest.mark.parametrize("service", CALLS)
def test_a_signature_that_holds_is_let_through(
    cloud: CloudStatus, user: User, session: Mapping[str, Any], service: str
) -> None:
    call, parameters = CALLS[service]
    for credentials in (user.key, session):
        getattr(client_of(cloud, credentials, service), call)(**parameters)


@pytest.mark.parametrize(
    ("service", "error"),
    [
        ("s3", (403, "SignatureDoesNotMatch")),
        ("sqs", (403, "SignatureDoesNotMatch")),
        ("dynamodb", (400, "InvalidSignatureException")),
        ("lambda", (403, "InvalidSignatureException")),
        ("sts", (403, "SignatureDoesNotMatch")),
        ("ec2", (401, "AuthFailure")),
    ],
)
def test_a_wrong_secret_is_refused(
    cloud: CloudStatus, user: User, service: str, error: tuple[int, str]
) -> None:
    wrong = {**user.key, "SecretAccessKey": "wrong"}
    assert refusal(cloud, wrong, service) == error


@pytest.mark.parametrize(
    ("service", "error"),
    [
        ("s3", (400, "InvalidToken")),
        ("sqs", (403, "InvalidClientTokenId")),
        ("dynamodb", (400, "UnrecognizedClientException")),
        ("lambda", (403, "UnrecognizedClientException")),
        ("sts", (403, "InvalidClientTokenId")),
    ],
)
def test_a_wrong_session_token_is_refused(
    cloud: CloudStatus, session: Mapping[str, Any], service: str, error: tuple[int, str]
) -> None:
    assert refusal(cloud, {**session, "SessionToken": "wrong"}, service) == error
    assert refusal(cloud, {**session, "SessionToken": None}, service) == error


def test_odd_paths_and_headers_are_signed_as_they_are_sent(
    cloud: CloudStatus, user: User, bucket: str
) -> None:
    s3, key = client_of(cloud, user.key, "s3"), "a//b/../ü +%25&=~;:@!$'()*,"
    disposition = 'attachment; filename="ü  x.txt"'
    s3.put_object(Bucket=bucket, Key=key, Body=b"1", ContentDisposition=disposition)
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"1"
    assert s3.list_objects_v2(Bucket=bucket, Prefix="a//b/../ü +%")["KeyCount"] == 1
    functions = client_of(cloud, user.key, "lambda")
    with pytest.raises(ClientError) as missing:
        functions.get_function(FunctionName="arn:aws:lambda:us-east-1:123456789012:function:none")
    assert error_of(missing.value) == (404, "ResourceNotFoundException")


def test_credentials_end(cloud: CloudStatus, user: User) -> None:
    short = client_of(cloud, user.key, "sts").get_session_token(DurationSeconds=900)["Credentials"]
    assert 890 < short["Expiration"].timestamp() - time.time() < 910


def signed(
    cloud: CloudStatus, key: Mapping[str, Any], bucket: str, version: str, **more: Any
) -> str:
    session = botocore.session.Session()
    session.set_credentials(key["AccessKeyId"], key["SecretAccessKey"], key.get("SessionToken"))
    s3: Any = session.create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=cloud.endpoint_url,
        config=Config(signature_version=version),
    )
    parameters = {"Bucket": bucket, "Key": "a b/ü+&="}
    url: str = s3.generate_presigned_url("get_object", Params={**parameters, **more})
    return url


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_url_is_let_through_as_it_was_signed(
    cloud: CloudStatus, user: User, session: Mapping[str, Any], bucket: str, version: str
) -> None:
    for credentials in (user.key, session):
        url = signed(cloud, credentials, bucket, version, ResponseContentType="text/x")
        assert httpx.get(url).content == b"content"
        for changed in (url.replace("text%2Fx", "text%2Fy"), url.replace("%3D?", "%3D2?")):
            assert changed != url
            answer = httpx.get(changed)
            assert answer.status_code == 403
            assert "<Code>SignatureDoesNotMatch</Code>" in answer.text


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_url_grants_no_more_than_its_signer_has(
    cloud: CloudStatus, bucket: str, version: str
) -> None:
    nobody = make_user(cloud)
    answer = httpx.get(signed(cloud, nobody.key, bucket, version))
    assert answer.status_code == 403
    assert "<Code>AccessDenied</Code>" in answer.text
    assert f"User: {nobody.arn} is not authorized to perform: s3:GetObject" in answer.text


def test_an_upload_with_a_presigned_url_has_the_content_type_it_was_signed_for(
    cloud: CloudStatus, user: User, bucket: str
) -> None:
    url = client_of(cloud, user.key, "s3").generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "up", "ContentType": "text/x"}
    )
    assert httpx.put(url, content=b"1", headers={"Content-Type": "text/x"}).status_code == 200
    assert httpx.put(url, content=b"1", headers={"Content-Type": "text/y"}).status_code == 403


def test_content_that_was_changed_on_the_way_is_refused(cloud: CloudStatus, user: User) -> None:
    sqs = client_of(cloud, user.key, "sqs")
    sqs.meta.events.register("before-send.sqs", change_body)
    with pytest.raises(ClientError) as refused:
        sqs.list_queues(QueueNamePrefix="x")
    assert error_of(refused.value) == (403, "SignatureDoesNotMatch")


def change_body(request: Any, **_: Any) -> None:
    request.body = request.body.replace(b'"x"', b'"y"')


def test_strangers_need_no_signature_that_holds(cloud: CloudStatus) -> None:
    scope = "Credential=AKIASTRANGER/20260101/us-east-1/sqs/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=none",
        "X-Amz-Target": "AmazonSQS.ListQueues",
        "Content-Type": "application/x-amz-json-1.0",
    }
    assert httpx.post(cloud.endpoint_url, headers=headers, content=b"{}").status_code == 200
