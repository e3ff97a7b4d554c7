"""What schedules and patterns have in common: an EventBridge rule that invokes a function."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chalice.model.functions import Permission
from chalice.model.resources import Resource
from chalice.model.triggers import Rule
from chalice.model.values import Arn, Value
from chalice.sources.base import Target


def rule(name: str, target: Target, event_bus: str | None, **what: Any) -> Iterable[Resource]:
    """Yield the rule of the trigger called ``name``, and the permission that it needs.

    ``what`` are the rule's own fields: when it fires.
    """
    rule_name = f"{target.prefix}-{name}-event"
    yield Rule(
        name=f"{name}-event",
        rule_name=rule_name,
        event_bus=event_bus or "default",
        function=target.function,
        **what,
    )
    yield Permission(
        name=f"{name}-event-permission",
        function=target.function,
        principal="events.amazonaws.com",
        source_arn=_rule_arn(rule_name, event_bus),
    )


def _rule_arn(rule_name: str, event_bus: str | None) -> Value:
    if event_bus is None or event_bus == "default":
        return Arn("events", (f"rule/{rule_name}",))
    if event_bus.startswith("arn:"):
        bus, _, bus_name = event_bus.partition(":event-bus/")
        return f"{bus}:rule/{bus_name}/{rule_name}"
    return Arn("events", (f"rule/{event_bus}/{rule_name}",))
