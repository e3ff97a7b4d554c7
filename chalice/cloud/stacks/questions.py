"""The API: what is there. Parameters and answers have botocore's shapes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from chalice.cloud.control.managed_policies import managed_policy_arns
from chalice.cloud.stacks import shown
from chalice.cloud.stacks.actions import Answer, Given, find_stack, importers
from chalice.cloud.stacks.change_sets import find_change_set
from chalice.cloud.stacks.errors import StackError
from chalice.cloud.stacks.parameters import choose_values, typed_values
from chalice.cloud.stacks.sam import expand
from chalice.cloud.stacks.store import Stack, Status, store_of
from chalice.cloud.stacks.template import check_resources, parse_template
from chalice.cloud.stacks.versions import Caller, Versions

_PAGE = 100


class StackQuestions:
    """What tells about stacks."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    def describe_stacks(self, given: Given, caller: Caller) -> Answer:
        """Answer DescribeStacks."""
        if given.get("StackName"):
            name = str(given["StackName"])
            found = store_of(caller.region).find(name)
            if found is None:
                raise StackError(f"Stack with id {name} does not exist")
            return {"Stacks": [shown.show_stack(found)]}
        stacks, more = _page(store_of(caller.region).living(), given)
        return {"Stacks": [shown.show_stack(each) for each in stacks], **more}

    def list_stacks(self, given: Given, caller: Caller) -> Answer:
        """Answer ListStacks."""
        wanted = given.get("StackStatusFilter") or ()
        stacks = [
            stack
            for stack in reversed(list(store_of(caller.region).stacks.values()))
            if not wanted or stack.status in wanted
        ]
        found, more = _page(stacks, given)
        return {"StackSummaries": [shown.show_summary(each) for each in found], **more}

    def describe_stack_events(self, given: Given, caller: Caller) -> Answer:
        """Answer DescribeStackEvents: the last event first."""
        stack = find_stack(given, caller)
        events, more = _page(list(reversed(stack.events)), given)
        return {"StackEvents": [shown.show_event(stack, each) for each in events], **more}

    def describe_stack_resources(self, given: Given, caller: Caller) -> Answer:
        """Answer DescribeStackResources."""
        physical = given.get("PhysicalResourceId")
        stack = _owner_of(physical, caller) if physical else find_stack(given, caller)
        wanted = given.get("LogicalResourceId")
        found = [
            shown.show_resource(stack, name, status)
            for name, status in list(stack.statuses.items())
            if wanted in (None, name)
        ]
        return {"StackResources": found}

    def describe_stack_resource(self, given: Given, caller: Caller) -> Answer:
        """Answer DescribeStackResource."""
        stack = find_stack(given, caller)
        name = str(given["LogicalResourceId"])
        status = _status(stack, name)
        return {"StackResourceDetail": shown.show_resource_detail(stack, name, status)}

    def list_stack_resources(self, given: Given, caller: Caller) -> Answer:
        """Answer ListStackResources."""
        stack = find_stack(given, caller)
        found, more = _page(list(stack.statuses.items()), given)
        summaries = [shown.show_resource_summary(stack, name, status) for name, status in found]
        return {"StackResourceSummaries": summaries, **more}

    def describe_change_set(self, given: Given, caller: Caller) -> Answer:
        """Answer DescribeChangeSet."""
        return shown.show_change_set(*find_change_set(given, caller))

    def list_change_sets(self, given: Given, caller: Caller) -> Answer:
        """Answer ListChangeSets."""
        stack = find_stack(given, caller)
        summaries = [
            shown.show_change_set_summary(stack, each) for each in stack.change_sets.values()
        ]
        return {"Summaries": summaries}

    def get_template(self, given: Given, caller: Caller) -> Answer:
        """Answer GetTemplate."""
        if given.get("ChangeSetName"):
            version = find_change_set(given, caller)[1].version
        else:
            version = find_stack(given, caller).version
        if version is None:
            raise StackError("There is no template yet")
        is_original = given.get("TemplateStage", "Original") == "Original"
        body = version.body if is_original else json.dumps(version.template)
        return {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}

    def get_template_summary(self, given: Given, caller: Caller) -> Answer:
        """Answer GetTemplateSummary."""
        if given.get("StackName"):
            version = find_stack(given, caller).version
            body = version.body if version else "{}"
        else:
            body = self._versions.body(given, caller, None)
        answer = self._summary(body, caller)
        template = parse_template(body)
        types = sorted({str(each.get("Type")) for each in template["Resources"].values()})
        metadata = template.get("Metadata")
        return {
            **answer,
            "ResourceTypes": types,
            "Version": template.get("AWSTemplateFormatVersion", "2010-09-09"),
            **({"Metadata": json.dumps(metadata)} if metadata else {}),
        }

    def validate_template(self, given: Given, caller: Caller) -> Answer:
        """Answer ValidateTemplate."""
        return self._summary(self._versions.body(given, caller, None), caller)

    def list_exports(self, given: Given, caller: Caller) -> Answer:
        """Answer ListExports."""
        exports = [
            {"ExportingStackId": stack.id, "Name": name, "Value": value}
            for stack in store_of(caller.region).living()
            for name, value in stack.exports().items()
        ]
        found, more = _page(exports, given)
        return {"Exports": list(found), **more}

    def list_imports(self, given: Given, caller: Caller) -> Answer:
        """Answer ListImports."""
        name = str(given["ExportName"])
        found = importers(caller.region, name)
        if not found:
            raise StackError(f"Export '{name}' is not imported by any stack.")
        return {"Imports": found}

    def _summary(self, body: str, caller: Caller) -> Answer:
        template = parse_template(body)
        if not template.get("Transform"):
            check_resources(template)
            return shown.show_template(template, None)
        declared = template.get("Parameters") or {}
        given = [
            {"ParameterKey": name, "ParameterValue": ""}
            for name, about in declared.items()
            if "Default" not in about
        ]
        plain = {**template, "Parameters": {name: {} for name in declared}}
        defaults = {
            name: {"Default": about["Default"]}
            for name, about in declared.items()
            if "Default" in about
        }
        plain["Parameters"].update(defaults)
        values = typed_values(plain, choose_values(plain, given, {}), str)
        try:
            expanded = expand(template, values, caller.region, lambda: managed_policy_arns("aws"))
        except StackError:
            expanded = None  # code that is not in S3 yet, say: that is not asked here
        return shown.show_template(template, expanded)


def _page(items: Sequence[Any], given: Given) -> tuple[Sequence[Any], Answer]:
    token = given.get("NextToken") or "0"
    start = int(token) if str(token).isdigit() else 0
    end = start + _PAGE
    return items[start:end], {"NextToken": str(end)} if end < len(items) else {}


def _owner_of(physical_id: str, caller: Caller) -> Stack:
    for stack in store_of(caller.region).living():
        if any(each.physical_id == physical_id for each in stack.statuses.values()):
            return stack
    raise StackError(f"Stack for {physical_id} does not exist")


def _status(stack: Stack, name: str) -> Status:
    if name not in stack.statuses:
        raise StackError(f"Resource {name} does not exist for stack {stack.name}")
    return stack.statuses[name]
