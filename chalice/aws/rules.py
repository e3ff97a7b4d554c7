"""EventBridge rules, each with one target of ours.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from chalice.aws.calls import doing, or_none
from chalice.aws.session import Session
from chalice.errors import ToolError
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.triggers import Rule
from chalice.model.values import Outputs

_TARGET = "1"
"""The id of our target."""
_DEFAULT_BUS = "default"


class Rules:
    """Rules, found by their names. Whether a rule is enabled is left to people."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _events(self) -> Any:
        return self._session.client("events")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the rule of that name on that bus."""
        name, bus = identity["rule_name"], identity.get("event_bus", _DEFAULT_BUS)
        return None if self._describe(name, bus) is None else _outputs(name, bus)

    def read(self, record: Record) -> Found | None:
        """Return the rule; ``function`` is what our target invokes, empty without one.

        It is ours if it has our target and no other.
        """
        name, bus = _named(record)
        found = self._describe(name, bus)
        if found is None:
            return None
        with doing(f"reading the targets of rule {name}"):
            targets = self._events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
        pattern = found.get("EventPattern")
        rule = Rule(
            name=record.name,
            rule_name=name,
            event_bus=bus,
            schedule_expression=found.get("ScheduleExpression") or None,
            event_pattern=json.loads(pattern) if pattern else None,
            description=found.get("Description", ""),
            function=next((each["Arn"] for each in targets if each["Id"] == _TARGET), ""),
        )
        return Found(rule, record.outputs, ours=[each["Id"] for each in targets] == [_TARGET])

    def create(self, rule: Rule) -> Outputs:
        """Make the rule and its target; what exists is overwritten."""
        self._put_rule(rule)
        self._put_target(rule)
        return _outputs(rule.rule_name, rule.event_bus)

    def update(self, rule: Rule, record: Record, fields: Collection[str]) -> Outputs:
        """Rewrite the rule, the target or both."""
        if set(fields) - {"function"}:
            self._put_rule(rule)
        if "function" in fields:
            self._put_target(rule)
        return record.outputs

    def leave(self, record: Record) -> None:
        """Remove our target from a rule that stays."""
        name, bus = _named(record)
        with doing(f"removing the target of rule {name}"):
            or_none(lambda: self._events.remove_targets(Rule=name, EventBusName=bus, Ids=[_TARGET]))

    def delete(self, record: Record) -> None:
        """Delete the rule with our target. One that others have given targets stays, and is said
        to: they still want its events.
        """
        name, bus = _named(record)
        with doing(f"deleting rule {name}"):
            found = or_none(lambda: self._events.list_targets_by_rule(Rule=name, EventBusName=bus))
            if found is None:
                return
            targets = [target["Id"] for target in found["Targets"]]
            if _TARGET in targets:
                self._events.remove_targets(Rule=name, EventBusName=bus, Ids=[_TARGET])
            if targets in ([], [_TARGET]):
                or_none(lambda: self._events.delete_rule(Name=name, EventBusName=bus))
                return
        others = ", ".join(target for target in targets if target != _TARGET)
        raise ToolError(
            f"rule {name} has targets that this stage did not make: {others}",
            hint="remove these targets, or give them a rule of their own",
        )

    def _describe(self, name: str, bus: str) -> Any:
        with doing(f"reading rule {name}"):
            return or_none(lambda: self._events.describe_rule(Name=name, EventBusName=bus))

    def _put_rule(self, rule: Rule) -> None:
        when = (
            {"ScheduleExpression": rule.schedule_expression}
            if rule.schedule_expression is not None
            else {"EventPattern": json.dumps(rule.event_pattern)}
        )
        with doing(f"writing rule {rule.rule_name}"):
            self._events.put_rule(
                Name=rule.rule_name,
                EventBusName=rule.event_bus,
                Description=rule.description,
                **when,
            )

    def _put_target(self, rule: Rule) -> None:
        with doing(f"making rule {rule.rule_name} invoke {rule.function}"):
            answer = self._events.put_targets(
                Rule=rule.rule_name,
                EventBusName=rule.event_bus,
                Targets=[{"Id": _TARGET, "Arn": rule.function}],
            )
        for failed in answer.get("FailedEntries", []):
            raise ToolError(
                f"making rule {rule.rule_name} invoke {rule.function} failed: "
                f"{failed.get('ErrorCode')}: {failed.get('ErrorMessage')}"
            )


def _outputs(rule_name: str, event_bus: str) -> Outputs:
    if event_bus == _DEFAULT_BUS:
        return {"rule_name": rule_name}
    return {"rule_name": rule_name, "event_bus": event_bus}


def _named(record: Record) -> tuple[str, str]:
    return record.outputs["rule_name"], record.outputs.get("event_bus", _DEFAULT_BUS)
