"""What functions make, or topics, other stacks, and nothing at all.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from chalice.cloud.stacks.calls import CallError
from chalice.cloud.stacks.errors import ResourceError, UnfinishedError
from chalice.cloud.stacks.kinds.kind import Kind, Made, Properties, Site, listed, set_of
from chalice.cloud.stacks.shapes import text_of

_PATIENCE = 3600.0  # seconds, unless the template says
_PAUSE = 0.1  # seconds between looks at another stack


class CustomResource(Kind):
    """``AWS::CloudFormation::CustomResource``, and any type that begins with ``Custom::``."""

    type = "AWS::CloudFormation::CustomResource"
    takes = frozenset[str]()
    needs = set_of("ServiceToken")

    def __init__(self, type_name: str) -> None:
        self._type = type_name

    def check(self, wanted: Properties) -> None:
        """Raise ``ResourceError`` unless somebody is asked to make it."""
        if not str(wanted.get("ServiceToken", "")).startswith("arn:"):
            raise ResourceError("ServiceToken has to be the ARN of a function or a topic")

    def replaces(self, before: Properties, wanted: Properties) -> bool:
        """Never: whoever makes it says so by another physical id."""
        if before.get("ServiceToken") != wanted.get("ServiceToken"):
            raise ResourceError("Modifying service token is not allowed.")
        return False

    def create(self, site: Site, wanted: Properties) -> Made:
        """Have it made."""
        return self._ask(site, "Create", wanted, {})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Have it changed."""
        old = {"PhysicalResourceId": physical_id, "OldResourceProperties": _texts(before)}
        return self._ask(site, "Update", wanted, old)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Have it deleted."""
        self._ask(site, "Delete", held, {"PhysicalResourceId": physical_id})

    def _ask(self, site: Site, kind: str, wanted: Properties, more: Mapping[str, Any]) -> Made:
        request = {
            "RequestType": kind,
            "ServiceToken": wanted["ServiceToken"],
            "StackId": site.stack_id,
            "RequestId": str(uuid.uuid4()),
            "LogicalResourceId": site.logical_id,
            "ResourceType": self._type,
            "ResourceProperties": _texts(wanted),
            **more,
        }
        patience = float(wanted.get("ServiceTimeout", _PATIENCE))
        answer = site.ask(wanted["ServiceToken"], request, patience)
        known = more.get("PhysicalResourceId")
        physical_id = str(answer.get("PhysicalResourceId") or known or "")
        if answer.get("Status") != "SUCCESS":
            reason = answer.get("Reason") or "no reason was given"
            told = f"Received response status [FAILED] from custom resource. Message: {reason}"
            if kind == "Create":
                raise UnfinishedError(told, physical_id or site.name())
            raise ResourceError(told)
        if not physical_id:
            raise ResourceError("Invalid PhysicalResourceId: the answer has none")
        data = answer.get("Data") or {}
        if not isinstance(data, Mapping):
            raise ResourceError("Invalid Data: the answer has to hold an object")
        return Made(physical_id, dict(data))


def _texts(value: Any) -> Any:
    """Return properties as functions get them: with text in place of numbers and truth values."""
    match value:
        case Mapping():
            return {name: _texts(each) for name, each in value.items()}
        case list():
            return [_texts(each) for each in value]
    return text_of(value)


class NestedStack(Kind):
    """``AWS::CloudFormation::Stack``."""

    type = "AWS::CloudFormation::Stack"
    takes = set_of("NotificationARNs Parameters Tags TemplateURL TimeoutInMinutes")
    needs = set_of("TemplateURL")
    tags = "list"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the stack, and wait for it."""
        values = {**self._parameters(wanted), "StackName": site.name(128)}
        stack_id = site.call("cloudformation", "create_stack", values)["StackId"]
        try:
            return self._settled(site, stack_id)
        except ResourceError as error:
            raise UnfinishedError(str(error), stack_id) from None

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Update the stack, and wait for it."""
        values = {**self._parameters(wanted), "StackName": physical_id}
        try:
            site.call("cloudformation", "update_stack", values)
        except CallError as error:
            if "No updates are to be performed" not in str(error):
                raise
        return self._settled(site, physical_id)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the stack, and wait until it is gone."""
        site.drop("cloudformation", "delete_stack", {"StackName": physical_id})
        self._settled(site, physical_id)

    def _parameters(self, wanted: Properties) -> dict[str, Any]:
        given = wanted.get("Parameters") or {}
        values: dict[str, Any] = {
            "TemplateURL": wanted["TemplateURL"],
            "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            "Parameters": [
                {
                    "ParameterKey": name,
                    "ParameterValue": ",".join(value) if isinstance(value, list) else value,
                }
                for name, value in given.items()
            ],
        }
        if wanted.get("Tags"):
            values["Tags"] = listed(wanted["Tags"])
        return values

    def _settled(self, site: Site, stack_id: str) -> Made:
        while True:
            answer = site.call("cloudformation", "describe_stacks", {"StackName": stack_id})
            stack = answer["Stacks"][0]
            status = stack["StackStatus"]
            if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"):
                break
            if not status.endswith("_IN_PROGRESS"):
                reason = stack.get("StackStatusReason", "")
                raise ResourceError(f"Embedded stack {stack_id} was not successful: {reason}")
            site.stopping()
            time.sleep(_PAUSE)
        outputs = stack.get("Outputs") or []
        found = {f"Outputs.{each['OutputKey']}": each["OutputValue"] for each in outputs}
        return Made(stack_id, found)


class Metadata(Kind):
    """``AWS::CDK::Metadata``, which is nothing: it tells AWS what a template was made with."""

    type = "AWS::CDK::Metadata"
    takes = set_of("Analytics")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make nothing."""
        return Made(site.name())

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change nothing."""
        return Made(physical_id)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete nothing."""
