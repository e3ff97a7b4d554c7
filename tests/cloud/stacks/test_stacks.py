"""Stacks from their creation to their end, as boto3 sees them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, unique
from tests.cloud.stacks.lab import StackLab, inline, role, template

HELLO = "def handler(event, context):\n    return 1\n"


def parameter(value: Any = "one", **more: Any) -> dict[str, Any]:
    properties = {"Type": "String", "Value": value}
    return {"Type": "AWS::SSM::Parameter", "Properties": properties, **more}


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


BROKEN = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "Nonsense", "Value": "x"}}


@pytest.fixture
def lab(cloud: CloudStatus) -> StackLab:
    return StackLab(cloud)


def stored(cloud: CloudStatus, name: str) -> str | None:
    ssm = client(cloud, "ssm")
    try:
        value: str = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        return None
    return value


def test_a_stack_is_made_described_and_deleted(cloud: CloudStatus, lab: StackLab) -> None:
    body = template(
        {"One": parameter()},
        Description="what it is",
        Outputs={"Name": {"Value": {"Ref": "One"}, "Description": "of it"}},
    )
    assert lab.create(body, Tags=[{"Key": "team", "Value": "a"}]) == "CREATE_COMPLETE"
    stack = lab.describe()
    assert stack["Description"] == "what it is"
    assert stack["Tags"] == [{"Key": "team", "Value": "a"}]
    name = lab.physical("One")
    assert stack["Outputs"] == [{"OutputKey": "Name", "OutputValue": name, "Description": "of it"}]
    tags = client(cloud, "ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=name)
    assert tags["TagList"] == [{"Key": "team", "Value": "a"}]
    assert name.startswith(f"CFN-{lab.name}-One-")
    cloudformation = lab.cloudformation
    resources = cloudformation.describe_stack_resources(StackName=lab.name)["StackResources"]
    assert [(each["LogicalResourceId"], each["ResourceStatus"]) for each in resources] == [
        ("One", "CREATE_COMPLETE")
    ]
    summaries = cloudformation.list_stack_resources(StackName=lab.name)["StackResourceSummaries"]
    assert [each["PhysicalResourceId"] for each in summaries] == [name]
    found = cloudformation.describe_stack_resources(PhysicalResourceId=name)["StackResources"]
    assert found[0]["StackName"] == lab.name
    assert cloudformation.get_template(StackName=lab.name)["TemplateBody"] == json.loads(body)
    assert [event[:2] for event in lab.story()] == [
        (lab.name, "CREATE_IN_PROGRESS"),
        ("One", "CREATE_IN_PROGRESS"),
        ("One", "CREATE_IN_PROGRESS"),
        ("One", "CREATE_COMPLETE"),
        (lab.name, "CREATE_COMPLETE"),
    ]
    stack_id = stack["StackId"]
    assert lab.delete() == "DELETE_COMPLETE"
    assert stored(cloud, name) is None
    assert lab.describe(stack_id)["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match=f"Stack with id {lab.name} does not exist") as missing:
        lab.describe()
    assert error_of(missing.value) == (400, "ValidationError")
    listed = cloudformation.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert stack_id in {each["StackId"] for each in listed}


def test_boto3_waiters_wait_for_stacks(lab: StackLab) -> None:
    cloudformation = lab.cloudformation
    cloudformation.create_stack(StackName=lab.name, TemplateBody=template({"One": parameter()}))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=lab.name, WaiterConfig={"Delay": 0}
    )
    body = template({"One": parameter("two")})
    cloudformation.update_stack(StackName=lab.name, TemplateBody=body)
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName=lab.name, WaiterConfig={"Delay": 0}
    )
    cloudformation.delete_stack(StackName=lab.name)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=lab.name, WaiterConfig={"Delay": 0}
    )


def test_an_update_changes_adds_and_removes(cloud: CloudStatus, lab: StackLab) -> None:
    lab.create(template({"Same": parameter(), "Changed": parameter(), "Gone": parameter()}))
    names = {name: lab.physical(name) for name in ("Same", "Changed", "Gone")}
    changed = {"Same": parameter(), "Changed": parameter("two"), "New": parameter("three")}
    assert lab.update(template(changed)) == "UPDATE_COMPLETE"
    assert lab.physical("Changed") == names["Changed"]
    assert stored(cloud, names["Changed"]) == "two"
    assert stored(cloud, names["Gone"]) is None
    assert stored(cloud, lab.physical("New")) == "three"
    start = lab.story().index((lab.name, "UPDATE_IN_PROGRESS", "User Initiated"))
    assert [event[:2] for event in lab.story()[start + 1 :]] == [
        ("Changed", "UPDATE_IN_PROGRESS"),
        ("Changed", "UPDATE_COMPLETE"),
        ("New", "CREATE_IN_PROGRESS"),
        ("New", "CREATE_IN_PROGRESS"),
        ("New", "CREATE_COMPLETE"),
        (lab.name, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("Gone", "DELETE_IN_PROGRESS"),
        ("Gone", "DELETE_COMPLETE"),
        (lab.name, "UPDATE_COMPLETE"),
    ]
    listed = lab.cloudformation.list_stack_resources(StackName=lab.name)
    shown = {each["LogicalResourceId"] for each in listed["StackResourceSummaries"]}
    assert shown == {"Same", "Changed", "New"}


def test_an_update_that_changes_nothing_is_refused(lab: StackLab) -> None:
    body = template(
        {"One": parameter({"Ref": "Text"})},
        Parameters={"Text": {"Type": "String", "Default": "a"}, "Other": {"Type": "String"}},
    )
    other = [{"ParameterKey": "Other", "ParameterValue": "x"}]
    lab.create(body, Parameters=other)
    for given in (
        {"TemplateBody": body, "Parameters": other},
        {"TemplateBody": body, "Parameters": [{"ParameterKey": "Other", "ParameterValue": "y"}]},
        {
            "UsePreviousTemplate": True,
            "Parameters": [{"ParameterKey": "Other", "UsePreviousValue": True}],
        },
    ):
        with pytest.raises(ClientError, match="No updates are to be performed") as refused:
            lab.cloudformation.update_stack(StackName=lab.name, **given)
        assert error_of(refused.value) == (400, "ValidationError")
    lab.cloudformation.update_stack(
        StackName=lab.name,
        UsePreviousTemplate=True,
        Parameters=[
            {"ParameterKey": "Text", "ParameterValue": "b"},
            {"ParameterKey": "Other", "UsePreviousValue": True},
        ],
    )
    assert lab.settle() == "UPDATE_COMPLETE"
    assert stored(lab.cloud, lab.physical("One")) == "b"


def test_what_is_replaced_is_made_anew_first_and_those_who_use_it_follow(
    cloud: CloudStatus, lab: StackLab
) -> None:
    resources = {"Queue": queue(), "Name": parameter({"Fn::GetAtt": ["Queue", "Arn"]})}
    lab.create(template(resources))
    old = lab.physical("Queue")
    resources["Queue"] = queue(QueueName=unique("named"))
    assert lab.update(template(resources)) == "UPDATE_COMPLETE"
    new = lab.physical("Queue")
    assert new != old
    assert str(stored(cloud, lab.physical("Name"))).endswith(new.rpartition("/")[2])
    story = [event[:2] for event in lab.story()]
    made = story.index(("Queue", "UPDATE_COMPLETE"))
    assert (
        made < story.index(("Name", "UPDATE_COMPLETE")) < story.index(("Queue", "DELETE_COMPLETE"))
    )
    with pytest.raises(ClientError):
        client(cloud, "sqs").get_queue_attributes(QueueUrl=old)


def test_a_create_that_fails_leaves_nothing(cloud: CloudStatus, lab: StackLab) -> None:
    body = template({"One": parameter(), "Two": {**BROKEN, "DependsOn": "One"}})
    assert lab.create(body) == "ROLLBACK_COMPLETE"
    told = [event for event in lab.story() if event[0] == "One"]
    assert [event[1] for event in told][-2:] == ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]
    assert "Nonsense" in lab.reason("Two")
    stated = [event for event in lab.story() if event[1] == "ROLLBACK_IN_PROGRESS"]
    assert "The following resource(s) failed to create: [Two]." in stated[0][2]
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        lab.update(template({"One": parameter()}))
    assert lab.delete() == "DELETE_COMPLETE"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"OnFailure": "DO_NOTHING"}, "CREATE_FAILED"),
        ({"DisableRollback": True}, "CREATE_FAILED"),
        ({"OnFailure": "DELETE"}, "DELETE_COMPLETE"),
    ],
)
def test_what_a_failed_create_leaves_can_be_chosen(
    cloud: CloudStatus, given: dict[str, Any], status: str
) -> None:
    lab = StackLab(cloud)
    body = template({"One": parameter(), "Two": {**BROKEN, "DependsOn": "One"}})
    made = lab.cloudformation.create_stack(StackName=lab.name, TemplateBody=body, **given)
    assert lab.settle(made["StackId"]) == status


def test_an_update_that_fails_returns_to_what_was(cloud: CloudStatus, lab: StackLab) -> None:
    before = {
        "Role": role(),
        "Fn": inline(HELLO, Timeout=4),
        "Queue": queue(),
        "Name": parameter(),
        "Gone": parameter("stays"),
    }
    outputs = {"Was": {"Value": {"Ref": "Queue"}}}
    lab.create(template(before, Outputs=outputs))
    names = {name: lab.physical(name) for name in before}
    after = {
        "Role": role("s3:GetObject"),
        "Fn": inline("def handler(event, context):\n    return 2\n", Timeout=9),
        "Queue": queue(QueueName=unique("named")),
        "Name": parameter({"Ref": "Queue"}),
        "New": parameter(),
        "Bad": {**BROKEN, "DependsOn": ["Name", "Fn", "New"]},
    }
    assert lab.update(template(after)) == "UPDATE_ROLLBACK_COMPLETE", lab.failures()
    assert {name: lab.physical(name) for name in before} == names
    functions = client(cloud, "lambda")
    assert functions.get_function_configuration(FunctionName=names["Fn"])["Timeout"] == 4
    assert functions.invoke(FunctionName=names["Fn"])["Payload"].read() == b"1"
    assert client(cloud, "iam").list_role_policies(RoleName=names["Role"])["PolicyNames"] == []
    assert stored(cloud, names["Name"]) == "one"
    assert stored(cloud, names["Gone"]) == "stays"
    assert lab.outputs() == {"Was": names["Queue"]}
    shown = lab.cloudformation.list_stack_resources(StackName=lab.name)["StackResourceSummaries"]
    assert "New" not in {
        each["LogicalResourceId"] for each in shown if each["ResourceStatus"] != "DELETE_COMPLETE"
    }
    got = lab.cloudformation.get_template(StackName=lab.name)["TemplateBody"]
    assert set(got["Resources"]) == set(before)
    assert lab.update(template({**before, "Name": parameter("two")})) == "UPDATE_COMPLETE"
    assert lab.delete() == "DELETE_COMPLETE"


def test_a_resource_that_cannot_be_deleted_keeps_the_stack(
    cloud: CloudStatus, lab: StackLab
) -> None:
    resources = {"Role": role(), "Bucket": {"Type": "AWS::S3::Bucket"}}
    lab.create(template(resources))
    s3, bucket = client(cloud, "s3"), lab.physical("Bucket")
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    stack_id = lab.describe()["StackId"]
    assert lab.delete() == "DELETE_FAILED"
    assert "not empty" in lab.reason("Bucket")
    assert "[Bucket]" in lab.describe()["StackStatusReason"]
    assert lab.delete(RetainResources=["Bucket"]) == "DELETE_COMPLETE"
    assert ("Bucket", "DELETE_SKIPPED", "") in lab.story(stack_id)
    assert s3.list_objects(Bucket=bucket)["Contents"][0]["Key"] == "a"


def test_policies_say_what_stays(cloud: CloudStatus, lab: StackLab) -> None:
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    lab.create(template({"Kept": {**queue(), **kept}, "Gone": parameter()}))
    first = lab.physical("Kept")
    lab.update(template({"Kept": {**queue(QueueName=unique("q")), **kept}, "Gone": parameter()}))
    second = lab.physical("Kept")
    assert lab.delete() == "DELETE_COMPLETE"
    sqs = client(cloud, "sqs")
    for url in (first, second):
        assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]


def test_a_protected_stack_is_not_deleted(lab: StackLab) -> None:
    lab.create(template({"One": parameter()}), EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        lab.delete()
    lab.cloudformation.update_termination_protection(
        StackName=lab.name, EnableTerminationProtection=False
    )
    assert lab.delete() == "DELETE_COMPLETE"


def test_stacks_export_to_each_other(cloud: CloudStatus, lab: StackLab) -> None:
    name = unique("export")
    body = template(
        {"One": parameter()},
        Outputs={"Out": {"Value": "shared", "Export": {"Name": {"Fn::Sub": name}}}},
    )
    lab.create(body)
    user = StackLab(cloud)
    imports = template({"Two": parameter({"Fn::ImportValue": name})})
    assert user.create(imports) == "CREATE_COMPLETE"
    assert stored(cloud, user.physical("Two")) == "shared"
    exports = lab.cloudformation.list_exports()["Exports"]
    assert {"Name": name, "Value": "shared"}.items() <= exports[0].items()
    assert lab.cloudformation.list_imports(ExportName=name)["Imports"] == [user.name]
    with pytest.raises(ClientError, match=f"cannot be deleted as it is in use by {user.name}"):
        lab.cloudformation.delete_stack(StackName=lab.name)
    other = StackLab(cloud)
    assert other.create(body) == "ROLLBACK_COMPLETE"
    assert user.delete() == "DELETE_COMPLETE"
    assert lab.delete() == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match=f"No export named {name} found"):
        user.create(imports)


def test_a_template_may_be_in_s3(cloud: CloudStatus, lab: StackLab) -> None:
    s3, bucket = client(cloud, "s3"), unique("templates")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(
        Bucket=bucket,
        Key="a/b.yaml",
        Body="""
