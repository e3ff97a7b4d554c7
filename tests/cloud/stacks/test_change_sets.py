"""Change sets: what they show, and what they do when they are executed."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, unique
from tests.cloud.stacks.lab import StackLab, role, serverless, template


def parameter(value: Any = "one") -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}}


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


@pytest.fixture
def lab(cloud: CloudStatus) -> StackLab:
    return StackLab(cloud)


def propose(lab: StackLab, body: str, kind: str = "UPDATE", **more: Any) -> dict[str, Any]:
    name = unique("changes")
    lab.cloudformation.create_change_set(
        StackName=lab.name, ChangeSetName=name, ChangeSetType=kind, TemplateBody=body, **more
    )
    found: dict[str, Any] = lab.cloudformation.describe_change_set(
        StackName=lab.name, ChangeSetName=name
    )
    return found


def execute(lab: StackLab, change_set: dict[str, Any]) -> str:
    lab.cloudformation.execute_change_set(
        StackName=lab.name, ChangeSetName=change_set["ChangeSetName"]
    )
    return lab.settle()


def test_a_stack_is_made_and_updated_by_change_sets(cloud: CloudStatus, lab: StackLab) -> None:
    first = propose(lab, template({"One": parameter()}), "CREATE", Description="the first")
    assert (first["Status"], first["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert first["Description"] == "the first"
    assert [each["ResourceChange"]["Action"] for each in first["Changes"]] == ["Add"]
    assert lab.describe()["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert execute(lab, first) == "CREATE_COMPLETE"
    second = propose(lab, template({"One": parameter("two")}))
    change = second["Changes"][0]["ResourceChange"]
    assert (change["Action"], change["Replacement"]) == ("Modify", "False")
    assert change["Details"][0]["Target"]["Name"] == "Value"
    assert execute(lab, second) == "UPDATE_COMPLETE"
    value = client(cloud, "ssm").get_parameter(Name=lab.physical("One"))["Parameter"]["Value"]
    assert value == "two"
    with pytest.raises(ClientError, match="cannot be executed in its current status"):
        execute(lab, second)


def test_changes_tell_what_is_replaced(lab: StackLab) -> None:
    arn = {"Fn::GetAtt": ["Queue", "Arn"]}
    lab.create(template({"Queue": queue(), "Name": parameter(arn), "Gone": parameter()}))
    wanted = {"Queue": queue(QueueName="q"), "Name": parameter(arn), "New": parameter()}
    shown = {
        each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"]
        for each in propose(lab, template(wanted))["Changes"]
    }
    assert {name: each["Action"] for name, each in shown.items()} == {
        "Queue": "Modify",
        "Name": "Modify",
        "New": "Add",
        "Gone": "Remove",
    }
    assert shown["Queue"]["Replacement"] == "True"
    assert shown["Name"]["Replacement"] == "False"
    assert shown["Queue"]["Details"][0]["Target"]["RequiresRecreation"] == "Always"


def test_no_changes_are_a_failed_change_set(lab: StackLab) -> None:
    body = template({"One": parameter()})
    lab.create(body)
    found = propose(lab, body)
    assert (found["Status"], found["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert found["StatusReason"].startswith("The submitted information didn't contain changes.")
    waiter = lab.cloudformation.get_waiter("change_set_create_complete")
    with pytest.raises(WaiterError):
        waiter.wait(StackName=lab.name, ChangeSetName=found["ChangeSetId"])


def test_what_is_wrong_after_the_transform_fails_the_change_set(lab: StackLab) -> None:
    plain, broken = template({"Role": role()}), template({"One": parameter({"Ref": "None"})})
    for body, code in ((plain, "InsufficientCapabilitiesException"), (broken, "ValidationError")):
        with pytest.raises(ClientError) as refused:
            propose(lab, body, "CREATE")
        assert error_of(refused.value) == (400, code)
    found = propose(lab, serverless({"Role": role()}), "CREATE")
    assert (found["Status"], found["StatusReason"]) == (
        "FAILED",
        "Requires capabilities : [CAPABILITY_IAM]",
    )


def test_change_sets_are_listed_and_deleted(lab: StackLab) -> None:
    first = propose(lab, template({"One": parameter()}), "CREATE")
    cloudformation = lab.cloudformation
    listed = cloudformation.list_change_sets(StackName=lab.name)["Summaries"]
    assert [each["ChangeSetId"] for each in listed] == [first["ChangeSetId"]]
    cloudformation.delete_change_set(ChangeSetName=first["ChangeSetId"])
    with pytest.raises(ClientError) as missing:
        cloudformation.describe_change_set(StackName=lab.name, ChangeSetName=first["ChangeSetName"])
    assert error_of(missing.value) == (404, "ChangeSetNotFound")
    cloudformation.delete_stack(StackName=lab.name)
    with pytest.raises(ClientError, match="does not exist"):
        lab.describe()
    with pytest.raises(ClientError, match="does not exist"):
        propose(lab, template({"One": parameter()}))
