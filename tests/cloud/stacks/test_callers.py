"""In whose name stacks are made: the caller's, or that of a role that is given for it."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, unique
from tests.cloud.doors import ACCOUNT, Person, make_person
from tests.cloud.stacks.lab import StackLab, template

PARAMETER = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x"}}


def may(*actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*"}


def as_person(cloud: CloudStatus, person: Person) -> StackLab:
    lab = StackLab(cloud)
    session = botocore.session.Session()
    keys = person.credentials
    session.set_credentials(keys.access_key, keys.secret_key)
    lab.cloudformation = session.create_client(
        "cloudformation", region_name="us-east-1", endpoint_url=cloud.endpoint_url
    )
    return lab


def service_role(cloud: CloudStatus, service: str, *actions: str) -> str:
    name = unique("service")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    iam = client(cloud, "iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    if actions:
        policy = json.dumps({"Version": "2012-10-17", "Statement": [may(*actions)]})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def test_who_may_not_make_stacks_is_refused(cloud: CloudStatus) -> None:
    lab = as_person(cloud, make_person(cloud, may("cloudformation:DescribeStacks")))
    with pytest.raises(ClientError, match="cloudformation:CreateStack") as refused:
        lab.create(template({"One": PARAMETER}))
    assert error_of(refused.value) == (403, "AccessDenied")


def test_resources_are_made_in_the_name_of_the_caller(cloud: CloudStatus) -> None:
    person = make_person(cloud, may("cloudformation:*"))
    lab = as_person(cloud, person)
    assert lab.create(template({"One": PARAMETER})) == "ROLLBACK_COMPLETE"
    assert f"{person.arn} is not authorized to perform: ssm:PutParameter" in lab.reason("One")
    able = as_person(cloud, make_person(cloud, may("cloudformation:*", "ssm:*")))
    assert able.create(template({"One": PARAMETER})) == "CREATE_COMPLETE", able.failures()
    assert able.delete() == "DELETE_COMPLETE"


def test_a_role_acts_in_place_of_the_caller(cloud: CloudStatus) -> None:
    lab = as_person(cloud, make_person(cloud, may("cloudformation:*", "iam:PassRole")))
    arn = service_role(cloud, "cloudformation", "ssm:*")
    assert lab.create(template({"One": PARAMETER}), RoleARN=arn) == "CREATE_COMPLETE"
    assert lab.describe()["RoleARN"] == arn
    assert lab.delete() == "DELETE_COMPLETE"
    weak = as_person(cloud, make_person(cloud, may("*")))
    powerless = service_role(cloud, "cloudformation")
    assert weak.create(template({"One": PARAMETER}), RoleARN=powerless) == "ROLLBACK_COMPLETE"
    assert "is not authorized to perform: ssm:PutParameter" in weak.reason("One")


def test_a_role_must_trust_the_service(cloud: CloudStatus) -> None:
    lab = StackLab(cloud)
    for arn in (service_role(cloud, "lambda"), f"arn:aws:iam::{ACCOUNT}:role/{unique('none')}"):
        with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
            lab.create(template({"One": PARAMETER}), RoleARN=arn)
