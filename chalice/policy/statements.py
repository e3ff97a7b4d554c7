"""Grants as the statements of a policy: few of them, in one order, each with a name of its own."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from chalice.model.values import Document
from chalice.policy.arns import covers, text_of, value_of
from chalice.policy.grants import Grant, of_statements

_PLAIN = {"Effect", "Action", "Resource"}


def scoped(grants: Iterable[Grant]) -> list[Document]:
    """Return statements that allow exactly the grants.

    Actions of one service on the same resources share a statement.
    """
    resources: dict[str, set[str]] = {}
    for grant in grants:
        resources.setdefault(grant.action, set()).add(grant.resource)
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for action, arns in resources.items():
        groups.setdefault((_service(action), least(arns)), []).append(action)
    return [
        _statement(service, sorted(actions), arns)
        for (service, arns), actions in sorted(groups.items())
    ]


def broad(grants: Iterable[Grant]) -> list[Document]:
    """Return a statement a service that allows its actions on any resource.

    Roles that are passed to services stay named: whoever may pass any role can become anyone.
    """
    actions: dict[str, set[str]] = {}
    passed: list[Grant] = []
    for grant in grants:
        if grant.action == "iam:PassRole":
            passed.append(grant)
        else:
            actions.setdefault(_service(grant.action), set()).add(grant.action)
    statements = [
        (service, _statement(service, sorted(found), ("*",))) for service, found in actions.items()
    ]
    statements += [("iam:PassRole", each) for each in scoped(passed)]
    return [statement for _, statement in sorted(statements, key=lambda pair: pair[0])]


def combined(policies: Sequence[Document]) -> Document:
    """Return one policy that allows what any of the policies allows."""
    if len(policies) == 1:
        return policies[0]
    grants: list[Grant] = []
    others: list[Document] = []
    for statement in (each for policy in policies for each in statements_of(policy)):
        plain = plain_statement(statement)
        if plain is not None:
            grants += of_statements("", "", [plain])
        elif statement not in others:
            others.append(statement)
    return {"Version": "2012-10-17", "Statement": [*scoped(grants), *others]}


def statements_of(policy: Document) -> Sequence[Document]:
    """Return the statements of a policy document."""
    return listed(policy["Statement"]) if isinstance(policy, Mapping) else []


def plain_statement(statement: Document) -> Mapping[str, Sequence[str]] | None:
    """Return actions and resources, as text, of a statement that only allows; None for others."""
    if not isinstance(statement, Mapping) or statement.keys() - {"Sid"} != _PLAIN:
        return None
    resources = [text_of(each) for each in listed(statement["Resource"])]
    if statement["Effect"] != "Allow" or None in resources:
        return None
    actions = [str(each) for each in listed(statement["Action"])]
    return {"Action": actions, "Resource": [str(each) for each in resources]}


def listed(value: Document) -> Sequence[Document]:
    """Return what stands alone or in a list as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def least(arns: Iterable[str]) -> tuple[str, ...]:
    """Return the ARNs without those that another one of them covers, sorted."""
    found = sorted(set(arns))
    return tuple(
        arn
        for arn in found
        if not any(
            other != arn and covers(other, arn) and (not covers(arn, other) or other < arn)
            for other in found
        )
    )


def _statement(service: str, actions: Sequence[str], arns: Sequence[str]) -> Document:
    return {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": [value_of(arn) for arn in arns],
        "Sid": _sid(service, actions, arns),
    }


def _sid(service: str, actions: Sequence[str], arns: Sequence[str]) -> str:
    """Return the name of a statement: the same for the same content, letters and digits."""
    word = re.sub(r"[^a-zA-Z0-9]", "", service.title())
    content = json.dumps([list(actions), list(arns)])
    return word + hashlib.sha256(content.encode()).hexdigest()[:12]


def _service(action: str) -> str:
    return action.partition(":")[0]
