"""Patterns: how ``@app.on_cw_event`` is checked and deployed.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalice.model.resources import Resource
from chalice.model.values import Document
from chalice.runtime.events.eventbridge import CloudWatchEventConfig
from chalice.sources.base import Problem, Target
from chalice.sources.examples import example
from chalice.sources.given import Given
from chalice.sources.occasions import Occasion, unique_id
from chalice.sources.rules import rule


class EventBridgeSource:
    """Events of a bus that match a pattern."""

    kind = "eventbridge"

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

    def options(self, trigger: CloudWatchEventConfig) -> Mapping[str, str]:
        """Return what can be said of an event."""
        return {
            "source": "what it is from: `aws.ec2`",
            "detail-type": "what kind of event it is",
            "detail": 'what happened: {"state": "running"}',
            "resources": "ARNs, with commas between them",
        }

    def sample(
        self, trigger: CloudWatchEventConfig, given: Given, occasion: Occasion
    ) -> dict[str, Any]:
        """Return an event that the pattern lets through."""
        fields = example(trigger.event_pattern)
        resources = fields.pop("resources", [])
        detail = fields.pop("detail", {})
        named = given.text("resources", "")
        if named:
            resources = [each.strip() for each in named.split(",")]
        made = event(
            given.text("source", str(fields.pop("source", "sample"))),
            given.text("detail-type", str(fields.pop("detail-type", "Sample"))),
            given.document("detail", detail if isinstance(detail, dict) else {}),
            resources if isinstance(resources, list) else [resources],
            occasion,
        )
        return {**made, **fields}


def event(
    source: str,
    detail_type: str,
    detail: Mapping[str, Any],
    resources: Sequence[str],
    occasion: Occasion,
) -> dict[str, Any]:
    """Return an event of EventBridge."""
    return {
        "version": "0",
        "id": unique_id(source, detail_type, detail),
        "detail-type": detail_type,
        "source": source,
        "account": occasion.place.account,
        "time": occasion.iso(),
        "region": occasion.place.region,
        "resources": list(resources),
        "detail": dict(detail),
    }
