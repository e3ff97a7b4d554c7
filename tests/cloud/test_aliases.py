"""Versions and aliases of functions in the embedded cloud, and what is said of them apart."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, make_function, make_zip, unique


@pytest.fixture
def functions(cloud: CloudStatus) -> Any:
    return client(cloud, "lambda")


@pytest.fixture
def name(cloud: CloudStatus) -> str:
    made = unique("fn")
    make_function(cloud, made, "def handler(event, context): return 1")
    return made


def change(functions: Any, name: str, answer: int) -> str:
    """Publish a function that answers otherwise and return the version."""
    source = f"def handler(event, context): return {answer}"
    functions.update_function_code(FunctionName=name, ZipFile=make_zip(source))
    version: str = functions.publish_version(FunctionName=name)["Version"]
    return version


def answer_of(functions: Any, name: str, qualifier: str) -> Any:
    answer = functions.invoke(FunctionName=name, Qualifier=qualifier)
    return json.loads(answer["Payload"].read())


def test_numbers_of_versions_come_once(functions: Any, name: str) -> None:
    assert functions.publish_version(FunctionName=name)["Version"] == "1"
    assert functions.publish_version(FunctionName=name)["Version"] == "1"
    assert change(functions, name, 2) == "2"
    functions.delete_function(FunctionName=name, Qualifier="1")
    functions.delete_function(FunctionName=name, Qualifier="2")
    assert change(functions, name, 3) == "3"


def test_an_alias_means_one_version_until_it_is_moved(functions: Any, name: str) -> None:
    functions.publish_version(FunctionName=name)
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    change(functions, name, 2)
    assert answer_of(functions, name, "live") == 1
    assert answer_of(functions, name, "$LATEST") == 2
    functions.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    assert answer_of(functions, name, "live") == 2


def test_a_version_that_an_alias_means_stays(functions: Any, name: str) -> None:
    functions.publish_version(FunctionName=name)
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    with pytest.raises(ClientError) as refused:
        functions.delete_function(FunctionName=name, Qualifier="1")
    assert error_of(refused.value) == (409, "ResourceConflictException")


def test_a_function_and_its_alias_have_policies_of_their_own(functions: Any, name: str) -> None:
    functions.publish_version(FunctionName=name)
    alias = functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")["AliasArn"]
    grant = {
        "StatementId": "one",
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
    }
    functions.add_permission(FunctionName=alias, **grant)
    with pytest.raises(ClientError) as none:
        functions.get_policy(FunctionName=name)
    assert error_of(none.value) == (404, "ResourceNotFoundException")
    functions.add_permission(FunctionName=name, **grant)
    for qualifier in ({}, {"Qualifier": "live"}):
        policy = functions.get_policy(FunctionName=name, **qualifier)["Policy"]
        [statement] = json.loads(policy)["Statement"]
        assert statement["Resource"].endswith(qualifier.get("Qualifier", name))
    functions.remove_permission(FunctionName=alias, StatementId="one")
    assert len(json.loads(functions.get_policy(FunctionName=name)["Policy"])["Statement"]) == 1


def test_a_mapping_to_an_alias_stays_one(cloud: CloudStatus, functions: Any, name: str) -> None:
    queue = unique("queue")
    client(cloud, "sqs").create_queue(QueueName=queue)
    functions.publish_version(FunctionName=name)
    alias = functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")["AliasArn"]
    made = functions.create_event_source_mapping(
        FunctionName=alias, EventSourceArn=f"arn:aws:sqs:us-east-1:123456789012:{queue}"
    )
    assert made["FunctionArn"] == alias
    found = functions.get_event_source_mapping(UUID=made["UUID"])
    assert found["FunctionArn"] == alias


def test_code_that_is_not_in_the_bucket_is_refused(
    cloud: CloudStatus, functions: Any, name: str
) -> None:
    bucket = unique("bucket")
    with pytest.raises(ClientError, match="NoSuchBucket") as no_bucket:
        functions.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key="a.zip")
    assert error_of(no_bucket.value) == (400, "InvalidParameterValueException")
    s3 = client(cloud, "s3")
    s3.create_bucket(Bucket=bucket)
    with pytest.raises(ClientError, match="NoSuchKey") as no_key:
        functions.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key="a.zip")
    assert error_of(no_key.value) == (400, "InvalidParameterValueException")
    s3.put_object(Bucket=bucket, Key="a.zip", Body=b"no zip")
    with pytest.raises(ClientError, match="Could not unzip"):
        functions.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key="a.zip")
    assert answer_of(functions, name, "$LATEST") == 1


def test_a_function_that_is_stopped_says_so(functions: Any, name: str) -> None:
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    found = functions.get_function(FunctionName=name)
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 0}
