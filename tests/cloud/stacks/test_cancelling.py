"""What goes on with a stack can be ended: by deleting it, or by going back."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client
from tests.cloud.stacks.lab import StackLab, template
from tests.cloud.stacks.test_restart import resources
from tests.cloud.waiting import wait_until


@pytest.fixture
def lab(cloud: CloudStatus) -> StackLab:
    return StackLab(cloud)


def begin(lab: StackLab, call: str, body: dict[str, Any]) -> None:
    getattr(lab.cloudformation, call)(
        StackName=lab.name, TemplateBody=template(body), Capabilities=["CAPABILITY_IAM"]
    )
    wait_until(lambda: any(event[0] == "Thing" for event in lab.story()[-2:]))


def test_a_stack_that_is_being_made_can_be_deleted(lab: StackLab) -> None:
    begin(lab, "create_stack", resources("new", Waits="Create"))
    name = lab.physical("One")
    stack_id = lab.describe()["StackId"]
    lab.cloudformation.delete_stack(StackName=lab.name)
    lab.cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=stack_id, WaiterConfig={"Delay": 1}
    )
    parameters = client(lab.cloud, "ssm").describe_parameters()["Parameters"]
    assert name not in {each["Name"] for each in parameters}


def test_an_update_can_be_called_off(lab: StackLab) -> None:
    lab.create(template(resources("old")))
    name = lab.physical("One")
    with pytest.raises(ClientError, match="cannot be called from current stack status"):
        lab.cloudformation.cancel_update_stack(StackName=lab.name)
    begin(lab, "update_stack", resources("new", Waits="Update"))
    lab.cloudformation.cancel_update_stack(StackName=lab.name)
    wait_until(lambda: lab.describe()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE")
    assert client(lab.cloud, "ssm").get_parameter(Name=name)["Parameter"]["Value"] == "old"
    assert lab.delete() == "DELETE_COMPLETE"
