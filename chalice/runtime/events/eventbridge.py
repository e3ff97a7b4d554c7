"""Events of EventBridge, which was called CloudWatch Events.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
"""

from __future__ import annotations

from chalice.runtime.events import BaseEventSourceConfig, BaseLambdaEvent
from chalice.runtime.events.handler import Registrar, event_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from chalice.runtime.events.handler import Decorate


class CloudWatchEvent(BaseLambdaEvent):
    """Something that happened, `detail`, or a point in time that a schedule names."""

    version: str
    account: str
    region: str
    detail: dict[str, Any]
    detail_type: str
    source: str
    time: str
    event_id: str
    resources: list[str]

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        self.version = event_dict["version"]
        self.account = event_dict["account"]
        self.region = event_dict["region"]
        self.detail = event_dict["detail"]
        self.detail_type = event_dict["detail-type"]
        self.source = event_dict["source"]
        self.time = event_dict["time"]
        self.event_id = event_dict["id"]
        self.resources = event_dict["resources"]

    @classmethod
    def recognizes(cls, event_dict: Any) -> bool:
        """Whether this is an event of EventBridge; the others name no `detail-type`."""
        return isinstance(event_dict, dict) and "detail-type" in event_dict


class CloudWatchEventConfig(BaseEventSourceConfig):
    """A pattern, `{"source": ["aws.ec2"]}`, whose events trigger a function.

    `event_bus` is the name or ARN of the bus that carries them, None for the default one.
    """

    def __init__(
        self,
        name: str,
        handler_string: str,
        event_pattern: dict[str, Any],
        event_bus: str | None = None,
    ) -> None:
        super().__init__(name, handler_string)
        self.event_pattern = event_pattern
        self.event_bus = event_bus


class Triggers(Registrar):
    """The decorator of functions that events trigger."""

    _event_type: str = "cloudwatch"
    _record: str = "CloudWatchEventConfig"

    def on_cw_event(
        self,
        event_pattern: dict[str, Any],
        name: str | None = None,
        *,
        event_bus: str | None = None,
    ) -> Decorate[CloudWatchEvent, CloudWatchEvent]:
        """Call the function with events of EventBridge that match the pattern.

        `event_bus` is the name or ARN of the bus, None for the default one.
        """
        settings = {"event_pattern": event_pattern, "event_bus": event_bus}
        return event_handler(self, "on_cw_event", name, CloudWatchEvent, settings)
