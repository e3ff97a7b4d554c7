"""How long CloudWatch Logs keeps events.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from botocore.exceptions import ClientError

from chalice.aws.calls import code_of, doing, or_none
from chalice.aws.session import Session
from chalice.model.functions import LogGroup
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Outputs


class LogGroups:
    """Log groups, of which we own the retention and nothing else."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _logs(self) -> Any:
        return self._session.client("logs")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the group of that name, if it has a retention."""
        found = self._describe(identity["log_group_name"])
        return None if found is None else {"log_group_name": found["logGroupName"]}

    def read(self, record: Record) -> Found | None:
        """Return the group with its retention in days (0: events are kept for ever)."""
        name = record.outputs["log_group_name"]
        found = self._describe(name)
        if found is None:
            return None
        days = found.get("retentionInDays", 0)
        group = LogGroup(name=record.name, log_group_name=name, retention_in_days=days)
        return Found(group, record.outputs)

    def create(self, group: LogGroup) -> Outputs:
        """Make the group, unless the function has made it already, and set its retention."""
        with doing(f"creating log group {group.log_group_name}"):
            try:
                self._logs.create_log_group(logGroupName=group.log_group_name)
            except ClientError as error:
                if code_of(error) != "ResourceAlreadyExistsException":
                    raise
        return self._retain(group)

    def update(self, group: LogGroup, record: Record, fields: Collection[str]) -> Outputs:
        """Set the retention."""
        return self._retain(group)

    def delete(self, record: Record) -> None:
        """Delete the retention; the group and its events stay."""
        name = record.outputs["log_group_name"]
        with doing(f"deleting the retention of log group {name}"):
            or_none(lambda: self._logs.delete_retention_policy(logGroupName=name))

    def _retain(self, group: LogGroup) -> Outputs:
        with doing(f"setting the retention of log group {group.log_group_name}"):
            self._logs.put_retention_policy(
                logGroupName=group.log_group_name, retentionInDays=group.retention_in_days
            )
        return {"log_group_name": group.log_group_name}

    def _describe(self, name: str) -> Any:
        with doing(f"looking for log group {name}"):
            pages = self._logs.get_paginator("describe_log_groups")
            for page in pages.paginate(logGroupNamePrefix=name):
                for group in page["logGroups"]:
                    if group["logGroupName"] == name:
                        return group
        return None
