"""Patterns: how ``@app.on_cw_event`` is checked and deployed.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
"""

from __future__ import annotations

from collections.abc import Iterable

from chalice.model.resources import Resource
from chalice.model.values import Document
from chalice.runtime.events.eventbridge import CloudWatchEventConfig
from chalice.sources.base import Problem, Target
from chalice.sources.rules import rule


class EventBridgeSource:
    """Events of a bus that match a pattern."""

    def problems(self, trigger: CloudWatchEventConfig) -> Iterable[Problem]:
        """Return what is wrong with the pattern and the bus."""
        pattern: object = trigger.event_pattern
        if not isinstance(pattern, dict) or not pattern:
            hint = 'a pattern names what events must have: {"source": ["aws.ec2"]}'
            yield Problem(f"`event_pattern` is no pattern: {pattern!r}", hint)
        bus = trigger.event_bus or ""
        if bus.startswith("arn:") and ":event-bus/" not in bus:
            hint = "write the bare name, or `arn:aws:events:REGION:ACCOUNT:event-bus/NAME`"
            yield Problem(f"`event_bus` is no ARN of an event bus: `{bus}`", hint)

    def resources(self, trigger: CloudWatchEventConfig, target: Target) -> Iterable[Resource]:
        """Return the rule and the permission."""
        return rule(trigger.name, target, trigger.event_bus, event_pattern=trigger.event_pattern)

    def statements(self, trigger: CloudWatchEventConfig) -> Iterable[Document]:
        """Return nothing: EventBridge invokes the function itself."""
        return ()
