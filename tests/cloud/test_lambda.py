"""Lambda's control plane: functions, their policies, concurrency, tags, errors."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import ECHO, client, error_of, make_function, make_role, make_zip, unique


@pytest.fixture
def functions(cloud: CloudStatus) -> Any:
    return client(cloud, "lambda")


@pytest.fixture
def name() -> str:
    return unique("fn")


def permit(functions: Any, name: str, sid: str = "one", **conditions: str) -> Any:
    return functions.add_permission(
        FunctionName=name,
        StatementId=sid,
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        **conditions,
    )


def sha256(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def test_a_new_function_is_active_with_the_digest_of_its_zip(
    cloud: CloudStatus, functions: Any, name: str
) -> None:
    arn = make_function(cloud, name, Environment={"Variables": {"A": "1"}}, Tags={"t": "v"})
    found = functions.get_function(FunctionName=name)
    configuration = found["Configuration"]
    assert configuration["CodeSha256"] == sha256(make_zip(ECHO))
    assert configuration["State"] == "Active"
    assert configuration["LastUpdateStatus"] == "Successful"
    assert configuration["Environment"]["Variables"] == {"A": "1"}
    assert configuration["FunctionArn"] == arn
    assert configuration["Version"] == "$LATEST"
    assert found["Tags"] == {"t": "v"}
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    functions.get_waiter("function_updated_v2").wait(FunctionName=name)


def test_new_code_has_a_new_digest(cloud: CloudStatus, functions: Any, name: str) -> None:
    make_function(cloud, name)
    content = make_zip("def handler(event, context): return 2")
    updated = functions.update_function_code(FunctionName=name, ZipFile=content)
    assert updated["CodeSha256"] == sha256(content)
    assert updated["CodeSize"] == len(content)
    assert updated["LastUpdateStatus"] == "Successful"


def test_a_configuration_is_updated_as_a_whole(
    cloud: CloudStatus, functions: Any, name: str
) -> None:
    make_function(cloud, name, Environment={"Variables": {"A": "1"}})
    functions.update_function_configuration(
        FunctionName=name,
        Runtime="python3.13",
        Timeout=60,
        MemorySize=512,
        TracingConfig={"Mode": "Active"},
        EphemeralStorage={"Size": 1024},
        Environment={},
    )
    found = functions.get_function_configuration(FunctionName=name)
    assert (found["Runtime"], found["Timeout"], found["MemorySize"]) == ("python3.13", 60, 512)
    assert found["TracingConfig"] == {"Mode": "Active"}
    assert found["EphemeralStorage"] == {"Size": 1024}
    assert not found.get("Environment", {}).get("Variables")


def test_a_role_must_exist(cloud: CloudStatus, functions: Any, name: str) -> None:
    arn = make_function(cloud, name)
    nobody = "arn:aws:iam::123456789012:role/nobody"
    with pytest.raises(ClientError) as refused:
        functions.create_function(
            FunctionName=unique("fn"),
            Runtime="python3.12",
            Role=nobody,
            Handler="app.handler",
            Code={"ZipFile": make_zip(ECHO)},
        )
    assert error_of(refused.value) == (400, "InvalidParameterValueException")
    assert "The role defined for the function cannot be assumed by Lambda." in str(refused.value)
    with pytest.raises(ClientError) as kept:
        functions.update_function_configuration(FunctionName=arn, Role=nobody, Timeout=9)
    assert error_of(kept.value) == (400, "InvalidParameterValueException")
    assert functions.get_function_configuration(FunctionName=name)["Timeout"] == 3


def test_code_must_be_a_zip(cloud: CloudStatus, functions: Any, name: str) -> None:
    make_function(cloud, name)
    with pytest.raises(ClientError) as refused:
        functions.update_function_code(FunctionName=name, ZipFile=b"no zip")
    assert error_of(refused.value) == (400, "InvalidParameterValueException")
    assert "Could not unzip uploaded file" in str(refused.value)


def test_a_function_exists_once(cloud: CloudStatus, functions: Any, name: str) -> None:
    make_function(cloud, name)
    with pytest.raises(ClientError) as refused:
        functions.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=make_role(cloud, unique("role")),
            Handler="app.handler",
            Code={"ZipFile": make_zip(ECHO)},
        )
    assert error_of(refused.value) == (409, "ResourceConflictException")


def test_a_deleted_function_is_gone(cloud: CloudStatus, functions: Any, name: str) -> None:
    make_function(cloud, name)
    deleted = functions.delete_function(FunctionName=name)
    assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
    for call in ("get_function", "delete_function", "get_policy", "invoke"):
        with pytest.raises(ClientError) as missing:
            getattr(functions, call)(FunctionName=name)
        assert error_of(missing.value) == (404, "ResourceNotFoundException")


def test_a_policy_names_who_may_invoke_the_function(
    cloud: CloudStatus, functions: Any, name: str
) -> None:
    arn = make_function(cloud, name)
    source = "arn:aws:execute-api:us-east-1:123456789012:a1b2/*"
    added = permit(functions, name, SourceArn=source, SourceAccount="123456789012")
    expected = {
        "Sid": "one",
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": arn,
        "Condition": {
            "StringEquals": {"AWS:SourceAccount": "123456789012"},
            "ArnLike": {"AWS:SourceArn": source},
        },
    }
    assert json.loads(added["Statement"]) == expected
    policy = json.loads(functions.get_policy(FunctionName=name)["Policy"])
    assert policy["Statement"] == [expected]


def test_a_statement_id_is_taken_once(cloud: CloudStatus, functions: Any, name: str) -> None:
    make_function(cloud, name)
    permit(functions, name)
    with pytest.raises(ClientError) as refused:
        permit(functions, name)
    assert error_of(refused.value) == (409, "ResourceConflictException")


def test_a_removed_permission_is_gone(cloud: CloudStatus, functions: Any, name: str) -> None:
    make_function(cloud, name)
    permit(functions, name)
    removed = functions.remove_permission(FunctionName=name, StatementId="one")
    assert removed["ResponseMetadata"]["HTTPStatusCode"] == 204
    for call, parameters in (("get_policy", {}), ("remove_permission", {"StatementId": "one"})):
        with pytest.raises(ClientError) as missing:
            getattr(functions, call)(FunctionName=name, **parameters)
        assert error_of(missing.value) == (404, "ResourceNotFoundException")


def test_concurrency_is_reserved_and_released(
    cloud: CloudStatus, functions: Any, name: str
) -> None:
    make_function(cloud, name)
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    assert (
        functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 0
    )
    functions.delete_function_concurrency(FunctionName=name)
    found = functions.get_function_concurrency(FunctionName=name)
    assert "ReservedConcurrentExecutions" not in found


def test_tags_are_added_and_removed(cloud: CloudStatus, functions: Any, name: str) -> None:
    arn = make_function(cloud, name, Tags={"a": "1"})
    functions.tag_resource(Resource=arn, Tags={"b": "2"})
    functions.untag_resource(Resource=arn, TagKeys=["a"])
    assert functions.list_tags(Resource=arn)["Tags"] == {"b": "2"}


def test_a_function_may_have_any_region(cloud: CloudStatus, name: str) -> None:
    arn = make_function(cloud, name, region="ap-nowhere-9")
    assert arn == f"arn:aws:lambda:ap-nowhere-9:123456789012:function:{name}"


def test_any_credentials_are_of_the_one_account(cloud: CloudStatus) -> None:
    identity = client(cloud, "sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
