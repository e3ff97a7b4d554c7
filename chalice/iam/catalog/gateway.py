"""API Gateway, whose actions are HTTP methods and whose resources are paths.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
"""

from __future__ import annotations

import re
from urllib.parse import quote

from chalice.iam.catalog.calls import Call, Need


def need_of(route: str, call: Call) -> Need:
    """Return the need of an operation with a route such as ``GET /restapis/{restApiId}``."""
    method, _, path = route.partition(" ")
    filled = re.sub(r"\{(\w+)\}", lambda found: _segment(call.text(found[1])), path)
    return Need(f"apigateway:{method}", (call.place.arn("apigateway", filled, account=False),))


def _segment(value: str) -> str:
    return quote(value, safe="*${}") if value.startswith("arn:") else value
