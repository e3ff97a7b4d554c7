"""Functions that write down what they are given, and queues to look into."""

from __future__ import annotations

import json
from typing import Any

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, make_function, unique
from tests.cloud.waiting import wait_until

RECORDER = """
import json

def handler(event, context):
    print("EVENT", json.dumps({"id": context.aws_request_id, "event": event}))
    if isinstance(event, dict) and event.get("fail"):
        raise ValueError(event["fail"])
    return {"took": event}
"""


class Recorder:
    """A function that writes its events into its log. ``may_call`` may invoke it."""

    def __init__(self, cloud: CloudStatus, *may_call: str, **settings: Any) -> None:
        self.name = unique("recorder")
        self.cloud = cloud
        self.arn = make_function(cloud, self.name, RECORDER, **settings)
        self._group = f"/aws/lambda/{self.name}"
        client(cloud, "logs").create_log_group(logGroupName=self._group)
        for service in may_call:
            self.permit(service)

    def permit(self, service: str, **conditions: str) -> None:
        """Let ``s3``, ``sns`` or ``events`` invoke the function."""
        client(self.cloud, "lambda").add_permission(
            FunctionName=self.name,
            StatementId=unique("may"),
            Action="lambda:InvokeFunction",
            Principal=f"{service}.amazonaws.com",
            **conditions,
        )

    def calls(self) -> list[dict[str, Any]]:
        """Return request id and event of each time the function ran so far."""
        found = client(self.cloud, "logs").filter_log_events(logGroupName=self._group)["events"]
        texts = [event["message"] for event in found]
        return [json.loads(text[6:]) for text in texts if text.startswith("EVENT ")]

    def wait(self, number: int = 1) -> list[Any]:
        """Wait until the function has seen that many events; return them."""
        wait_until(lambda: len(self.calls()) >= number)
        return [call["event"] for call in self.calls()]


class Inbox:
    """An SQS queue."""

    def __init__(self, cloud: CloudStatus, **attributes: str) -> None:
        self._sqs = client(cloud, "sqs")
        end = ".fifo" if attributes.get("FifoQueue") else ""
        name = unique("inbox") + end
        self.url = self._sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"

    def message(self) -> dict[str, Any]:
        """Wait for a message, delete and return it."""
        found: dict[str, Any] = {}

        def came() -> bool:
            got = self._sqs.receive_message(
                QueueUrl=self.url,
                MessageAttributeNames=["All"],
                AttributeNames=["All"],
                WaitTimeSeconds=1,
            )
            found.update(*got.get("Messages", []))
            return bool(found)

        wait_until(came)
        self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=found["ReceiptHandle"])
        return found

    def body(self) -> Any:
        """Wait for a message, and return its body, which is JSON."""
        return json.loads(self.message()["Body"])

    def is_empty(self) -> bool:
        """Whether no message is there now."""
        return not self._sqs.receive_message(QueueUrl=self.url).get("Messages")
