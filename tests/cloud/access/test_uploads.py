"""Uploads by web forms that users and functions signed."""

from __future__ import annotations

from typing import Any

import botocore.session
import httpx
import pytest
from botocore.config import Config

from chalice.cloud import CloudStatus
from tests.cloud.access.callers import User, allow, make_user
from tests.cloud.aws import client, unique


@pytest.fixture(scope="module")
def bucket(cloud: CloudStatus) -> str:
    name = unique("bucket")
    client(cloud, "s3").create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="module")
def user(cloud: CloudStatus, bucket: str) -> User:
    user = make_user(cloud)
    user.permit(allow("s3:PutObject", f"arn:aws:s3:::{bucket}/in/*"))
    return user


def form(user: User, bucket: str, key: str, version: str = "s3v4", **more: Any) -> dict[str, Any]:
    session = botocore.session.Session()
    session.set_credentials(user.key["AccessKeyId"], user.key["SecretAccessKey"])
    s3: Any = session.create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=user.cloud.endpoint_url,
        config=Config(signature_version=version),
    )
    made: dict[str, Any] = s3.generate_presigned_post(bucket, key, **more)
    return made


def send(form: dict[str, Any], content: bytes = b"content", **fields: str) -> httpx.Response:
    data = {**form["fields"], **fields}
    return httpx.post(form["url"], data=data, files={"file": ("cat.jpg", content)})


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_form_uploads_what_it_was_signed_for(
    cloud: CloudStatus, user: User, bucket: str, version: str
) -> None:
    assert send(form(user, bucket, "in/a", version)).status_code == 204
    found = client(cloud, "s3").get_object(Bucket=bucket, Key="in/a")
    assert found["Body"].read() == b"content"


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_form_that_was_changed_is_refused(user: User, bucket: str, version: str) -> None:
    made = form(user, bucket, "in/a", version)
    answer = send(made, key="in/b")
    assert answer.status_code == 403
    assert 'Policy Condition failed: {"key": "in/a"}' in answer.text
    other = form(user, bucket, "in/b", version)["fields"]["policy"]
    assert "<Code>SignatureDoesNotMatch</Code>" in send(made, policy=other).text


def test_a_form_grants_no_more_than_its_signer_has(user: User, bucket: str) -> None:
    answer = send(form(user, bucket, "out/a"))
    assert answer.status_code == 403
    assert "is not authorized to perform: s3:PutObject" in answer.text


def test_a_form_keeps_to_its_conditions(user: User, bucket: str) -> None:
    conditions = [["content-length-range", 1, 10], ["starts-with", "$Content-Type", "image/"]]
    made = form(user, bucket, "in/${filename}", Conditions=conditions)
    image = {"Content-Type": "image/jpeg"}
    assert send(made, b"x", **image).status_code == 204
    assert "content-length-range" in send(made, b"x" * 11, **image).text
    assert "starts-with" in send(made, b"x", **{"Content-Type": "text/plain"}).text


def test_a_form_expires(user: User, bucket: str) -> None:
    answer = send(form(user, bucket, "in/a", ExpiresIn=-1))
    assert "Invalid according to Policy: Policy expired." in answer.text
