"""Roles, and what they may do to the logs of functions whose names nobody knows yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalice.model.functions import Function, Role
from chalice.model.values import Arn, Document
from chalice.render.sam.draft import Draft

_GROUP = "log-group:/aws/lambda/"


def add_role(role: Role, draft: Draft) -> None:
    """Add the role with its policy.

    CloudFormation names the functions, and so their log groups, after it has made the role: what
    concerns these is a policy of its own.
    """
    id_ = draft.id(role.name)
    groups = {
        f"{_GROUP}{each.function_name}:*": each.name
        for each in draft.resources.values()
        if isinstance(each, Function)
    }
    statements, logs = _divided(role.policy, groups)
    policies = (
        [{"PolicyDocument": draft.value(statements), "PolicyName": f"{id_}Policy"}]
        if statements["Statement"]
        else []
    )
    properties = {
        "AssumeRolePolicyDocument": draft.value(role.trust_policy),
        **({"Policies": policies} if policies else {}),
    }
    if role.permissions_boundary:
        properties["PermissionsBoundary"] = role.permissions_boundary
    draft.add(id_, "AWS::IAM::Role", properties, role.name)
    if logs:
        _add_logs(f"{id_}LogPolicy", id_, logs, groups, role.name, draft)


def _add_logs(
    id_: str,
    role_id: str,
    statements: Sequence[Mapping[str, Any]],
    groups: Mapping[str, str],
    name: str,
    draft: Draft,
) -> None:
    named = [
        {
            **draft.value({**each, "Resource": []}),
            "Resource": [_group(arn, groups, draft) for arn in each["Resource"]],
        }
        for each in statements
    ]
    properties = {
        "PolicyName": id_,
        "PolicyDocument": {"Version": "2012-10-17", "Statement": named},
        "Roles": [{"Ref": role_id}],
    }
    draft.add(id_, "AWS::IAM::Policy", properties, name)


def _divided(
    policy: Document, groups: Mapping[str, str]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the policy without what it says of these log groups, and the statements that do."""
    assert isinstance(policy, Mapping)
    given: Any = policy["Statement"]
    rest: list[Document] = []
    logs: list[dict[str, Any]] = []
    for statement in given if isinstance(given, Sequence) else [given]:
        resources = statement.get("Resource")
        listed = resources if isinstance(resources, (list, tuple)) else [resources]
        ours = [arn for arn in listed if _tail(arn) in groups]
        others = [arn for arn in listed if _tail(arn) not in groups]
        if ours:
            logs.append({**statement, "Resource": ours})
        if others or not ours:
            rest.append({**statement, "Resource": others} if ours else statement)
    return {**policy, "Statement": rest}, logs


def _tail(arn: object) -> str:
    if isinstance(arn, Arn) and arn.service == "logs":
        return "".join(part for part in arn.resource if isinstance(part, str))
    return ""


def _group(arn: Arn, groups: Mapping[str, str], draft: Draft) -> object:
    function = draft.id(groups[_tail(arn)])
    place = "${AWS::Region}:${AWS::AccountId}"
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:logs:{place}:{_GROUP}${{{function}}}:*"}
