"""What users, sessions of roles and strangers may do in the embedded cloud."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.access.callers import User, allow, client_of, deny, make_user
from tests.cloud.aws import client, error_of, unique

ACCOUNT = "123456789012"
READ = allow("sqs:ListQueues")


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def may(someone: Any, call: str = "list_queues", **parameters: Any) -> bool:
    try:
        getattr(someone, call)(**parameters)
    except ClientError as error:
        if error_of(error) != (403, "AccessDenied"):
            raise
        return False
    return True


@pytest.fixture
def user(cloud: CloudStatus) -> User:
    return make_user(cloud)


def make_trusting_role(cloud: CloudStatus, principal: Any, *statements: Any, **more: Any) -> str:
    """Make a role that the principal may assume, and return its ARN."""
    iam, name = client(cloud, "iam"), unique("role")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust), **more)[
        "Role"
    ]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
    return arn


def make_policy(cloud: CloudStatus, *statements: Any) -> str:
    """Make a managed policy, and return its ARN."""
    made = client(cloud, "iam").create_policy(
        PolicyName=unique("policy"), PolicyDocument=document(*statements)
    )
    arn: str = made["Policy"]["Arn"]
    return arn


def test_whoever_signs_with_a_key_of_nobody_is_the_root(cloud: CloudStatus) -> None:
    stranger = {"AccessKeyId": "AKIAANYTHINGGOESHERE", "SecretAccessKey": "x"}
    identity = client_of(cloud, stranger, "sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert may(client_of(cloud, stranger, "sqs"))


def test_a_user_may_do_what_their_policies_allow(cloud: CloudStatus, user: User) -> None:
    assert user.client("sts").get_caller_identity()["Arn"] == user.arn
    sqs = user.client("sqs")
    with pytest.raises(ClientError) as refused:
        sqs.list_queues()
    assert f"User: {user.arn} is not authorized to perform: sqs:ListQueues" in str(refused.value)
    user.permit(READ)
    assert may(sqs)


def test_connections_are_managed_by_whom_a_policy_lets(cloud: CloudStatus, user: User) -> None:
    post = {"ConnectionId": "abc=", "Data": b"x"}
    connections = user.client("apigatewaymanagementapi")
    with pytest.raises(ClientError, match="perform: execute-api:ManageConnections") as refused:
        connections.post_to_connection(**post)
    assert error_of(refused.value) == (403, "AccessDeniedException")
    user.permit(allow("execute-api:ManageConnections", "arn:aws:execute-api:*:*:a1b2/api/*"))
    with pytest.raises(ClientError) as gone:
        connections.post_to_connection(**post)
    assert error_of(gone.value)[0] != 403


def test_managed_policies_and_those_of_groups_count(cloud: CloudStatus, user: User) -> None:
    iam, sqs, group = client(cloud, "iam"), user.client("sqs"), unique("group")
    attached = make_policy(cloud, READ)
    iam.attach_user_policy(UserName=user.name, PolicyArn=attached)
    assert may(sqs)
    iam.detach_user_policy(UserName=user.name, PolicyArn=attached)
    assert not may(sqs)
    iam.create_group(GroupName=group)
    iam.add_user_to_group(GroupName=group, UserName=user.name)
    iam.attach_group_policy(GroupName=group, PolicyArn=attached)
    assert may(sqs)
    iam.put_group_policy(
        GroupName=group, PolicyName="no", PolicyDocument=document(deny("sqs:List*"))
    )
    assert not may(sqs)


def test_the_default_version_of_a_managed_policy_counts(cloud: CloudStatus, user: User) -> None:
    iam, sqs = client(cloud, "iam"), user.client("sqs")
    arn = make_policy(cloud, READ)
    iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
    assert may(sqs)
    nothing = document(allow("s3:ListBucket"))
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=nothing, SetAsDefault=True)
    assert not may(sqs)


def test_an_inactive_key_is_worth_nothing(cloud: CloudStatus, user: User) -> None:
    client(cloud, "iam").update_access_key(
        UserName=user.name, AccessKeyId=user.key["AccessKeyId"], Status="Inactive"
    )
    with pytest.raises(ClientError) as refused:
        user.client("iam").list_roles()
    assert error_of(refused.value) == (403, "InvalidClientTokenId")


def test_policies_may_speak_of_the_user(cloud: CloudStatus, user: User) -> None:
    bucket = unique("homes")
    client(cloud, "s3").create_bucket(Bucket=bucket)
    user.permit(
        allow("s3:PutObject", f"arn:aws:s3:::{bucket}/${{aws:username}}/*"),
        allow(
            "s3:ListBucket",
            f"arn:aws:s3:::{bucket}",
            Condition={"StringLike": {"s3:prefix": "${aws:username}/*"}},
        ),
    )
    s3 = user.client("s3")
    assert may(s3, "put_object", Bucket=bucket, Key=f"{user.name}/a b/ü")
    assert not may(s3, "put_object", Bucket=bucket, Key="other/a")
    assert may(s3, "list_objects_v2", Bucket=bucket, Prefix=f"{user.name}/")
    assert not may(s3, "list_objects_v2", Bucket=bucket)


def test_items_of_a_table_can_be_of_single_users(cloud: CloudStatus, user: User) -> None:
    table = unique("table")
    client(cloud, "dynamodb").create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "owner", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    own = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:username}"]}}
    user.permit(allow("dynamodb:*", Condition=own))
    dynamodb = user.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={"owner": {"S": user.name}, "a": {"S": "x"}})
    query = {
        "TableName": table,
        "KeyConditionExpression": "#o = :o",
        "ExpressionAttributeNames": {"#o": "owner"},
    }
    mine = dynamodb.query(**query, ExpressionAttributeValues={":o": {"S": user.name}})
    assert mine["Count"] == 1
    for call, parameters in (
        ("put_item", {"TableName": table, "Item": {"owner": {"S": "x"}}}),
        ("query", {**query, "ExpressionAttributeValues": {":o": {"S": "x"}}}),
        ("batch_get_item", {"RequestItems": {table: {"Keys": [{"owner": {"S": "x"}}]}}}),
        (
            "transact_write_items",
            {"TransactItems": [{"Delete": {"TableName": table, "Key": {"owner": {"S": "x"}}}}]},
        ),
    ):
        with pytest.raises(ClientError) as refused:
            getattr(dynamodb, call)(**parameters)
        assert error_of(refused.value) == (400, "AccessDeniedException"), call


def test_a_role_is_assumed_by_whom_it_trusts(cloud: CloudStatus, user: User) -> None:
    trusting = make_trusting_role(cloud, {"AWS": user.arn}, READ)
    leaving_it = make_trusting_role(cloud, {"AWS": ACCOUNT}, READ)
    strange = make_trusting_role(cloud, {"Service": "lambda.amazonaws.com"}, READ)
    sts = user.client("sts")
    assert may(sts, "assume_role", RoleArn=trusting, RoleSessionName="me")
    assert not may(sts, "assume_role", RoleArn=leaving_it, RoleSessionName="me")
    user.permit(allow("sts:AssumeRole"))
    assert may(sts, "assume_role", RoleArn=leaving_it, RoleSessionName="me")
    with pytest.raises(ClientError) as refused:
        sts.assume_role(RoleArn=strange, RoleSessionName="me")
    assert refused.value.response["Error"]["Message"] == (
        f"User: {user.arn} is not authorized to perform: sts:AssumeRole on resource: {strange}"
    )


def test_a_session_has_the_policies_of_its_role(cloud: CloudStatus) -> None:
    role = make_trusting_role(cloud, {"AWS": ACCOUNT}, READ)
    sts = client(cloud, "sts")
    assumed = sts.assume_role(RoleArn=role, RoleSessionName="me")
    sqs = client_of(cloud, assumed["Credentials"], "sqs")
    assert may(sqs)
    with pytest.raises(ClientError, match=f"User: {assumed['AssumedRoleUser']['Arn']} is not"):
        sqs.create_queue(QueueName=unique("queue"))


def test_a_session_policy_limits_the_session(cloud: CloudStatus) -> None:
    role = make_trusting_role(cloud, {"AWS": ACCOUNT}, allow("sqs:*"))
    assumed = client(cloud, "sts").assume_role(
        RoleArn=role, RoleSessionName="me", Policy=document(allow("sqs:CreateQueue"))
    )
    sqs = client_of(cloud, assumed["Credentials"], "sqs")
    assert may(sqs, "create_queue", QueueName=unique("queue"))
    with pytest.raises(ClientError, match="no session policy allows the sqs:ListQueues action"):
        sqs.list_queues()


def test_a_boundary_limits_a_role(cloud: CloudStatus) -> None:
    limit = make_policy(cloud, allow("sqs:CreateQueue"))
    role = make_trusting_role(cloud, {"AWS": ACCOUNT}, allow("sqs:*"), PermissionsBoundary=limit)
    assumed = client(cloud, "sts").assume_role(RoleArn=role, RoleSessionName="me")
    sqs = client_of(cloud, assumed["Credentials"], "sqs")
    assert may(sqs, "create_queue", QueueName=unique("queue"))
    with pytest.raises(ClientError, match="no permissions boundary allows the sqs:ListQueues"):
        sqs.list_queues()


def test_a_session_token_is_its_user(cloud: CloudStatus, user: User) -> None:
    credentials = user.client("sts").get_session_token()["Credentials"]
    assert client_of(cloud, credentials, "sts").get_caller_identity()["Arn"] == user.arn
    sqs = client_of(cloud, credentials, "sqs")
    assert not may(sqs)
    user.permit(READ)
    assert may(sqs)


def test_a_federated_user_may_do_what_both_policies_allow(cloud: CloudStatus, user: User) -> None:
    user.permit(READ, allow("sts:GetFederationToken"))
    sts = user.client("sts")
    made = sts.get_federation_token(Name="guest", Policy=document(READ, allow("sqs:CreateQueue")))
    assert made["FederatedUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/guest"
    sqs = client_of(cloud, made["Credentials"], "sqs")
    assert may(sqs)
    assert not may(sqs, "create_queue", QueueName=unique("queue"))
    nothing = sts.get_federation_token(Name="guest")
    assert not may(client_of(cloud, nothing["Credentials"], "sqs"))
