"""What the policy that an authorizer returned says about one action on one resource.

A ``*`` in a resource reaches past colons here, as authors of authorizers expect. Statements with
``Condition``, ``NotAction`` or ``NotResource`` are read on the safe side: they allow nothing, and
deny whatever they might deny.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalice.iam.evaluation import Decision
from chalice.iam.evaluation_patterns import matches, matches_action


@dataclass(frozen=True, slots=True)
class _Statement:
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def covers(self, action: str, resource: str) -> bool:
        return any(matches_action(pattern, action) for pattern in self.actions) and any(
            matches(pattern, resource) for pattern in self.resources
        )


class Policy:
    """A policy document: ``{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", …}]}``.

    Raises ValueError for one that is not a policy.
    """

    def __init__(self, document: object) -> None:
        if not isinstance(document, Mapping):
            raise ValueError("the policy document is not an object")
        statements = document.get("Statement")
        if isinstance(statements, Mapping):
            statements = [statements]
        if not isinstance(statements, list):
            raise ValueError("the policy document has no list of statements")
        parsed = [_statement(item) for item in statements]
        self._statements = [item for item in parsed if item is not None]

    def decide(self, action: str, resource: str) -> Decision:
        """Return what the policy says; a denial beats any permission."""
        decision = Decision.NOT_ALLOWED
        for statement in self._statements:
            if statement.covers(action, resource):
                if not statement.allows:
                    return Decision.DENIED
                decision = Decision.ALLOWED
        return decision


def _statement(item: object) -> _Statement | None:
    if not isinstance(item, Mapping) or item.get("Effect") not in ("Allow", "Deny"):
        raise ValueError("a statement has no Effect of Allow or Deny")
    allows = item["Effect"] == "Allow"
    if item.get("Condition") or "NotAction" in item or "NotResource" in item:
        if allows:
            return None
        actions = ("*",) if "NotAction" in item else _texts(item, "Action")
        resources = ("*",) if "NotResource" in item else _texts(item, "Resource")
        return _Statement(False, actions, resources)
    return _Statement(allows, _texts(item, "Action"), _texts(item, "Resource"))


def _texts(item: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = item.get(key)
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    raise ValueError(f"the {key} of a statement is neither a string nor a list of strings")