Resources:
  One:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !Join ["-", [a, !Ref "AWS::Region"]]}
""",
    )
    for url in (
        f"https://{bucket}.s3.amazonaws.com/a/b.yaml",
        f"https://{bucket}.s3.us-east-1.amazonaws.com/a/b.yaml",
        f"https://s3.us-east-1.amazonaws.com/{bucket}/a/b.yaml",
        f"{cloud.endpoint_url}/{bucket}/a/b.yaml",
    ):
        found = lab.cloudformation.get_template_summary(TemplateURL=url)
        assert found["ResourceTypes"] == ["AWS::SSM::Parameter"]
    lab.cloudformation.create_stack(StackName=lab.name, TemplateURL=url)
    assert lab.settle() == "CREATE_COMPLETE"
    assert stored(cloud, lab.physical("One")) == "a-us-east-1"
    with pytest.raises(ClientError, match="S3 error"):
        lab.cloudformation.validate_template(TemplateURL=f"https://{bucket}.s3.amazonaws.com/none")


def test_a_nested_stack_is_part_of_the_other(cloud: CloudStatus, lab: StackLab) -> None:
    s3, bucket = client(cloud, "s3"), unique("templates")
    s3.create_bucket(Bucket=bucket)
    inner = template(
        {"One": parameter({"Ref": "Text"})},
        Parameters={"Text": {"Type": "String"}},
        Outputs={"Name": {"Value": {"Ref": "One"}}},
    )
    s3.put_object(Bucket=bucket, Key="inner.json", Body=inner)
    nested = {
        "TemplateURL": f"https://{bucket}.s3.amazonaws.com/inner.json",
        "Parameters": {"Text": "from outside"},
    }
    outer = {
        "Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": nested},
        "Copy": parameter({"Fn::GetAtt": ["Inner", "Outputs.Name"]}),
    }
    assert lab.create(template(outer)) == "CREATE_COMPLETE", lab.failures()
    name = stored(cloud, lab.physical("Copy"))
    assert stored(cloud, str(name)) == "from outside"
    nested["Parameters"] = {"Text": "changed"}
    assert lab.update(template(outer)) == "UPDATE_COMPLETE"
    assert stored(cloud, str(name)) == "changed"
    assert lab.delete() == "DELETE_COMPLETE"
    assert stored(cloud, str(name)) is None
    nested["Parameters"] = {}
    failed = StackLab(cloud)
    assert failed.create(template(outer)) == "ROLLBACK_COMPLETE"
    assert "must have values" in failed.reason("Inner")


def test_names_are_taken_once(lab: StackLab) -> None:
    body = template({"One": parameter()})
    lab.create(body)
    with pytest.raises(ClientError) as taken:
        lab.cloudformation.create_stack(StackName=lab.name, TemplateBody=body)
    assert error_of(taken.value) == (400, "AlreadyExistsException")
    lab.delete()
    assert lab.create(body) == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match="stackName"):
        lab.cloudformation.create_stack(StackName="1x", TemplateBody=body)


def test_what_needs_a_capability_is_told(lab: StackLab) -> None:
    named = role()
    named["Properties"]["RoleName"] = unique("role")
    for resource, capability in ((role(), "CAPABILITY_IAM"), (named, "CAPABILITY_NAMED_IAM")):
        body = template({"Role": resource})
        with pytest.raises(ClientError, match=capability) as refused:
            lab.cloudformation.create_stack(StackName=lab.name, TemplateBody=body)
        assert error_of(refused.value) == (400, "InsufficientCapabilitiesException")
        found = lab.cloudformation.validate_template(TemplateBody=body)
        assert found["Capabilities"] == [capability]


def test_an_operation_that_is_not_there_is_said_so(lab: StackLab) -> None:
    with pytest.raises(ClientError, match="DetectStackDrift") as missing:
        lab.cloudformation.detect_stack_drift(StackName=lab.name)
    assert error_of(missing.value) == (501, "NotImplemented")


@pytest.mark.parametrize(
    "given",
    [
        {"StackPolicyBody": "{}"},
        {"RollbackConfiguration": {"RollbackTriggers": [{"Arn": "a", "Type": "b"}]}},
    ],
)
def test_what_is_asked_for_and_not_there_is_an_error(lab: StackLab, given: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="The embedded cloud does not know"):
        lab.create(template({"One": parameter()}), **given)
