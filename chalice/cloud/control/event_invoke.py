"""Asynchronous events as Lambda's control plane knows them: settings, and events not yet done.

moto keeps the first settings of a function for ever, knows no qualifiers, and forgets dead letter
queues.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import InvalidParameterValueException, UnknownEventConfig
from moto.awslambda.models import EventInvokeConfig, LambdaBackend
from moto.awslambda.responses import LambdaResponse
from moto.core.common_types import TYPE_RESPONSE

LATEST = "$LATEST"
_DESTINATIONS = ("sqs", "sns", "lambda", "events", "s3")
_SETTINGS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")


@dataclass(slots=True)
class WaitingEvent:
    """An event that Lambda took for the function ``arn`` and is not done with.

    ``request_id`` is the same each time the function runs on it. ``taken_at`` is in seconds since
    1970. ``attempts`` counts the times that the function failed.
    """

    request_id: str
    arn: str
    payload: bytes
    taken_at: float
    attempts: int = 0


class WaitingEvents:
    """The events of one region that are not done with. They change while a snapshot is made."""

    def __init__(self, events: Iterable[WaitingEvent] = ()) -> None:
        self._events = {event.request_id: event for event in events}

    def __reduce__(self) -> tuple[type[WaitingEvents], tuple[list[WaitingEvent]]]:
        return WaitingEvents, (self.all(),)

    def add(self, event: WaitingEvent) -> None:
        """Keep an event."""
        self._events[event.request_id] = event

    def discard(self, event: WaitingEvent) -> None:
        """Forget an event, if it is there."""
        self._events.pop(event.request_id, None)

    def all(self) -> list[WaitingEvent]:
        """Return them, oldest first."""
        return list(self._events.values())


@dataclass(frozen=True, slots=True)
class EventSettings:
    """How the events of one function end. None means Lambda's own limit, or no destination."""

    retries: int | None = None
    max_age: float | None = None
    on_success: str | None = None
    on_failure: str | None = None
    dead_letters: str | None = None


def settings_of(config: Mapping[str, Any], dead_letters: str | None) -> EventSettings:
    """Return the settings in the members of a PutFunctionEventInvokeConfig request."""
    destinations = config.get("DestinationConfig") or {}
    return EventSettings(
        retries=config.get("MaximumRetryAttempts"),
        max_age=config.get("MaximumEventAgeInSeconds"),
        on_success=destinations.get("OnSuccess", {}).get("Destination"),
        on_failure=destinations.get("OnFailure", {}).get("Destination"),
        dead_letters=dead_letters,
    )


def dead_letter_target(config: Mapping[str, Any] | None) -> str | None:
    """Return the ARN in a ``DeadLetterConfig``; none means no dead letters."""
    target = (config or {}).get("TargetArn") or None
    if target is not None and target.split(":")[2:3] not in (["sqs"], ["sns"]):
        raise InvalidParameterValueException(
            f"The provided dead letter target {target} is neither an SQS queue nor an SNS topic."
        )
    return target


