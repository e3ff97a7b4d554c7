"""Which items and attributes a call to DynamoDB touches, for policies that go by them.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from chalice.cloud.control.moto_settings import ACCOUNT

_EQUATION = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")


def of_items(parameters: Mapping[str, Any], region: str) -> dict[str, str | list[str]]:
    """Return ``dynamodb:LeadingKeys``, the partition keys, and ``dynamodb:Attributes``, as far as
    the call gives them.
    """
    values: dict[str, str | list[str]] = {}
    leading = list(_leading_keys(parameters, region))
    if leading:
        values["dynamodb:LeadingKeys"] = leading
    attributes = list(_attributes(parameters))
    if attributes:
        values["dynamodb:Attributes"] = attributes
    for name in ("Select", "ReturnValues", "ReturnConsumedCapacity"):
        if isinstance(parameters.get(name), str):
            values[f"dynamodb:{name}"] = parameters[name]
    return values


def _leading_keys(parameters: Mapping[str, Any], region: str) -> Iterator[str]:
    for table, item in _items(parameters):
        yield from _value(item.get(_partition_key(table, region)))
    wanted = _partition_key(parameters.get("TableName"), region)
    names = parameters.get("ExpressionAttributeNames") or {}
    values = parameters.get("ExpressionAttributeValues") or {}
    for name, value in _EQUATION.findall(parameters.get("KeyConditionExpression") or ""):
        if names.get(name, name) == wanted:
            yield from _value(values.get(value))


def _items(parameters: Mapping[str, Any]) -> Iterator[tuple[object, Mapping[str, Any]]]:
    """Yield the table of each item with its key, or the whole item."""
    for name in ("Key", "Item"):
        if name in parameters:
            yield parameters.get("TableName"), parameters[name]
    for table, asked in (parameters.get("RequestItems") or {}).items():
        if isinstance(asked, Mapping):
            yield from ((table, key) for key in asked.get("Keys") or ())
        else:
            writes = (request for each in asked for request in each.values())
            yield from ((table, write.get("Item") or write.get("Key") or {}) for write in writes)
    for each in parameters.get("TransactItems") or ():
        for write in each.values():
            yield write.get("TableName"), write.get("Item") or write.get("Key") or {}


def _attributes(parameters: Mapping[str, Any]) -> Iterator[str]:
    names = parameters.get("ExpressionAttributeNames") or {}
    yield from (str(name) for name in parameters.get("AttributesToGet") or ())
    for part in (parameters.get("ProjectionExpression") or "").split(","):
        if part.strip():
            yield str(names.get(part.strip(), part.strip()))
    yield from (str(name) for name in parameters.get("Item") or ())


def _partition_key(table: object, region: str) -> str:
    name = str(table).rpartition("/")[2]
    found = dynamodb_backends[ACCOUNT][region].tables.get(name)
    return "" if found is None else str(found.hash_key_attr)


def _value(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from (str(each) for kind, each in value.items() if kind in ("S", "N", "B"))
