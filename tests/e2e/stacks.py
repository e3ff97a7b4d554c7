"""What ``aws cloudformation package`` and ``deploy`` do, with botocore."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalice.render import CODE_FILE, LAYER_FILE
from tests.cloud.waiting import wait_until
from tests.e2e.inventory import Account

BUCKET = "artifacts"


class Stack:
    """A stack of CloudFormation in an account."""

    def __init__(self, account: Account, name: str) -> None:
        self._account = account
        self.name = name

    def deploy(self, folder: Path) -> None:
        """Upload the zips in a folder, and create or update the stack of its template."""
        s3, cloudformation = self._account("s3"), self._account("cloudformation")
        s3.create_bucket(Bucket=BUCKET)
        text = (folder / "sam.json").read_text()
        for name in (CODE_FILE, LAYER_FILE):
            path = folder / name
            if path.exists():
                content = path.read_bytes()
                key = hashlib.sha256(content).hexdigest()
                s3.put_object(Bucket=BUCKET, Key=key, Body=content)
                text = text.replace(f"./{name}", f"s3://{BUCKET}/{key}")
        s3.put_object(Bucket=BUCKET, Key="template", Body=text.encode())
        exists = self._status() is not None
        call = cloudformation.update_stack if exists else cloudformation.create_stack
        call(
            StackName=self.name,
            TemplateURL=f"https://{BUCKET}.s3.amazonaws.com/template",
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        self._wait("UPDATE_COMPLETE" if exists else "CREATE_COMPLETE")

    def delete(self) -> None:
        """Delete the stack and all that is in it."""
        self._account("cloudformation").delete_stack(StackName=self.name)
        wait_until(lambda: self._status() in (None, "DELETE_COMPLETE", "DELETE_FAILED"))
        assert self._status() in (None, "DELETE_COMPLETE"), self._failures()

    def outputs(self) -> Mapping[str, str]:
        """Return the outputs of the stack."""
        (stack,) = self._account("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}

    def resources(self, kind: str) -> Mapping[str, str]:
        """Return the names of all resources of a type by their logical ids."""
        found = self._account("cloudformation").describe_stack_resources(StackName=self.name)
        return {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for each in found["StackResources"]
            if each["ResourceType"] == kind
        }

    def _status(self) -> str | None:
        client = self._account("cloudformation")
        try:
            (stack,) = client.describe_stacks(StackName=self.name)["Stacks"]
        except client.exceptions.ClientError:
            return None
        return str(stack["StackStatus"])

    def _wait(self, status: str) -> None:
        def is_settled() -> bool:
            return not str(self._status()).endswith("IN_PROGRESS")

        wait_until(is_settled)
        assert self._status() == status, self._failures()

    def _failures(self) -> str:
        client = self._account("cloudformation")
        events: list[Any] = client.describe_stack_events(StackName=self.name)["StackEvents"]
        failed = [each for each in reversed(events) if "FAILED" in each["ResourceStatus"]]
        keys = ("LogicalResourceId", "ResourceStatus", "ResourceStatusReason")
        return json.dumps([[each.get(key) for key in keys] for each in failed], indent=1)
