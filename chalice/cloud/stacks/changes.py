"""What a new version of a stack would change, without changing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from chalice.cloud.stacks.blueprints import Blueprint, Definition
from chalice.cloud.stacks.expressions import references
from chalice.cloud.stacks.kinds import kind_of
from chalice.cloud.stacks.store import Stack, Version

Recreation = Literal["Never", "Conditionally", "Always"]


def differs(stack: Stack, version: Version) -> bool:
    """Whether an update to ``version`` would do anything."""
    old = stack.version
    if old is None:
        return True
    return (
        old.blueprint != version.blueprint
        or dict(old.tags) != dict(version.tags)
        or old.role != version.role
        or old.topics != version.topics
        or set(stack.made) != set(version.blueprint.definitions)
    )


def show_changes(stack: Stack, version: Version) -> list[dict[str, Any]]:
    """Return ``Changes`` as the API shows them."""
    old = stack.version.blueprint if stack.version else Blueprint()
    new = version.blueprint.definitions
    retagged = stack.version is not None and stack.version.tags != version.tags
    replaced: dict[str, Recreation] = {}
    shown = []
    for name, definition in new.items():
        made = stack.made.get(name)
        if made is None:
            shown.append(_change("Add", definition))
            continue
        before = old.definitions.get(name, made.definition)
        details = _details(before, definition, replaced)
        if retagged and kind_of(definition.type).tags is not None:
            details.append(_detail("Tags", None, "Never"))
        if not details:
            continue
        needs = [each["Target"]["RequiresRecreation"] for each in details]
        is_replaced: Mapping[bool, str] = {True: "True", False: "False"}
        if "Conditionally" in needs and "Always" not in needs:
            replacement = "Conditional"
        else:
            replacement = is_replaced["Always" in needs]
        if replacement != "False":
            replaced[name] = "Always" if replacement == "True" else "Conditionally"
        physical = {"PhysicalResourceId": made.physical_id, "Replacement": replacement}
        scope = sorted({each["Target"]["Attribute"] for each in details})
        more = {**physical, "Scope": scope, "Details": details}
        shown.append(_change("Modify", definition, **more))
    for name, made in stack.made.items():
        if name not in new:
            physical = {"PhysicalResourceId": made.physical_id}
            shown.append(_change("Remove", made.definition, **physical))
    return shown


def _details(
    before: Definition, after: Definition, replaced: Mapping[str, Recreation]
) -> list[dict[str, Any]]:
    kind = kind_of(after.type)
    found = []
    for name in sorted({*before.properties, *after.properties}):
        is_fixed = name in kind.fixed or not kind.can_change
        old, new = before.properties.get(name), after.properties.get(name)
        if old != new:
            waits = any(True for _ in references([old, new]))
            need: Recreation = "Never"
            if is_fixed:
                need = "Conditionally" if waits else "Always"
            found.append(_detail("Properties", name, need))
            continue
        for other in set(references(new)) & set(replaced):
            found.append(_detail("Properties", name, replaced[other] if is_fixed else "Never"))
    if before.metadata != after.metadata:
        found.append(_detail("Metadata", None, "Never"))
    return found


def _detail(attribute: str, name: str | None, need: Recreation) -> dict[str, Any]:
    target = {"Attribute": attribute, "RequiresRecreation": need}
    if name is not None:
        target["Name"] = name
    return {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"}


def _change(action: str, definition: Definition, **more: Any) -> dict[str, Any]:
    about = {
        "Action": action,
        "LogicalResourceId": definition.logical_id,
        "ResourceType": definition.type,
        **more,
    }
    return {"Type": "Resource", "ResourceChange": about}
