"""Messages of an SNS topic.

https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

from chalice.runtime.events import BaseEventSourceConfig, BaseLambdaEvent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


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

    Only messages whose attributes match the subscription's `filter_policy` count; None is any.
    """

    def __init__(
        self,
        name: str,
        handler_string: str,
        topic: str,
        filter_policy: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(name, handler_string)
        self.topic = topic
        self.filter_policy = filter_policy
