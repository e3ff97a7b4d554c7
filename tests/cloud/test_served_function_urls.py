"""Functions of the cloud answer at URLs of their own."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, make_function, unique
from tests.cloud.doors import ACCOUNT, ECHO_EVENT, ask_signed, make_person


@pytest.fixture
def function(cloud: CloudStatus) -> str:
    return make_function(cloud, unique("url"), ECHO_EVENT).rpartition(":")[2]


@pytest.fixture(scope="module")
def functions(cloud: CloudStatus) -> Any:
    return client(cloud, "lambda")


def open_to(functions: Any, function: str, principal: str = "*", kind: str = "NONE") -> None:
    functions.add_permission(
        FunctionName=function,
        StatementId=unique("url"),
        Action="lambda:InvokeFunctionUrl",
        Principal=principal,
        FunctionUrlAuthType=kind,
    )


def test_a_function_answers_at_its_url(functions: Any, function: str) -> None:
    made = functions.create_function_url_config(
        FunctionName=function, AuthType="NONE", Cors={"AllowOrigins": ["*"]}
    )
    url = made["FunctionUrl"]
    assert made["FunctionArn"].endswith(f":function:{function}")
    assert (made["InvokeMode"], made["Cors"]) == ("BUFFERED", {"AllowOrigins": ["*"]})
    refused = httpx.get(url, headers={"Origin": "https://a"}, timeout=30)
    assert refused.status_code == 403
    assert refused.headers["access-control-allow-origin"] == "*"
    open_to(functions, function)
    event = httpx.post(f"{url}a/b?q=1", content=b"hi", timeout=30).json()
    assert (event["version"], event["rawPath"], event["rawQueryString"]) == ("2.0", "/a/b", "q=1")
    assert event["requestContext"]["accountId"] == "anonymous"
    assert event["body"] == "hi"
    policy = functions.get_policy(FunctionName=function)["Policy"]
    assert '"lambda:FunctionUrlAuthType": "NONE"' in policy


def test_a_url_is_a_name_of_this_machine_too(
    cloud: CloudStatus, functions: Any, function: str
) -> None:
    made = functions.create_function_url_config(FunctionName=function, AuthType="NONE")
    open_to(functions, function)
    url_id = made["FunctionUrl"].rstrip("/").rpartition("/")[2]
    host = {"Host": f"{url_id}.lambda-url.us-east-1.localhost"}
    event = httpx.get(f"{cloud.gateway_url}/x", headers=host, timeout=30).json()
    assert (event["rawPath"], event["requestContext"]["apiId"]) == ("/x", url_id)


def test_who_signs_may_be_let_in(cloud: CloudStatus, functions: Any, function: str) -> None:
    url = functions.create_function_url_config(FunctionName=function, AuthType="AWS_IAM")[
        "FunctionUrl"
    ]
    statement = {
        "Effect": "Allow",
        "Action": "lambda:InvokeFunctionUrl",
        "Resource": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function}",
        "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}},
    }
    allowed, named, stranger = make_person(cloud, statement), make_person(cloud), make_person(cloud)
    open_to(functions, function, named.arn, "AWS_IAM")

    def ask(person: Any) -> httpx.Response:
        return ask_signed(person.credentials, url, service="lambda", method="POST", content=b"{}")

    iam = ask(allowed).json()["requestContext"]["authorizer"]["iam"]
    assert (iam["userArn"], iam["accountId"]) == (allowed.arn, ACCOUNT)
    assert (ask(named).status_code, ask(stranger).status_code) == (200, 403)
    assert httpx.get(url, timeout=30).status_code == 403


def test_a_url_can_be_read_changed_listed_and_deleted(functions: Any, function: str) -> None:
    made = functions.create_function_url_config(FunctionName=function, AuthType="NONE")
    with pytest.raises(ClientError) as caught:
        functions.create_function_url_config(FunctionName=function, AuthType="NONE")
    assert error_of(caught.value) == (409, "ResourceConflictException")
    read = functions.get_function_url_config(FunctionName=function)
    assert (read["FunctionUrl"], read["AuthType"]) == (made["FunctionUrl"], "NONE")
    assert read["ResponseMetadata"]["HTTPStatusCode"] == 200
    changed = functions.update_function_url_config(
        FunctionName=function, AuthType="AWS_IAM", InvokeMode="RESPONSE_STREAM"
    )
    assert (changed["AuthType"], changed["InvokeMode"]) == ("AWS_IAM", "RESPONSE_STREAM")
    assert changed["FunctionUrl"] == made["FunctionUrl"]
    listed = functions.list_function_url_configs(FunctionName=function)["FunctionUrlConfigs"]
    assert [each["FunctionUrl"] for each in listed] == [made["FunctionUrl"]]
    functions.delete_function_url_config(FunctionName=function)
    for call in (functions.get_function_url_config, functions.delete_function_url_config):
        with pytest.raises(ClientError) as caught:
            call(FunctionName=function)
        assert error_of(caught.value) == (404, "ResourceNotFoundException")
    assert httpx.get(made["FunctionUrl"], timeout=30).status_code == 404


def test_an_alias_has_a_url_of_its_own(functions: Any, function: str) -> None:
    functions.publish_version(FunctionName=function)
    functions.create_alias(FunctionName=function, Name="live", FunctionVersion="1")
    made = functions.create_function_url_config(
        FunctionName=function, Qualifier="live", AuthType="NONE"
    )
    assert made["FunctionArn"].endswith(f":{function}:live")
    open_to(functions, f"{function}:live")
    assert httpx.get(made["FunctionUrl"], timeout=30).status_code == 200
    with pytest.raises(ClientError) as caught:
        functions.get_function_url_config(FunctionName=function)
    assert error_of(caught.value)[0] == 404


def test_a_url_of_no_function_or_no_kind_is_refused(functions: Any, function: str) -> None:
    for name, kind, status in ((unique("none"), "NONE", 404), (function, "SOME", 400)):
        with pytest.raises(ClientError) as caught:
            functions.create_function_url_config(FunctionName=name, AuthType=kind)
        assert error_of(caught.value)[0] == status


def test_a_url_ends_with_its_function(functions: Any, function: str) -> None:
    url = functions.create_function_url_config(FunctionName=function, AuthType="NONE")[
        "FunctionUrl"
    ]
    open_to(functions, function)
    functions.delete_function(FunctionName=function)
    assert httpx.get(url, timeout=30).status_code == 404
