"""The documentation and the JSON Schema say what the schema says."""

from __future__ import annotations

import jsonschema
import pytest

from chalice.config.reference import json_schema, markdown
from chalice.config.schema import KEYS


def test_every_key_is_documented_in_a_sentence() -> None:
    for name, key in KEYS.items():
        assert f"| `{name}`" in markdown()
        assert key.sentence.endswith(".")


@pytest.mark.parametrize(
    ("document", "valid"),
    [
        ({"app_name": "x"}, True),
        ({"version": "2.0"}, False),
        ({"app_name": "x", "stages": {"dev": {"lambda_timeout": 30}}}, True),
        ({"app_name": "x", "stages": {"dev": {"lambda_timeout": "30"}}}, False),
        ({"app_name": "x", "lambda_functions": {"job": {"xray": True}}}, True),
        ({"app_name": "x", "lambda_functions": {"job": {"xray": "yes"}}}, False),
        ({"app_name": "x", "reserved_concurrent_executions": -1}, False),
        ({"app_name": "x", "api_gateway_custom_domain": {"domain_name": "d"}}, False),
        ({"app_name": "x", "api_gateway_endpoint_vpce": ["a", "b"]}, True),
        ({"app_name": "x", "stray": 1}, True),
    ],
)
def test_the_json_schema_accepts_what_loads(document: dict[str, object], valid: bool) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert validator.is_valid(document) == valid
