"""What the cloud itself answers about access: policies enforced or not, recorded calls and their
code, and signatures.

```
GET    /_chalice/enforcement                 {"enforced": true}
PUT    /_chalice/enforcement                 takes the same
PUT    /_chalice/callers                     {"recorded": true}
GET    /_chalice/calls?after=0&limit=1000    {"cursor": 7, "missed": false, "calls": [...]}
DELETE /_chalice/calls                       forgets them
POST   /_chalice/signatures                  who signed a request to an API: {"principal": {...}}
                                             or {"refused": {"type": ..., "message": ...}}
POST   /_chalice/decisions                   what policies let a principal do: {"decision": ...}
```

The last two are for servers of APIs beside the cloud; `chalice.local.cloud` asks them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import parse_qs

from chalice.cloud.access.authority import Authority
from chalice.cloud.access.records import KEPT, Records
from chalice.cloud.functions import Executor
from chalice.cloud.functions.sandbox.bootstrap import CALLERS
from chalice.gateway.signatures import (
    Principal,
    SignatureRefusedError,
    Signatures,
    SignedRequest,
)

Answer: TypeAlias = tuple[int, Mapping[str, object]]


def answer_enforcement(authority: Authority, method: str, body: bytes) -> Answer:
    """Say whether policies are enforced, after a change of that if asked."""
    if method == "PUT":
        wanted = _switch(body, "enforced")
        if wanted is None:
            return 400, {"message": 'expected {"enforced": true} or {"enforced": false}'}
        authority.enforced = wanted
    elif method != "GET":
        return 405, {"message": "Method Not Allowed"}
    return 200, {"enforced": authority.enforced}


def answer_callers(executor: Executor, method: str, body: bytes) -> Answer:
    """Let functions say which of their lines make calls, or no longer."""
    if method != "PUT":
        return 405, {"message": "Method Not Allowed"}
    wanted = _switch(body, "recorded")
    if wanted is None:
        return 400, {"message": 'expected {"recorded": true} or {"recorded": false}'}
    executor.add_variables({CALLERS: "1"} if wanted else {})
    return 200, {"recorded": wanted}


def _switch(body: bytes, name: str) -> bool | None:
    try:
        wanted = json.loads(body)[name]
    except (ValueError, KeyError, TypeError):
        return None
    return wanted if isinstance(wanted, bool) else None


def answer_calls(records: Records, method: str, query: str) -> Answer:
    """Return recorded calls, or forget them."""
    if method == "DELETE":
        records.clear()
        return 200, {}
    if method != "GET":
        return 405, {"message": "Method Not Allowed"}
    given = {name: values[0] for name, values in parse_qs(query).items()}
    after, limit = given.get("after", "0"), given.get("limit", str(KEPT))
    if not (after.isdigit() and limit.isdigit()):
        return 400, {"message": "`after` and `limit` are numbers"}
    return 200, records.since(int(after), int(limit))


async def answer_signature(signatures: Signatures, body: bytes) -> Answer:
    """Say who signed a request to an API, or in AWS's words why that is not known."""
    try:
        asked = json.loads(body)
        request = SignedRequest(
            str(asked["method"]),
            str(asked["path"]),
            str(asked["query"]),
            [(str(name), str(value)) for name, value in asked["headers"]],
            base64.b64decode(asked["body"]),
            float(asked["now"]),
        )
        service, region = str(asked["service"]), str(asked["region"])
    except (ValueError, KeyError, TypeError):
        return 400, {"message": "expected a signed request, its service and region"}
    try:
        principal = await signatures.verify(request, service, region)
    except SignatureRefusedError as refused:
        return 200, {"refused": {"type": refused.error_type, "message": str(refused)}}
    return 200, {
        "principal": {
            "account": principal.account,
            "arn": principal.arn,
            "user_id": principal.user_id,
            "access_key": principal.access_key,
        }
    }


async def answer_decision(signatures: Signatures, body: bytes) -> Answer:
    """Say what policies let a principal do: ``ALLOWED``, ``DENIED`` or ``NOT_ALLOWED``."""
    try:
        asked = json.loads(body)
        principal = Principal(**{name: str(value) for name, value in asked["principal"].items()})
        action, resource = str(asked["action"]), str(asked["resource"])
        context = {str(name): str(value) for name, value in asked["context"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return 400, {"message": "expected a principal, an action, a resource and a context"}
    decision = await signatures.decide(principal, action, resource, context)
    return 200, {"decision": decision.name}
