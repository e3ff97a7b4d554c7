"""Messages of an SNS topic.

https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

from chalice.runtime.events import BaseEventSourceConfig, BaseLambdaEvent
from chalice.runtime.events.handler import Registrar, event_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from chalice.runtime.events.handler import Decorate


class SNSEvent(BaseLambdaEvent):
    """One message; attributes are `{"name": {"Type": "String", "Value": "..."}}`."""

    EVENT_SOURCE = "aws:sns"

    message: str
    subject: str | None
    message_attributes: dict[str, Any]

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        message = event_dict["Records"][0]["Sns"]
        self.message = message["Message"]
        self.subject = message["Subject"]
        self.message_attributes = message["MessageAttributes"]


class SNSEventConfig(BaseEventSourceConfig):
    """A topic, by name or ARN, that triggers a function.

    Only messages that match the subscription's `filter_policy` count; None is any. It is about
    their attributes, or with the scope `MessageBody` about what they say, which then is JSON.
    """

    def __init__(
        self,
        name: str,
        handler_string: str,
        topic: str,
        filter_policy: dict[str, Any] | None = None,
        filter_policy_scope: str = "MessageAttributes",
    ) -> None:
        super().__init__(name, handler_string)
        self.topic = topic
        self.filter_policy = filter_policy
        self.filter_policy_scope = filter_policy_scope


class Triggers(Registrar):
    """The decorator of functions that messages of a topic trigger."""

    _event_type: str = "sns"
    _record: str = "SNSEventConfig"

    def on_sns_message(
        self,
        topic: str,
        name: str | None = None,
        *,
        filter_policy: dict[str, Any] | None = None,
        filter_policy_scope: str = "MessageAttributes",
    ) -> Decorate[SNSEvent, SNSEvent]:
        """Call the function with each message of a topic, given by name or ARN."""
        settings = {
            "topic": topic,
            "filter_policy": filter_policy,
            "filter_policy_scope": filter_policy_scope,
        }
        return event_handler(self, "on_sns_message", name, SNSEvent, settings)
