"""Logical ids are those that existing templates merge with."""

from __future__ import annotations

import pytest

from chalice.render.ids import logical_id


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("foo_bar-baz", "FooBarBaz"),
        ("s3Bucket", "S3Bucket"),
        ("_foo_bar", "FooBar"),
        ("second-auth", "SecondAuth"),
        ("api_handler", "APIHandler"),
        ("rest_api", "RestAPI"),
    ],
)
def test_an_id_follows_from_the_name(name: str, expected: str) -> None:
    assert logical_id(name) == expected
