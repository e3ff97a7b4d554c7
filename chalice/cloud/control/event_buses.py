"""EventBridge: rules whose patterns and schedules are checked, events in the documented shape.

moto matches patterns its own way, sends within the caller's request, cannot send to functions,
takes any text for a schedule, and has no TestEventPattern.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Protocol, TypeAlias

from moto.events.exceptions import InvalidEventPatternException, ValidationException
from moto.events.models import EventPattern, EventsBackend, Rule, events_backends
from moto.events.responses import EventsHandler

from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.control.service import CorrectedBackend, register
from chalice.cloud.delivery.cron import InvalidScheduleError, parse_schedule
from chalice.cloud.delivery.patterns import InvalidPatternError, Pattern
from chalice.cloud.delivery.schedules import next_time
from chalice.cloud.delivery.times import iso_seconds

Event: TypeAlias = dict[str, Any]
"""An event document: ``{"version": "0", "id": …, "detail-type": …, "detail": {…}}``."""

MAX_ENTRIES = 1_048_576
"""Bytes of all events in one PutEvents request."""

_parse_pattern = lru_cache(maxsize=1024)(Pattern.parse)


class Targets(Protocol):
    """What sends events to the targets of rules, asked from any thread."""

    def deliver(self, rule: ServedRule, event: Event) -> None:
        """Send an event that ``rule`` let through to its targets."""

    def rules_changed(self) -> None:
        """A rule was made, changed or deleted."""


class ServedRule(Rule):
    """A rule. ``since`` is when its schedule began to count, in seconds since 1970."""

    def __init__(self, *, event_pattern: str | None, **settings: Any) -> None:
        super().__init__(event_pattern=None, **settings)
        # Its pattern looks empty to moto, which would else push events of its own.
        self.event_pattern = EventPattern(event_pattern, {})
        self.since = time.time()

    @property
    def is_enabled(self) -> bool:
        """Whether events and times reach its targets."""
        return self.state != "DISABLED"

    def enable(self) -> None:
        """Let it run; a schedule begins to count."""
        if not self.is_enabled:
            self.since = time.time()
        super().enable()

    def lets_through(self, event: Event) -> bool:
        """Whether it is enabled and its pattern matches."""
        text = self.event_pattern.dump()
        return self.is_enabled and bool(text) and _parse_pattern(text).matches(event)

    def due_after(self, moment: float) -> float | None:
        """Return when its schedule is due next, None if never; seconds since 1970."""
        if not self.scheduled_expression:
            return None
        return next_time(self.scheduled_expression, self.since, moment)

    def send_to_targets(
        self,
        original_event: Any,
        transform_input: bool = True,
    ) -> None:
        """Deliver an event of moto's own, a replayed one say, if the rule lets it through."""
        if self.lets_through(original_event):
            backend = events_backends[self.account_id][self.region_name]
            assert isinstance(backend, ServedEventsBackend)
            backend.targets.deliver(self, original_event)


