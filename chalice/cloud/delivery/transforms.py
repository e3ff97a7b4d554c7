"""What a target of a rule gets of an event: all of it, a part, a text, or a template filled in.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from chalice.cloud.delivery.times import iso_seconds

_PATH = re.compile(r"\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]")
_PLACEHOLDER = re.compile(r"<([\w.-]+)>")


class InvalidInputError(Exception):
    """A target's input cannot be made. ``str()`` says why."""


def input_of(target: Mapping[str, Any], event: Mapping[str, Any], rule_arn: str, now: float) -> str:
    """Return the text that ``target``, an entry of PutTargets, gets. Raises ``InvalidInputError``.

    ``now`` is when EventBridge took the event, in seconds since 1970.
    """
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return dumps(extract(event, target["InputPath"]))
    transformer = target.get("InputTransformer")
    if transformer is None:
        return dumps(event)
    return _fill(transformer, event, rule_arn, now)


def extract(document: object, path: str) -> object:
    """Return what ``$.detail.items[0]`` names in ``document``, None if there is no such thing.

    Raises ``InvalidInputError``.
    """
    if not path.startswith("$"):
        raise InvalidInputError(f"Invalid JSONPath: {path}")
    position = 1
    while position < len(path):
        step = _PATH.match(path, position)
        if step is None:
            raise InvalidInputError(f"Invalid JSONPath: {path}")
        position = step.end()
        name, index = step[1] or step[3], step[2]
        if name is not None:
            document = document.get(name) if isinstance(document, Mapping) else None
        elif isinstance(document, list) and int(index) < len(document):
            document = document[int(index)]
        else:
            document = None
    return document


def dumps(value: object) -> str:
    """Return JSON as EventBridge writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _fill(
    transformer: Mapping[str, Any], event: Mapping[str, Any], rule_arn: str, now: float
) -> str:
    template: str = transformer["InputTemplate"]
    paths: Mapping[str, str] = transformer.get("InputPathsMap") or {}
    values: dict[str, object] = {name: extract(event, path) for name, path in paths.items()}
    without_detail = {name: value for name, value in event.items() if name != "detail"}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        "aws.events.event.ingestion-time": iso_seconds(now),
        "aws.events.event": without_detail,
        "aws.events.event.json": event,
    }
    filled = "".join(_parts(template, values))
    if filled.lstrip()[:1] in ("{", "[", '"'):
        try:
            return dumps(json.loads(filled))
        except ValueError as error:
            raise InvalidInputError(f"the filled template is not JSON: {error}") from None
    return filled


def _parts(template: str, values: Mapping[str, object]) -> list[str]:
    """Return the template in pieces, values instead of placeholders.

    Within quotes a value becomes text; elsewhere it stays what it is in JSON.
    """
    parts: list[str] = []
    quoted, position = False, 0
    plain = template.lstrip()[:1] not in ("{", "[", '"')
    while position < len(template):
        found = _PLACEHOLDER.match(template, position)
        if found is not None and found[1] in values:
            value = values[found[1]]
            if quoted or plain:
                text = value if isinstance(value, str) else "" if value is None else dumps(value)
                parts.append(text if plain else json.dumps(text, ensure_ascii=False)[1:-1])
            else:
                parts.append(dumps(value))
            position = found.end()
            continue
        length = 2 if quoted and template[position] == "\\" else 1
        if template[position] == '"':
            quoted = not quoted
        parts.append(template[position : position + length])
        position += length
    return parts
