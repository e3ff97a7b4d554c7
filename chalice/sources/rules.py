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
    full_name = rule_name(target.prefix, name)
    yield Rule(
        name=f"{name}-event",
        rule_name=full_name,
        event_bus=event_bus or "default",
        function=target.function,
        **what,
    )
    yield Permission(
        name=f"{name}-event-permission",
        function=target.function,
        principal="events.amazonaws.com",
        source_arn=_rule_arn(full_name, event_bus),
    )


def rule_name(prefix: str, name: str) -> str:
    """Return the name in AWS of a trigger's rule; ``prefix`` is as in Target."""
    return f"{prefix}-{name}-event"


def _rule_arn(full_name: str, event_bus: str | None) -> Value:
    if event_bus is None or event_bus == "default":
        return Arn("events", (f"rule/{full_name}",))
    if event_bus.startswith("arn:"):
        bus, _, bus_name = event_bus.partition(":event-bus/")
        return f"{bus}:rule/{bus_name}/{full_name}"
    return Arn("events", (f"rule/{event_bus}/{full_name}",))
