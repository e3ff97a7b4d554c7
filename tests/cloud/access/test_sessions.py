"""Credentials over time: of functions whose role changes, and of sessions when a cloud restarts."""

from __future__ import annotations

from pathlib import Path

from chalice.cloud import CloudStatus, ensure_running, stop
from tests.cloud.access.callers import allow, client_of, deploy, make_user
from tests.cloud.aws import client, make_role, unique
from tests.cloud.waiting import quiet


def test_a_function_with_another_role_is_somebody_else(cloud: CloudStatus) -> None:
    function = deploy(cloud)
    assert function.call("sqs", "list_queues")["code"] == "AccessDenied"
    other = unique("role")
    client(cloud, "lambda").update_function_configuration(
        FunctionName=function.name, Role=make_role(cloud, other)
    )
    answer = function.call("sts", "get_caller_identity")["answer"]
    assert f"assumed-role/{other}/{function.name}" in answer
    assert function.call("sqs", "list_queues")["status"] == 200


def test_a_function_whose_role_is_gone_may_do_nothing(cloud: CloudStatus) -> None:
    function, iam = deploy(cloud), client(cloud, "iam")
    function.permit(allow("sqs:*"))
    assert function.call("sqs", "list_queues")["status"] == 200
    iam.delete_role_policy(RoleName=function.name, PolicyName="own")
    iam.delete_role(RoleName=function.name)
    assert function.call("sqs", "list_queues")["code"] == "AccessDenied"


def test_functions_with_one_role_are_told_apart(cloud: CloudStatus) -> None:
    one, other = deploy(cloud), deploy(cloud)
    client(cloud, "lambda").update_function_configuration(
        FunctionName=other.name, Role=one.role_arn
    )
    for function in (one, other):
        answer = function.call("sts", "get_caller_identity")["answer"]
        assert f"assumed-role/{one.name}/{function.name}" in answer


def test_credentials_survive_a_restart(home: Path) -> None:
    first = ensure_running(home, quiet)
    user = make_user(first)
    user.permit(allow("sts:*"))
    session = user.client("sts").get_session_token()["Credentials"]
    role = make_role(first, unique("role"))
    trust = client(first, "iam").get_role(RoleName=role.rpartition("/")[2])
    assert trust["Role"]["Arn"] == role
    assumed = client(first, "sts").assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
    stop(home)
    again = ensure_running(home, quiet)
    for credentials, name in ((user.key, user.name), (session, user.name), (assumed, "me")):
        arn = client_of(again, credentials, "sts").get_caller_identity()["Arn"]
        assert arn.endswith(f"/{name}")
