"""The logical ids of resources in a template, which templates to merge rely on."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chalice.errors import ToolError

FIXED = {
    "api_handler": "APIHandler",
    "rest_api": "RestAPI",
    "websocket_api": "WebsocketAPI",
}
"""Ids that do not follow from the name."""


def logical_id(name: str) -> str:
    """Return the id of a resource: ``foo_bar-baz`` is ``FooBarBaz``."""
    if name in FIXED:
        return FIXED[name]
    parts = (re.sub("[^A-Za-z0-9]", "", part) for part in re.split("[-_]", name))
    return "".join(part[:1].upper() + part[1:] for part in parts)


def logical_ids(names: Iterable[str]) -> dict[str, str]:
    """Return the id of each resource. Raises ToolError when two would have the same one."""
    ids: dict[str, str] = {}
    owners: dict[str, str] = {}
    for name in names:
        id_ = logical_id(name)
        other = owners.setdefault(id_, name)
        if other != name:
            raise ToolError(
                f"a duplicate resource name was generated for the SAM template: {id_}",
                hint=f"rename `{other}` or `{name}`",
            )
        ids[name] = id_
    return ids