class EventInvokeBackend(LambdaBackend):
    """The asynchronous side of the functions of one region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.waiting_events = WaitingEvents()
        self._event_configs: dict[tuple[str, str], dict[str, Any]] = {}

    def event_settings(self, name: str, qualifier: str | None) -> EventSettings:
        """Return how events for that version or alias of a function end."""
        function = self.get_function(name, qualifier)
        config = self._event_configs.get((function.function_name, qualifier or LATEST), {})
        dead_letters: str | None = vars(function).get("dead_letters")
        return settings_of(config, dead_letters)

    def put_event_config(
        self, name: str, qualifier: str, settings: Mapping[str, Any], *, keep: bool
    ) -> dict[str, Any]:
        """Set the settings given; with ``keep``, the others stay as they are."""
        key = self._event_config_key(name, qualifier)
        given = {each: settings[each] for each in _SETTINGS if settings.get(each) is not None}
        EventInvokeConfig("", "", given)  # which says what is wrong with them
        for side in (given.get("DestinationConfig") or {}).values():
            arn = (side or {}).get("Destination")
            if arn and arn.split(":")[2:3][0] not in _DESTINATIONS:
                raise InvalidParameterValueException(f"The destination ARN {arn} is invalid.")
        before = self._event_configs.get(key, {}) if keep else {}
        function = self.get_function(key[0], key[1] if key[1] != LATEST else None)
        arn = f"{function.function_arn.rpartition(':function:')[0]}:function:{':'.join(key)}"
        self._event_configs[key] = {
            **before,
            **given,
            "FunctionArn": arn,
            "LastModified": time.time(),
        }
        return self.event_config(name, qualifier)

    def event_config(self, name: str, qualifier: str) -> dict[str, Any]:
        """Return the settings as AWS shows them. Raises ``UnknownEventConfig``."""
        key = self._event_config_key(name, qualifier)
        if key not in self._event_configs:
            function = self.get_function(key[0])
            raise UnknownEventConfig(f"{function.function_arn}:{key[1]}")
        found = self._event_configs[key]
        shown = {"OnSuccess": {}, "OnFailure": {}, **(found.get("DestinationConfig") or {})}
        return {**found, "DestinationConfig": shown}

    def delete_event_config(self, name: str, qualifier: str) -> None:
        """Forget the settings. Raises ``UnknownEventConfig``."""
        self.event_config(name, qualifier)
        del self._event_configs[self._event_config_key(name, qualifier)]

    def event_configs(self, name: str) -> list[dict[str, Any]]:
        """Return the settings of every version and alias of a function."""
        function = self.get_function(name).function_name
        keys = [key for key in self._event_configs if key[0] == function]
        return [self.event_config(*key) for key in keys]

    def forget_event_configs(self, name: str) -> None:
        """The function was deleted."""
        for key in [key for key in self._event_configs if key[0] == name]:
            del self._event_configs[key]

    def _event_config_key(self, name: str, qualifier: str) -> tuple[str, str]:
        function = self.get_function(name, qualifier if qualifier != LATEST else None)
        return function.function_name, qualifier


class EventInvokeResponse(LambdaResponse):
    """One request about asynchronous events."""

    @property
    def _events(self) -> EventInvokeBackend:
        backend = self.backend
        assert isinstance(backend, EventInvokeBackend)
        return backend

    def _function(self) -> tuple[str, str]:
        """Name and qualifier of the function in the path and the query."""
        name = unquote(self.path.split("/functions/")[1].split("/")[0])
        given: str | None = self._get_param("Qualifier")
        if name.startswith("arn:") and name.count(":") == 7:
            name, _, in_arn = name.rpartition(":")
            given = given or in_arn
        elif not name.startswith("arn:") and ":" in name and ":function:" not in name:
            name, _, in_name = name.partition(":")
            given = given or in_name
        return name, given or LATEST

    def put_function_event_invoke_config(self) -> TYPE_RESPONSE:  # type: ignore[override]
        """Answer PutFunctionEventInvokeConfig."""
        config = self._events.put_event_config(*self._function(), self.json_body, keep=False)
        return 200, {"status": 200}, json.dumps(config)

    def update_function_event_invoke_config(self) -> TYPE_RESPONSE:  # type: ignore[override]
        """Answer UpdateFunctionEventInvokeConfig."""
        config = self._events.put_event_config(*self._function(), self.json_body, keep=True)
        return 200, {"status": 200}, json.dumps(config)

    def get_function_event_invoke_config(self) -> TYPE_RESPONSE:  # type: ignore[override]
        """Answer GetFunctionEventInvokeConfig."""
        return 200, {"status": 200}, json.dumps(self._events.event_config(*self._function()))

    def delete_function_event_invoke_config(self) -> TYPE_RESPONSE:
        """Answer DeleteFunctionEventInvokeConfig."""
        self._events.delete_event_config(*self._function())
        return 204, {"status": 204}, ""

    def list_function_event_invoke_configs(self) -> TYPE_RESPONSE:  # type: ignore[override]
        """Answer ListFunctionEventInvokeConfigs."""
        configs = self._events.event_configs(self._function()[0])
        return 200, {"status": 200}, json.dumps({"FunctionEventInvokeConfigs": configs})
