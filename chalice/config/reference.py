"""The configuration schema for people, as Markdown, and for editors, as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping

from chalice.config.kinds import JsonSchema, Sections
from chalice.config.schema import KEYS, NAMES, Key, Scope, names_at
from chalice.config.tables import DOMAIN, LOCAL, USAGE_PLAN

SCOPE_WORDS: Mapping[Scope, str] = {
    "global": "top level",
    "stage": "top level, stage",
    "function": "top level, stage, function",
}


def markdown() -> str:
    """Return the documentation of all keys, in tables."""
    lines = ["| Key | Type | Default | Where | Meaning |", "|---|---|---|---|---|"]
    lines += [_row(key) for key in KEYS.values()]
    tables = ("A custom domain", DOMAIN), ("A usage plan", USAGE_PLAN), ("`local`", LOCAL)
    for title, table in tables:
        lines += ["", f"{title} is an object with these keys:", ""]
        lines += ["| Key | Type | Required | Meaning |", "|---|---|---|---|"]
        for name, field in table.fields.items():
            required = "yes" if field.required else "no"
            lines.append(f"| `{name}` | {field.kind.words} | {required} | {field.sentence} |")
    return "\n".join(lines) + "\n"


def json_schema() -> JsonSchema:
    """Return a JSON Schema (draft 2020-12) that editors can complete and check the file with."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": ".chalice/config.json",
        **_object("global"),
        "required": ["app_name"],
        "$defs": {"stage": _object("stage"), "function": _object("function")},
    }


def _row(key: Key[object]) -> str:
    name = f"`{key.name}`" + "".join(f" (or `{alias}`)" for alias in key.aliases)
    default = "" if key.default in (None, (), {}, "") else f"`{_json(key.default)}`"
    where = SCOPE_WORDS[key.scope]
    return f"| {name} | {key.kind.words} | {default} | {where} | {key.sentence} |"


def _json(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _object(level: Scope) -> JsonSchema:
    properties: dict[str, object] = {}
    for name in names_at(level):
        key = NAMES[name]
        schema = key.kind.json_schema()
        if isinstance(key.kind, Sections):
            schema["additionalProperties"] = {"$ref": f"#/$defs/{key.kind.of}"}
        schema["description"] = key.sentence
        properties |= dict.fromkeys(key.names, schema)
    return {"type": "object", "properties": properties}
