"""Stacks to work with in tests, and small parts of templates."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from chalice.cloud import CloudStatus
from tests.cloud.aws import TRUST, client, make_zip, unique

CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
SAM = "AWS::Serverless-2016-10-31"

Resources = Mapping[str, Any]


def template(resources: Resources, **sections: Any) -> str:
    """Return a template as JSON."""
    return json.dumps(
        {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources, **sections}
    )


def serverless(resources: Resources, **sections: Any) -> str:
    """Return a template of SAM as JSON."""
    return template(resources, Transform=SAM, **sections)


def role(*actions: str) -> dict[str, Any]:
    """Return a role that Lambda may assume and that may do some things."""
    properties: dict[str, Any] = {"AssumeRolePolicyDocument": json.loads(TRUST)}
    if actions:
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        properties["Policies"] = [{"PolicyName": "own", "PolicyDocument": document}]
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def inline(source: str, role_id: str = "Role", **properties: Any) -> dict[str, Any]:
    """Return a function whose source is in the template."""
    own = {
        "Code": {"ZipFile": source},
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": [role_id, "Arn"]},
        "Runtime": "python3.12",
        **properties,
    }
    return {"Type": "AWS::Lambda::Function", "Properties": own}


class StackLab:
    """One stack of a cloud, deleted by whoever makes it."""

    def __init__(self, cloud: CloudStatus, region: str = "us-east-1", **settings: Any) -> None:
        self.cloud = cloud
        self.name = unique("stack")
        self.region = region
        self.cloudformation = client(cloud, "cloudformation", region)
        self._settings = {"Capabilities": CAPABILITIES, **settings}

    def create(self, body: str, **settings: Any) -> str:
        """Create the stack, and return the status that it comes to."""
        given = {**self._settings, "TemplateBody": body, **settings}
        self.cloudformation.create_stack(StackName=self.name, **given)
        return self.settle()

    def update(self, body: str, **settings: Any) -> str:
        """Update the stack, and return the status that it comes to."""
        given = {**self._settings, "TemplateBody": body, **settings}
        self.cloudformation.update_stack(StackName=self.name, **given)
        return self.settle()

    def delete(self, **settings: Any) -> str:
        """Delete the stack, and return the status that it comes to."""
        stack_id = self.describe()["StackId"]
        self.cloudformation.delete_stack(StackName=self.name, **settings)
        return self.settle(stack_id)

    def describe(self, name: str | None = None) -> dict[str, Any]:
        """Return what DescribeStacks says."""
        answer = self.cloudformation.describe_stacks(StackName=name or self.name)
        stack: dict[str, Any] = answer["Stacks"][0]
        return stack

    def settle(self, name: str | None = None) -> str:
        """Wait until nothing goes on, and return the status."""
        deadline = time.monotonic() + 60
        while True:
            status: str = self.describe(name)["StackStatus"]
            if not status.endswith("_IN_PROGRESS"):
                return status
            assert time.monotonic() < deadline, self.story()
            time.sleep(0.02)

    def outputs(self) -> dict[str, str]:
        """Return the outputs by name."""
        found = self.describe().get("Outputs", [])
        return {each["OutputKey"]: each["OutputValue"] for each in found}

    def physical(self, logical_id: str) -> str:
        """Return the physical id of a resource."""
        answer = self.cloudformation.describe_stack_resource(
            StackName=self.name, LogicalResourceId=logical_id
        )
        found: str = answer["StackResourceDetail"]["PhysicalResourceId"]
        return found

    def story(self, name: str | None = None) -> list[tuple[str, str, str]]:
        """Return logical id, status and reason of each event, the first one first."""
        pages = self.cloudformation.get_paginator("describe_stack_events")
        events = [
            event
            for page in pages.paginate(StackName=name or self.name)
            for event in page["StackEvents"]
        ]
        return [
            (
                event["LogicalResourceId"],
                event["ResourceStatus"],
                event.get("ResourceStatusReason", ""),
            )
            for event in reversed(events)
        ]

    def failures(self, name: str | None = None) -> str:
        """Return what failed, a line each."""
        failed = [each for each in self.story(name) if each[1].endswith("_FAILED")]
        return "\n".join(": ".join(each) for each in failed)

    def reason(self, logical_id: str) -> str:
        """Return why a resource failed."""
        return next(
            reason
            for name, status, reason in reversed(self.story())
            if name == logical_id and status.endswith("_FAILED")
        )


def store_code(cloud: CloudStatus, source: str, region: str = "us-east-1") -> dict[str, str]:
    """Put a deployment package into S3, and return where: ``{"Bucket": …, "Key": …}``."""
    s3, bucket = client(cloud, "s3", region), unique("code")
    place = (
        {}
        if region == "us-east-1"
        else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    )
    s3.create_bucket(Bucket=bucket, **place)
    s3.put_object(Bucket=bucket, Key="code.zip", Body=make_zip(source))
    return {"Bucket": bucket, "Key": "code.zip"}
