"""Stacks as the API shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalice.cloud.stacks.parameters import HIDDEN, hidden
from chalice.cloud.stacks.store import ChangeSet, Event, Stack, Status, Version
from chalice.cloud.stacks.template import Template
from chalice.cloud.stacks.versions import needed_capabilities

Shown = dict[str, Any]


def show_stack(stack: Stack) -> Shown:
    """Return a member of ``Stacks`` in the answer to DescribeStacks."""
    shown: Shown = {
        "StackId": stack.id,
        "StackName": stack.name,
        "CreationTime": stack.created,
        "StackStatus": stack.status,
        "DisableRollback": stack.on_failure == "DO_NOTHING",
        "EnableTerminationProtection": stack.is_protected,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        "RollbackConfiguration": {},
        "NotificationARNs": [],
        "Tags": [],
    }
    shown |= _present(
        StackStatusReason=stack.reason,
        LastUpdatedTime=stack.updated,
        DeletionTime=stack.deleted,
        ParentId=stack.parent,
        RootId=stack.parent,
        Outputs=stack.outputs,
    )
    version = stack.version
    if version is not None:
        shown |= _present(
            Description=version.source.get("Description"),
            Parameters=show_parameters(version),
            Capabilities=list(version.capabilities),
            RoleARN=version.role,
        )
        shown["NotificationARNs"] = list(version.topics)
        shown["Tags"] = show_tags(version.tags)
    return shown


def show_parameters(version: Version) -> list[Shown]:
    """Return the values of parameters, but for those that are hidden."""
    shown, template = [], version.source
    for name, value in hidden(template, version.parameters).items():
        one = {"ParameterKey": name, "ParameterValue": value}
        kind = str(template["Parameters"][name].get("Type", ""))
        if kind.startswith("AWS::SSM::") and value != HIDDEN:
            found = version.values[name]
            one["ResolvedValue"] = ",".join(found) if isinstance(found, list) else found
        shown.append(one)
    return shown


def show_tags(tags: Mapping[str, str]) -> list[Shown]:
    """Return tags as a list."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def show_summary(stack: Stack) -> Shown:
    """Return a member of ``StackSummaries``."""
    template = stack.version.source if stack.version else {}
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "CreationTime": stack.created,
        "StackStatus": stack.status,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        **_present(
            TemplateDescription=template.get("Description"),
            StackStatusReason=stack.reason,
            LastUpdatedTime=stack.updated,
            DeletionTime=stack.deleted,
            ParentId=stack.parent,
        ),
    }


def show_event(stack: Stack, event: Event) -> Shown:
    """Return a member of ``StackEvents``."""
    status, properties = event.status, event.properties
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "EventId": event.id,
        "LogicalResourceId": event.logical_id,
        "PhysicalResourceId": status.physical_id,
        "ResourceType": status.type,
        "Timestamp": status.at,
        "ResourceStatus": status.status,
        **_present(
            ResourceStatusReason=status.reason,
            ResourceProperties=None if properties is None else json.dumps(properties),
            ClientRequestToken=event.token,
        ),
    }


def show_resource(stack: Stack, logical_id: str, status: Status) -> Shown:
    """Return a member of ``StackResources``."""
    return {
        "StackName": stack.name,
        "StackId": stack.id,
        "LogicalResourceId": logical_id,
        "ResourceType": status.type,
        "Timestamp": status.at,
        "ResourceStatus": status.status,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        **_present(
            PhysicalResourceId=status.physical_id or None, ResourceStatusReason=status.reason
        ),
    }


def show_resource_detail(stack: Stack, logical_id: str, status: Status) -> Shown:
    """Return ``StackResourceDetail``."""
    shown = show_resource(stack, logical_id, status)
    shown["LastUpdatedTimestamp"] = shown.pop("Timestamp")
    metadata = None if status.metadata is None else json.dumps(status.metadata)
    return {**shown, **_present(Metadata=metadata)}


def show_resource_summary(stack: Stack, logical_id: str, status: Status) -> Shown:
    """Return a member of ``StackResourceSummaries``."""
    shown = show_resource(stack, logical_id, status)
    del shown["StackName"], shown["StackId"]
    shown["LastUpdatedTimestamp"] = shown.pop("Timestamp")
    return shown


def show_change_set(stack: Stack, change_set: ChangeSet) -> Shown:
    """Return the answer to DescribeChangeSet."""
    shown = {**show_change_set_summary(stack, change_set), "Changes": change_set.changes}
    version = change_set.version
    if version is not None:
        shown |= {
            "Parameters": show_parameters(version),
            "Capabilities": list(version.capabilities),
            "NotificationARNs": list(version.topics),
            "Tags": show_tags(version.tags),
        }
    return shown


def show_change_set_summary(stack: Stack, change_set: ChangeSet) -> Shown:
    """Return a member of the answer to ListChangeSets."""
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "ChangeSetId": change_set.id,
        "ChangeSetName": change_set.name,
        "ExecutionStatus": change_set.execution,
        "Status": change_set.status,
        "CreationTime": change_set.created,
        "IncludeNestedStacks": False,
        **_present(Description=change_set.description, StatusReason=change_set.reason),
    }


def show_template(template: Template, expanded: Template | None) -> Shown:
    """Return what ValidateTemplate and GetTemplateSummary say of a template."""
    declared: Mapping[str, Mapping[str, Any]] = template.get("Parameters") or {}
    transforms = template.get("Transform") or []
    listed = transforms if isinstance(transforms, list) else [transforms]
    needed = needed_capabilities(expanded or template)
    shown: Shown = {
        "Parameters": [_declared(name, about) for name, about in declared.items()],
        "Capabilities": [*needed, *(["CAPABILITY_AUTO_EXPAND"] if listed else [])],
        "DeclaredTransforms": [str(each) for each in listed],
    }
    for types in needed.values():
        told = f"The following resource(s) require capabilities: [{', '.join(types)}]"
        shown["CapabilitiesReason"] = told
    return {**shown, **_present(Description=template.get("Description"))}


def _declared(name: str, about: Mapping[str, Any]) -> Shown:
    default = about.get("Default")
    return {
        "ParameterKey": name,
        "NoEcho": str(about.get("NoEcho", "false")).lower() == "true",
        "ParameterType": about.get("Type", "String"),
        **_present(
            DefaultValue=None if default is None else str(default),
            Description=about.get("Description"),
        ),
    }


def _present(**members: Any) -> Shown:
    return {name: value for name, value in members.items() if value not in (None, [])}
