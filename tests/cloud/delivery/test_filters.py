"""Filters of mappings: what they are matched with, by source."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from chalice.cloud.delivery.filters import Filters


def message(body: str, **more: Any) -> dict[str, Any]:
    return {"messageId": "1", "body": body, "eventSource": "aws:sqs", **more}


def kinesis(data: bytes, key: str = "k") -> dict[str, Any]:
    encoded = base64.b64encode(data).decode()
    return {"kinesis": {"data": encoded, "partitionKey": key}, "eventName": "aws:kinesis:record"}


def change(**images: Any) -> dict[str, Any]:
    return {"eventName": "MODIFY", "dynamodb": images}


CASES: list[tuple[Any, dict[str, Any], bool]] = [
    ({"body": {"a": [1]}}, message('{"a": 1}'), True),
    ({"body": {"a": [1]}}, message('{"a": 2}'), False),
    ({"body": {"a": [1]}}, message("a"), False),
    ({"body": {"a": [{"exists": False}]}}, message("a"), False),
    ({"body": ["a"]}, message("a"), True),
    ({"body": [{"prefix": "a"}]}, message("abc"), True),
    ({"body": ["5"]}, message("5"), True),
    ({"body": [{"anything-but": "a"}]}, message('{"a": 1}'), False),
    ({"body": {"a": [1]}}, message('[{"a": 2}, {"a": 1}]'), True),
    ({"eventSource": ["aws:sqs"]}, message("anything"), True),
    ({"attributes": {"SenderId": ["x"]}}, message("", attributes={"SenderId": "x"}), True),
    ({"data": {"a": [1]}}, kinesis(b'{"a": 1}'), True),
    ({"data": {"a": [1]}}, kinesis(b"\xff"), False),
    ({"data": {"a": [{"exists": False}]}}, kinesis(b"text"), False),
    ({"partitionKey": ["k"]}, kinesis(b"\xff"), True),
    ({"kinesis": {"data": {"a": [1]}}}, kinesis(b'{"a": 1}'), True),
    ({"dynamodb": {"NewImage": {"n": {"S": ["x"]}}}}, change(NewImage={"n": {"S": "x"}}), True),
    ({"dynamodb": {"NewImage": {"n": {"S": ["x"]}}}}, change(NewImage={"n": {"S": "y"}}), False),
    ({"dynamodb": {"OldImage": {"n": {"S": [{"exists": False}]}}}}, change(), True),
    ({"eventName": ["INSERT", "REMOVE"]}, change(), False),
]


@pytest.mark.parametrize(("pattern", "record", "passes"), CASES)
def test_a_record_passes_a_filter_as_aws_says(
    pattern: Any, record: dict[str, Any], passes: bool
) -> None:
    filters = Filters({"Filters": [{"Pattern": json.dumps(pattern)}]})
    assert filters.let_through(record) is passes


@pytest.mark.parametrize("criteria", [None, {}, {"Filters": []}])
def test_everything_passes_no_filter(criteria: Any) -> None:
    filters = Filters(criteria)
    assert not filters
    assert filters.let_through(message("x"))


def test_one_filter_is_enough() -> None:
    patterns = [{"body": ["a"]}, {"body": ["b"]}]
    filters = Filters({"Filters": [{"Pattern": json.dumps(each)} for each in patterns]})
    assert [filters.let_through(message(body)) for body in "abc"] == [True, True, False]
