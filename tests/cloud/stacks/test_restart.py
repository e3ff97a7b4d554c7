"""Stacks over a restart of the cloud: what was done stays, what went on is brought to an end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chalice.cloud import ensure_running, stop
from tests.cloud.aws import client
from tests.cloud.stacks.lab import StackLab, inline, role, template
from tests.cloud.waiting import quiet, wait_until

WAITS = """
import cfnresponse

def handler(event, context):
    if event["ResourceProperties"].get("Waits") != event["RequestType"]:
        cfnresponse.send(event, context, cfnresponse.SUCCESS, {}, "thing")
"""


def resources(value: str, **properties: Any) -> dict[str, Any]:
    own = {"ServiceToken": {"Fn::GetAtt": ["Maker", "Arn"]}, **properties}
    return {
        "Role": role(),
        "Maker": inline(WAITS, Timeout=10),
        "One": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}},
        "Thing": {"Type": "Custom::Thing", "DependsOn": "One", "Properties": own},
    }


def test_an_operation_that_was_cut_off_is_rolled_back_or_finished(home: Path) -> None:
    cloud = ensure_running(home, quiet)
    created, updated, kept = StackLab(cloud), StackLab(cloud), StackLab(cloud)
    assert updated.create(template(resources("old"))) == "CREATE_COMPLETE", updated.failures()
    assert kept.create(template(resources("kept"))) == "CREATE_COMPLETE"
    name = updated.physical("One")

    def begin(lab: StackLab, call: str, body: dict[str, Any]) -> None:
        getattr(lab.cloudformation, call)(
            StackName=lab.name, TemplateBody=template(body), Capabilities=["CAPABILITY_IAM"]
        )
        wait_until(lambda: any(event[0] == "Thing" for event in lab.story()[-2:]))

    begin(created, "create_stack", resources("new", Waits="Create"))
    begin(updated, "update_stack", resources("new", Waits="Update"))
    made = created.describe()["StackId"]
    assert created.describe()["StackStatus"] == "CREATE_IN_PROGRESS"
    assert client(cloud, "ssm").get_parameter(Name=name)["Parameter"]["Value"] == "new"

    stop(home)
    cloud = ensure_running(home, quiet)
    assert created.settle(made) == "ROLLBACK_COMPLETE", created.story()
    assert updated.settle() == "UPDATE_ROLLBACK_COMPLETE", updated.story()
    assert any("was stopped meanwhile" in event[2] for event in updated.story())
    assert client(cloud, "ssm").get_parameter(Name=name)["Parameter"]["Value"] == "old"
    parameters = client(cloud, "ssm").describe_parameters()["Parameters"]
    assert {each["Name"] for each in parameters} == {name, kept.physical("One")}
    assert kept.update(template(resources("other"))) == "UPDATE_COMPLETE", kept.failures()
    assert [lab.delete() for lab in (kept, updated, created)] == ["DELETE_COMPLETE"] * 3
    assert client(cloud, "lambda").list_functions()["Functions"] == []
