"""Policies that AWS manages, and policies that do not say their version."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import TRUST, client, error_of, unique

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def test_policies_of_aws_can_be_attached_and_read(cloud: CloudStatus) -> None:
    iam, name = client(cloud, "iam"), unique("role")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName=name, PolicyArn=BASIC)
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert attached == [{"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": BASIC}]
    version = iam.get_policy(PolicyArn=BASIC)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=BASIC, VersionId=version)["PolicyVersion"]
    assert "logs:PutLogEvents" in json.dumps(found["Document"])
    own = {each["Arn"] for each in iam.list_policies(Scope="Local")["Policies"]}
    assert BASIC not in own
    for arn in (f"{BASIC}s", "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"):
        with pytest.raises(ClientError) as missing:
            iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        assert error_of(missing.value) == (404, "NoSuchEntity")


@pytest.mark.parametrize("version", [{}, {"Version": "2008-10-17"}, {"Version": "2012-10-17"}])
def test_a_policy_need_not_say_its_version(cloud: CloudStatus, version: dict[str, str]) -> None:
    iam, name = client(cloud, "iam"), unique("role")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({**version, "Statement": [statement]})
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)
    with pytest.raises(ClientError) as refused:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument='{"Version": "1999"}')
    assert error_of(refused.value) == (400, "MalformedPolicyDocument")
