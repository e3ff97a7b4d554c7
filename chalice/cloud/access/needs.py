"""What a call needs: its IAM actions, and the resources that these have to be allowed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalice.cloud.access.calls import Call
from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.iam import catalog

_OPEN = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")}
"""Everybody may make these calls, whatever policies say."""


@dataclass(frozen=True, slots=True)
class Need:
    """One action that has to be allowed on each of the resources, ARNs or ``*``."""

    action: str
    resources: tuple[str, ...] = ("*",)


def needs_of(call: Call, region: str, partition: str) -> Sequence[Need]:
    """Return what a call needs; nothing when everybody may make it.

    What the call would need in addition in some state of the resource (a table whose key is the
    user's own) is not asked for. A call that nobody documents needs the action of its own name.
    """
    if (call.service, call.operation) in _OPEN:
        return []
    place = catalog.Place(region, ACCOUNT, partition)
    if call.is_known:
        try:
            found = catalog.needs(call.service, call.operation, call.parameters, place)
        except catalog.UndocumentedError as error:
            return [Need(error.action)]
        except catalog.UnknownOperationError:
            pass
        else:
            return [Need(each.action, each.resources) for each in found if each.perhaps is None]
    return [Need(f"{_prefix(call)}:{call.operation}")]


def _prefix(call: Call) -> str:
    try:
        return catalog.prefix_of(call.service)
    except LookupError:
        return call.scope
