"""The logical ids of resources in a template, which templates to merge rely on."""

from __future__ import annotations

import re
from collections.abc import Mapping

FIXED: Mapping[str, str] = {
    "api_handler": "APIHandler",
    "rest_api": "RestAPI",
    "http_api": "HttpAPI",
    "websocket_api": "WebsocketAPI",
}
"""Ids that do not follow from the name."""


def logical_id(name: str) -> str:
    """Return the id of a resource: ``foo_bar-baz`` is ``FooBarBaz``."""
    if name in FIXED:
        return FIXED[name]
    parts = (re.sub("[^A-Za-z0-9]", "", part) for part in re.split("[-_]", name))
    return "".join(part[:1].upper() + part[1:] for part in parts)