class ServedEventsBackend(EventsBackend):
    """The event buses of one region."""

    def __init__(self, region_name: str, account_id: str, targets: Targets) -> None:
        super().__init__(region_name, account_id)
        self.targets = targets

    def put_rule(
        self,
        name: str,
        description: str | None = None,
        event_bus_arn: str | None = None,
        event_pattern: str | None = None,
        role_arn: str | None = None,
        scheduled_expression: str | None = None,
        state: str | None = None,
        managed_by: str | None = None,
        tags: list[dict[str, str]] | None = None,
    ) -> ServedRule:
        """Make a rule, or change all of one but its targets."""
        bus_name = self._normalize_event_bus_arn(event_bus_arn)
        bus = self._get_event_bus(bus_name)
        if not event_pattern and not scheduled_expression:
            raise ValidationException(
                "Parameter(s) EventPattern or ScheduleExpression must be specified."
            )
        if event_pattern:
            check_pattern(event_pattern)
        if scheduled_expression:
            if bus_name != "default":
                raise ValidationException(
                    "ScheduleExpression is supported only on the default event bus."
                )
            _check_schedule(scheduled_expression)
        rule = ServedRule(  # type: ignore[abstract]  # of CloudFormation
            name=name,
            account_id=self.account_id,
            region_name=self.region_name,
            description=description,
            event_pattern=event_pattern,
            schedule_exp=scheduled_expression,
            role_arn=role_arn,
            event_bus_name=bus_name,
            state=state,
            managed_by=managed_by,
        )
        before = bus.rules.get(name)
        if isinstance(before, ServedRule):
            rule.targets = before.targets
            if before.is_enabled and before.scheduled_expression == scheduled_expression:
                rule.since = before.since
        bus.rules[name] = rule
        if tags:
            self.tagger.tag_resource(rule.arn, tags)
        self.targets.rules_changed()
        return rule

    def enable_rule(self, name: str, event_bus_arn: str | None) -> bool:
        """Enable a rule; return whether it is there."""
        found = super().enable_rule(name, event_bus_arn)
        self.targets.rules_changed()
        return found

    def put_events(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Take the entries of a PutEvents request; return what became of each.

        Unlike AWS it takes events with a ``Source`` of AWS's own, so that a rule for them can be
        tried.
        """
        if not 1 <= len(events) <= 10:
            raise ValidationException(
                f"1 validation error detected: Value '{['PutEventsRequestEntry'] * len(events)}' "
                "at 'entries' failed to satisfy constraint: Member must have length less than or "
                "equal to 10"
            )
        if sum(map(_entry_size, events)) > MAX_ENTRIES:
            raise ValidationException("Total size of the entries in the request is over the limit.")
        buses = [self._get_event_bus(_bus_name(entry)).name for entry in events]
        answers: list[dict[str, Any]] = []
        for entry, bus in zip(events, buses, strict=True):
            problem = _problem(entry)
            if problem is not None:
                code, sentence = problem
                answers.append({"ErrorCode": code, "ErrorMessage": sentence})
                continue
            event = {
                "version": "0",
                "id": str(uuid.uuid4()),
                "detail-type": entry["DetailType"],
                "source": entry["Source"],
                "account": self.account_id,
                "time": iso_seconds(float(entry.get("Time") or time.time())),
                "region": self.region_name,
                "resources": entry.get("Resources") or [],
                "detail": json.loads(entry["Detail"]),
            }
            self.emit(bus, event)
            answers.append({"EventId": event["id"]})
        return answers

    def emit(self, bus: str, event: Event) -> None:
        """Let the rules of a bus, its name or ARN, have ``event``.

        Raises ``ResourceNotFoundException``.
        """
        for rule in list(self._get_event_bus(self._normalize_event_bus_arn(bus)).rules.values()):
            if isinstance(rule, ServedRule) and rule.lets_through(event):
                self.targets.deliver(rule, event)

    def test_event_pattern(  # type: ignore[override]
        self, pattern: str, event: str
    ) -> bool:
        """Whether the pattern, JSON text, matches the event, JSON text."""
        check_pattern(pattern)
        try:
            document = json.loads(event)
        except ValueError:
            raise ValidationException("Parameter Event is not valid.") from None
        needed = ("id", "account", "source", "time", "region", "resources", "detail-type")
        missing = not isinstance(document, dict) or [key for key in needed if key not in document]
        if missing:
            raise ValidationException("Parameter Event is not valid.")
        return _parse_pattern(pattern).matches(document)


class ServedEventsHandler(EventsHandler):
    """One request to EventBridge."""

    def test_event_pattern(self) -> tuple[str, dict[str, Any]]:  # type: ignore[override]
        """Answer TestEventPattern."""
        backend = self.events_backend
        assert isinstance(backend, ServedEventsBackend)
        pattern, event = self._get_param("EventPattern"), self._get_param("Event")
        return self._create_response({"Result": backend.test_event_pattern(pattern, event)})


class CorrectedEventsBackend(CorrectedBackend, ServedEventsBackend):
    """moto's EventBridge behind our responses."""

    service_package = "moto.events"
    response = ServedEventsHandler
    unsaved = frozenset({"targets"})


def correct_events(targets: Targets) -> None:
    """Let moto serve EventBridge with all of this. ``targets`` sends events."""

    def make(region_name: str, account_id: str) -> CorrectedEventsBackend:
        return CorrectedEventsBackend(region_name, account_id, targets)

    register(events_backends, make)


def scheduled_rules() -> Iterable[ServedRule]:
    """Return the enabled rules of all regions that have a schedule."""
    return [
        rule
        for backend in list(events_backends[ACCOUNT].values())
        for rule in list(backend.event_buses["default"].rules.values())
        if isinstance(rule, ServedRule) and rule.is_enabled and rule.scheduled_expression
    ]


def find_rule(name: str, region: str | None) -> ServedRule | None:
    """Return the rule of the default bus of a region, or of the first region that has it."""
    for each, backend in list(events_backends[ACCOUNT].items()):
        if region is None or each == region:
            rule = backend.event_buses["default"].rules.get(name)
            if isinstance(rule, ServedRule):
                return rule
    return None


def check_pattern(text: str) -> None:
    """Raise ``InvalidEventPatternException`` for what is no event pattern."""
    try:
        _parse_pattern(text)
    except InvalidPatternError as error:
        raise InvalidEventPatternException(str(error)) from None


def _check_schedule(expression: str) -> None:
    try:
        parse_schedule(expression)
    except InvalidScheduleError:
        raise ValidationException("Parameter ScheduleExpression is not valid.") from None


def _bus_name(entry: Mapping[str, Any]) -> str:
    name: str = entry.get("EventBusName") or "default"
    return name.rsplit("/", maxsplit=1)[-1]


def _entry_size(entry: Mapping[str, Any]) -> int:
    """Return the bytes of an entry as AWS counts them."""
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail")]
    texts += entry.get("Resources") or []
    return 14 * ("Time" in entry) + sum(len((text or "").encode()) for text in texts)


def _problem(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return code and sentence for an entry that cannot be taken."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            reason = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return "InvalidArgument", reason
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    return None if isinstance(detail, dict) else ("MalformedDetail", "Detail is malformed.")
