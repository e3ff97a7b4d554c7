"""What a call needs: its IAM actions, and the resources that these have to be allowed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chalice.cloud.access.calls import Call


@dataclass(frozen=True, slots=True)
class Need:
    action: str
    resources: tuple[str, ...] = ("*",)


def needs_of(call: Call, region: str, account: str, partition: str) -> list[Need]:
    return [Need(f"{call.scope}:{call.operation}")]
