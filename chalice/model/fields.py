"""What the planner is told about a field of a resource, as ``dataclasses.field(metadata=…)``."""

from __future__ import annotations

from collections.abc import Mapping

FIXED: Mapping[str, object] = {"fixed": True}
"""AWS cannot change it in place: a change replaces the resource."""

SOLE: Mapping[str, object] = {**FIXED, "sole": True}
"""Fixed, and AWS keeps but one of an identity: the old one goes before the new one is made."""

IDENTITY: Mapping[str, object] = {"identity": True}
"""Part of what tells the resource from all others of its kind, known before it exists."""

NAME: Mapping[str, object] = {**FIXED, **IDENTITY}
"""Both: it names the resource, for good."""

TAGS: Mapping[str, object] = {"tags": True}
"""A mapping of which only our own keys are compared."""

SOLE_NAME: Mapping[str, object] = {**SOLE, **IDENTITY}
"""It names the resource, and AWS takes no second one beside it even under another name."""

DIGEST: Mapping[str, object] = {"digest": True}
"""A document that is compared by its digest: AWS does not give it back as it was sent."""

PARAMETERS: Mapping[str, object] = {"parameters": True}
"""A mapping of which only the keys that are wanted are compared, and so in every object inside."""
