"""What the cloud itself answers about access: whether policies are enforced, recorded calls, and
whether the code that makes them is recorded too.

```
GET    /_chalice/enforcement                 {"enforced": true}
PUT    /_chalice/enforcement                 takes the same
PUT    /_chalice/callers                     {"recorded": true}
GET    /_chalice/calls?after=0&limit=1000    {"cursor": 7, "missed": false, "calls": [...]}
DELETE /_chalice/calls                       forgets them
```
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import parse_qs

from chalice.cloud.access.authority import Authority
from chalice.cloud.access.records import KEPT, Records
from chalice.cloud.functions import Executor
from chalice.cloud.functions.sandbox.bootstrap import CALLERS

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
