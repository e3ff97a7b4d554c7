"""Resources that functions make: what they are asked, and what their answers do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalice.cloud import CloudStatus
from tests.cloud.aws import client
from tests.cloud.stacks.lab import StackLab, inline, role, template
from tests.cloud.waiting import wait_until

MAKER = """
import cfnresponse, json

def handler(event, context):
    print("ASKED", json.dumps(event))
    properties = event["ResourceProperties"]
    if properties.get("Fail") == event["RequestType"]:
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, "part", reason="no luck")
        return
    if properties.get("Crash") == event["RequestType"]:
        raise ValueError("crashed")
    if properties.get("Silent") == "true":
        return
    data = {"Text": properties.get("Text", "") + "!", "Deep": {"a": 1}}
    cfnresponse.send(event, context, cfnresponse.SUCCESS, data, properties.get("Name", "made"))
"""


def resources(kind: str = "Custom::Thing", **properties: Any) -> dict[str, Any]:
    own = {"ServiceToken": {"Fn::GetAtt": ["Maker", "Arn"]}, **properties}
    logs = role("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
    return {
        "Role": logs,
        "Maker": inline(MAKER, Timeout=10),
        "Thing": {"Type": kind, "Properties": own},
        "Copy": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Value": {"Fn::GetAtt": ["Thing", "Text"]}},
        },
    }


@pytest.fixture
def lab(cloud: CloudStatus) -> StackLab:
    return StackLab(cloud)


def asked(lab: StackLab, function: str, number: int) -> list[dict[str, Any]]:
    """Wait until the function was asked that often, and return what."""
    logs, found = client(lab.cloud, "logs"), list[dict[str, Any]]()

    def came() -> bool:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
        texts = [each["message"] for each in events]
        found[:] = [json.loads(text[6:]) for text in texts if text.startswith("ASKED ")]
        return len(found) >= number

    wait_until(came)
    return found


@pytest.mark.parametrize("kind", ["Custom::Thing", "AWS::CloudFormation::CustomResource"])
def test_a_function_makes_changes_and_deletes_it(lab: StackLab, kind: str) -> None:
    body = template(resources(kind, Text="one", Number=3, Is=True))
    assert lab.create(body) == "CREATE_COMPLETE", lab.failures()
    assert lab.physical("Thing") == "made"
    ssm, copy, function = client(lab.cloud, "ssm"), lab.physical("Copy"), lab.physical("Maker")
    assert ssm.get_parameter(Name=copy)["Parameter"]["Value"] == "one!"
    assert lab.update(template(resources(kind, Text="two"))) == "UPDATE_COMPLETE", lab.failures()
    assert ssm.get_parameter(Name=copy)["Parameter"]["Value"] == "two!"
    create, update = asked(lab, function, 2)
    assert (
        create.items()
        >= {
            "RequestType": "Create",
            "ResourceType": kind,
            "LogicalResourceId": "Thing",
            "StackId": lab.describe()["StackId"],
        }.items()
    )
    arn = create["ResourceProperties"]["ServiceToken"]
    own = {"Text": "one", "Number": "3", "Is": "true", "ServiceToken": arn}
    assert create["ResourceProperties"] == own
    assert update["RequestType"] == "Update"
    assert update["PhysicalResourceId"] == "made"
    assert update["OldResourceProperties"] == own
    assert lab.delete() == "DELETE_COMPLETE"
    assert asked(lab, function, 3)[2]["RequestType"] == "Delete"


def test_another_physical_id_means_that_the_old_one_is_deleted(lab: StackLab) -> None:
    lab.create(template(resources(Name="first")))
    function = lab.physical("Maker")
    assert lab.update(template(resources(Name="second"))) == "UPDATE_COMPLETE"
    assert lab.physical("Thing") == "second"
    kinds = [
        (each["RequestType"], each.get("PhysicalResourceId")) for each in asked(lab, function, 3)
    ]
    assert kinds == [("Create", None), ("Update", "first"), ("Delete", "first")]


def test_what_could_not_be_made_is_taken_away_again(lab: StackLab) -> None:
    made = lab.cloudformation.create_stack(
        StackName=lab.name,
        TemplateBody=template(resources(Fail="Create")),
        Capabilities=["CAPABILITY_IAM"],
    )
    assert lab.settle(made["StackId"]) == "ROLLBACK_COMPLETE"
    assert lab.reason("Thing") == (
        "Received response status [FAILED] from custom resource. Message: no luck"
    )
    story = [event[:2] for event in lab.story() if event[0] == "Thing"]
    assert story[-2:] == [("Thing", "DELETE_IN_PROGRESS"), ("Thing", "DELETE_COMPLETE")]


def test_a_failed_update_asks_for_what_was(lab: StackLab) -> None:
    lab.create(template(resources(Text="one")))
    function = lab.physical("Maker")
    failing = resources(Text="two", Fail="Update")
    assert lab.update(template(failing)) == "UPDATE_ROLLBACK_COMPLETE"
    texts = [each["ResourceProperties"].get("Text") for each in asked(lab, function, 3)]
    assert texts == ["one", "two", "one"]


def test_a_function_that_crashes_is_a_failure_at_once(lab: StackLab) -> None:
    assert lab.create(template(resources(Crash="Create"))) == "ROLLBACK_COMPLETE"
    assert "crashed" in lab.reason("Thing")


def test_an_answer_is_waited_for_as_long_as_the_template_says(lab: StackLab) -> None:
    body = template(resources(Silent=True, ServiceTimeout="1"))
    assert lab.create(body, OnFailure="DO_NOTHING") == "CREATE_FAILED"
    assert "did not receive a response from your Custom Resource" in lab.reason("Thing")


def test_an_attribute_that_was_not_answered_is_an_error(lab: StackLab) -> None:
    wanted = resources()
    wanted["Copy"]["Properties"]["Value"] = {"Fn::GetAtt": ["Thing", "Nothing"]}
    assert lab.create(template(wanted)) == "ROLLBACK_COMPLETE"
    assert "Requested attribute Nothing does not exist" in lab.reason("Copy")


def test_a_topic_can_be_asked(lab: StackLab) -> None:
    wanted = resources(Text="by mail")
    wanted["Mail"] = {
        "Type": "AWS::SNS::Topic",
        "Properties": {
            "Subscription": [{"Protocol": "lambda", "Endpoint": {"Fn::GetAtt": ["Reader", "Arn"]}}]
        },
    }
    wanted["Reader"] = inline(
        MAKER.replace(
            "def handler(event, context):",
            "def handler(event, context):\n"
            '    event = json.loads(event["Records"][0]["Sns"]["Message"])',
        ),
        Timeout=10,
    )
    wanted["May"] = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": {"Ref": "Reader"},
            "Action": "lambda:InvokeFunction",
            "Principal": "sns.amazonaws.com",
        },
    }
    wanted["Thing"]["Properties"]["ServiceToken"] = {"Ref": "Mail"}
    wanted["Thing"]["DependsOn"] = "May"
    assert lab.create(template(wanted)) == "CREATE_COMPLETE", lab.failures()
    assert lab.delete() == "DELETE_COMPLETE"
