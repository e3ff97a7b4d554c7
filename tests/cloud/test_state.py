"""What is in the cloud is there again after it stops, however it stops."""

from __future__ import annotations

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from chalice.cloud import CloudStatus, ensure_running, report, status, stop
from tests.cloud.aws import api_document, client, make_function, make_role, make_zip
from tests.cloud.doors import make_pool
from tests.cloud.waiting import quiet, wait_for_end, wait_until

HELLO = 'def handler(event, context): return {"statusCode": 200, "body": "hello"}'
NEW = HELLO.replace("hello", "new")


def populate(cloud: CloudStatus) -> str:
    """Make a function, an API that it serves, and an object in a bucket; return the API's id."""
    arn = make_function(cloud, "kept", HELLO, Environment={"Variables": {"A": "1"}})
    gateway = client(cloud, "apigateway")
    api_id: str = gateway.import_rest_api(body=json.dumps(api_document(arn)))["id"]
    gateway.create_deployment(restApiId=api_id, stageName="api", description="digest")
    client(cloud, "lambda").add_permission(
        FunctionName=arn,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:us-east-1:123456789012:{api_id}/*",
    )
    return api_id


def greeting(cloud: CloudStatus, api_id: str) -> str:
    return httpx.get(f"{cloud.gateway_url}/{api_id}/api/", timeout=30).text


def restart(home: Path) -> CloudStatus:
    stop(home)
    return ensure_running(home, quiet)


def kill(home: Path) -> None:
    running = status(home)
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)
    wait_for_end(running.pid)


def test_everything_is_there_after_a_stop(home: Path) -> None:
    cloud = ensure_running(home, quiet)
    api_id = populate(cloud)
    assert greeting(cloud, api_id) == "hello"
    big = os.urandom(300_000)
    s3 = client(cloud, "s3")
    s3.create_bucket(Bucket="kept")
    s3.put_object(Bucket="kept", Key="big", Body=big)

    cloud = restart(home)
    assert cloud.notice is None
    assert greeting(cloud, api_id) == "hello"
    functions = client(cloud, "lambda")
    found = functions.get_function_configuration(FunctionName="kept")
    assert found["Environment"]["Variables"] == {"A": "1"}
    gateway = client(cloud, "apigateway")
    stage = gateway.get_stage(restApiId=api_id, stageName="api")
    deployment = gateway.get_deployment(restApiId=api_id, deploymentId=stage["deploymentId"])
    assert deployment["description"] == "digest"
    assert client(cloud, "s3").get_object(Bucket="kept", Key="big")["Body"].read() == big
    logs = client(cloud, "logs").filter_log_events(logGroupName="/aws/lambda/kept")["events"]
    assert any(event["message"].startswith("REPORT") for event in logs)

    functions.update_function_code(FunctionName="kept", ZipFile=make_zip(NEW))
    assert greeting(cloud, api_id) == "new"
    again = client(cloud, "logs").filter_log_events(logGroupName="/aws/lambda/kept")["events"]
    assert len({event["eventId"] for event in again}) == len(again) > len(logs)
    functions.delete_function(FunctionName="kept")
    make_function(cloud, "other", HELLO)

    cloud = restart(home)
    found_now = report(home)
    assert found_now is not None
    assert [function["name"] for function in found_now.functions] == ["other"]


def test_parameters_are_there_after_a_stop(home: Path) -> None:
    ssm = client(ensure_running(home, quiet), "ssm")
    for value in ("old", "new"):
        ssm.put_parameter(Name="/kept/a", Value=value, Type="SecureString", Overwrite=True)
    cloud = restart(home)
    assert cloud.notice is None
    ssm = client(cloud, "ssm")
    ssm.put_parameter(Name="/kept/b", Value="more", Type="String")
    found = ssm.get_parameters_by_path(Path="/kept", WithDecryption=True)["Parameters"]
    assert {each["Name"]: (each["Value"], each["Version"]) for each in found} == {
        "/kept/a": ("new", 2),
        "/kept/b": ("more", 1),
    }


def test_users_of_pools_can_sign_in_after_a_stop(home: Path) -> None:
    pool = make_pool(ensure_running(home, quiet))
    cloud = restart(home)
    assert cloud.notice is None
    found = client(cloud, "cognito-idp").admin_initiate_auth(
        UserPoolId=pool.pool_id,
        ClientId=pool.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ann", "PASSWORD": "Secret-1!"},
    )
    token = found["AuthenticationResult"]["AccessToken"]
    keys = httpx.get(f"{cloud.endpoint_url}/{pool.pool_id}/.well-known/jwks.json").json()
    claims = jwt.decode(token, KeySet.import_key_set(keys)).claims
    assert claims["iss"] == pool.issuer
    held = httpx.get(f"{cloud.endpoint_url}/_chalice/report").json()
    assert held["user_pool_regions"] == ["us-east-1"]


def test_a_killed_cloud_has_what_the_last_snapshot_holds(home: Path) -> None:
    cloud = ensure_running(home, quiet)
    api_id = populate(cloud)
    snapshot = home / "state" / "snapshot"
    wait_until(lambda: snapshot.exists() and b"execute-api" in snapshot.read_bytes())
    kill(home)
    assert greeting(ensure_running(home, quiet), api_id) == "hello"


def test_a_cloud_killed_at_any_time_has_an_old_or_a_new_state(home: Path) -> None:
    names: list[str] = []
    for number in range(3):
        cloud = ensure_running(home, quiet)
        assert cloud.notice is None
        roles = client(cloud, "iam").list_roles()["Roles"]
        present = [role["RoleName"] for role in roles]
        assert set(present) == set(names[: len(present)])
        names = [*names[: len(present)], *(f"role-{number}-{each}" for each in range(20))]
        for name in names[len(present) :]:
            make_role(cloud, name)
            time.sleep(0.02 * number)
        kill(home)


@pytest.mark.parametrize("damage", ["other version", "cut off", "no snapshot", "blob gone"])
def test_a_state_that_cannot_be_read_is_said_and_the_cloud_starts_empty(
    home: Path, damage: str
) -> None:
    cloud = ensure_running(home, quiet)
    make_function(cloud, "big", HELLO + "\n" + "#" + os.urandom(150_000).hex())
    stop(home)
    path = home / "state" / "snapshot"
    content = path.read_bytes()
    match damage:
        case "other version":
            path.write_bytes(content.replace(b'"moto": "', b'"moto": "0.', 1))
        case "cut off":
            path.write_bytes(content[: len(content) // 2])
        case "no snapshot":
            path.write_bytes(b"")
        case _:
            for blob in (home / "state" / "blobs").iterdir():
                blob.unlink()

    cloud = ensure_running(home, quiet)
    assert str(cloud.notice).startswith("the state of the last run could not be restored")
    assert client(cloud, "lambda").list_functions()["Functions"] == []
    make_function(cloud, "new", HELLO)
    cloud = restart(home)
    assert cloud.notice is None
    functions = client(cloud, "lambda").list_functions()["Functions"]
    assert [each["FunctionName"] for each in functions] == ["new"]


def test_the_code_of_deleted_functions_is_deleted(home: Path) -> None:
    cloud = ensure_running(home, quiet)
    make_function(cloud, "big", HELLO + "\n" + "#" + os.urandom(150_000).hex())
    stop(home)
    blobs = home / "state" / "blobs"
    assert len(list(blobs.iterdir())) == 1
    cloud = ensure_running(home, quiet)
    client(cloud, "lambda").delete_function(FunctionName="big")
    stop(home)
    assert list(blobs.iterdir()) == []


def test_a_state_that_cannot_be_saved_is_said_until_it_can(home: Path) -> None:
    (home / "state").mkdir(parents=True)
    in_the_way = home / "state" / "blobs"
    in_the_way.touch()
    cloud = ensure_running(home, quiet)
    make_function(cloud, "big", HELLO + "\n" + "#" + os.urandom(150_000).hex())

    def notice() -> str:
        running = status(home)
        assert running is not None
        return running.notice or ""

    wait_until(lambda: notice().startswith("the state of the cloud is not saved"))
    in_the_way.unlink()
    make_role(cloud, "another")
    wait_until(lambda: notice() == "")
    kill(home)
    functions = client(ensure_running(home, quiet), "lambda").list_functions()["Functions"]
    assert [each["FunctionName"] for each in functions] == ["big"]


def test_a_state_that_changes_all_the_time_is_saved(home: Path) -> None:
    cloud = ensure_running(home, quiet)
    logs = client(cloud, "logs")

    def change(worker: int) -> None:
        for number in range(150):
            logs.create_log_group(logGroupName=f"group-{worker}-{number}")
            if number % 3:
                logs.delete_log_group(logGroupName=f"group-{worker}-{number}")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(change, range(4)))
    snapshot = home / "state" / "snapshot"
    last = [f"group-{worker}-147".encode() for worker in range(4)]
    wait_until(lambda: snapshot.exists() and all(name in snapshot.read_bytes() for name in last))
    kill(home)
    cloud = ensure_running(home, quiet)
    assert cloud.notice is None
    pages = client(cloud, "logs").get_paginator("describe_log_groups").paginate()
    names = {group["logGroupName"] for page in pages for group in page["logGroups"]}
    assert names == {
        f"group-{worker}-{number}" for worker in range(4) for number in range(0, 150, 3)
    }
