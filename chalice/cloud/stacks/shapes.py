"""Properties of templates as parameters of calls: botocore's models say how the latter look.

Templates write ``Timeout: "30"`` and ``RestApiId``, a call takes ``30`` and ``restApiId``; a policy
is an object in one and text in the other. What a call does not know is an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from chalice.cloud.stacks.errors import ResourceError


def shaped(shape: Shape, value: Any, where: str = "#") -> Any:
    """Return a value in the form that a call takes. Raises ``ResourceError``."""
    match shape:
        case StructureShape() if shape.is_document_type:
            return value
        case StructureShape():
            return _structure(shape, value, where)
        case ListShape():
            listed = value if isinstance(value, list | tuple | set | frozenset) else [value]
            return [shaped(shape.member, each, f"{where}/{at}") for at, each in enumerate(listed)]
        case MapShape():
            if not isinstance(value, Mapping):
                raise ResourceError(f"{where}: expected type: JSONObject, found: {_kind(value)}")
            return {
                str(name): shaped(shape.value, each, f"{where}/{name}")
                for name, each in value.items()
            }
    return _scalar(shape, value, where)


def _structure(shape: StructureShape, value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ResourceError(f"{where}: expected type: JSONObject, found: {_kind(value)}")
    known = {name.lower(): name for name in shape.members}
    found = {}
    for name, each in value.items():
        member = known.get(str(name).lower())
        if member is None:
            raise ResourceError(f"{where}: extraneous key [{name}] is not permitted")
        found[member] = shaped(shape.members[member], each, f"{where}/{name}")
    return found


def _scalar(shape: Shape, value: Any, where: str) -> Any:
    try:
        match shape.type_name:
            case "string" | "character":
                return text_of(value)
            case "integer" | "long":
                return int(value)
            case "float" | "double":
                return float(value)
            case "boolean":
                return truth_of(value)
            case "blob":
                return value.encode() if isinstance(value, str) else value
    except (TypeError, ValueError):
        raise ResourceError(
            f"{where}: expected type: {shape.type_name.capitalize()}, found: {_kind(value)}"
        ) from None
    return value


def text_of(value: Any) -> str:
    """Return a property as text: an object, such as a policy, as JSON."""
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case dict() | list():
            return json.dumps(value)
    return str(value)


def truth_of(value: Any) -> bool:
    """Return a property that is true or false. Raises ``ValueError``."""
    match value:
        case bool():
            return value
        case str() if value.lower() in ("true", "false"):
            return value.lower() == "true"
    raise ValueError(value)


def _kind(value: Any) -> str:
    match value:
        case Mapping():
            return "JSONObject"
        case list():
            return "JSONArray"
        case str():
            return "String"
        case bool():
            return "Boolean"
    return "Number"
