"""An account in memory: the port that AWS implements, without AWS.

``Killed`` stands for the death of the process: from the ``dies_at``-th step on nothing has any
effect, neither here nor in the store that shares its ``Fuse``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from threading import Lock

from typing_extensions import assert_never

from chalice.model.apis import (
    ApiKey,
    ApiMapping,
    DomainName,
    FunctionUrl,
    HttpApi,
    RestApi,
    UsagePlan,
    WebsocketApi,
)
from chalice.model.functions import (
    Alias,
    Function,
    Layer,
    LogGroup,
    Permission,
    Role,
    statement_id,
)
from chalice.model.resources import Identity, Kind, Resource, identity, kind_of
from chalice.model.state import Found, Record, State
from chalice.model.triggers import BucketNotification, EventSourceMapping, Rule, TopicSubscription
from chalice.model.values import Outputs, digest

_NUMBER = re.compile(r"#\d+")


class Killed(BaseException):
    """The process is dead."""


class Fuse:
    """Burns after ``steps`` steps; None never."""

    def __init__(self, steps: int | None = None) -> None:
        self.left = steps
        self.count = 0
        self._lock = Lock()

    def step(self) -> None:
        with self._lock:
            self.count += 1
            if self.left is None:
                return
            if self.left <= 0:
                raise Killed
            self.left -= 1


@dataclass
class Thing:
    """What exists: the resource as it was sent, and what it is known by."""

    resource: Resource
    outputs: Outputs


class MemoryCloud:
    """Resources by their identity."""

    def __init__(self) -> None:
        self.things: dict[str, Thing] = {}
        self.strangers: set[str] = set()
        self.writes: list[str] = []
        self.fuse = Fuse()
        self._lock = Lock()
        self._next_id = 0

    def find(self, kind: Kind, identity: Identity) -> Outputs | None:
        self.fuse.step()
        with self._lock:
            thing = self.things.get(_key(kind, identity))
            return None if thing is None else thing.outputs

    def read(self, record: Record) -> Found | None:
        self.fuse.step()
        with self._lock:
            for key, thing in self.things.items():
                if kind_of(thing.resource) == record.kind and thing.outputs == record.outputs:
                    have = replace(thing.resource, name=record.name)
                    if isinstance(have, (RestApi, HttpApi)):
                        have = replace(have, document=digest(have.document))
                    elif isinstance(have, WebsocketApi):
                        have = replace(have, routes=digest(have.routes))
                    elif isinstance(have, Alias):
                        have = replace(have, content=digest(have.content))
                    return Found(have, thing.outputs, ours=key not in self.strangers)
        return None

    def create(self, resource: Resource) -> Outputs:
        self.fuse.step()
        known = identity(resource)
        assert known is not None
        with self._lock:
            self.writes.append(f"create {resource.name}")
            key = _key(kind_of(resource), known)
            assert key not in self.things, f"{key} exists already"
            assert not self._overlaps(resource), f"{key} overlaps with another"
            self._next_id += 1
            self.things[key] = Thing(resource, _outputs(resource, self._next_id))
            outputs = self.things[key].outputs
        self.fuse.step()
        return outputs

    def _overlaps(self, resource: Resource) -> bool:
        """Say whether S3 would have two entries for the same objects."""
        if not isinstance(resource, BucketNotification):
            return False
        return any(
            (other.bucket, other.prefix) == (resource.bucket, resource.prefix)
            for other in (thing.resource for thing in self.things.values())
            if isinstance(other, BucketNotification)
        )

    def update(self, resource: Resource, record: Record, fields_: Collection[str]) -> Outputs:
        self.fuse.step()
        with self._lock:
            self.writes.append(f"update {resource.name}: {', '.join(sorted(fields_))}")
            for key, thing in self.things.items():
                if kind_of(thing.resource) == record.kind and thing.outputs == record.outputs:
                    changed = {name: getattr(resource, name) for name in fields_}
                    self.things[key] = Thing(replace(thing.resource, **changed), thing.outputs)
        self.fuse.step()
        return record.outputs

    def leave(self, record: Record) -> None:
        self.fuse.step()

    def delete(self, record: Record) -> None:
        self.fuse.step()
        with self._lock:
            self.writes.append(f"delete {record.name}")
            for key, thing in list(self.things.items()):
                if kind_of(thing.resource) == record.kind and thing.outputs == record.outputs:
                    del self.things[key]
        self.fuse.step()

    def contents(self) -> Sequence[str]:
        """Return what exists, sorted, without the numbers in ids that AWS makes up."""
        return sorted(
            _NUMBER.sub("#", f"{key} {_compared(thing.resource)}")
            for key, thing in self.things.items()
        )


class MemoryStore:
    """Keeps the last state that was saved."""

    def __init__(self, fuse: Fuse) -> None:
        self.state = State()
        self.fuse = fuse

    def save(self, state: State) -> None:
        self.fuse.step()
        self.state = state


def _key(kind: Kind, identity: Identity) -> str:
    if kind in ("RestApi", "HttpApi", "WebsocketApi"):
        identity = {"stage_key": identity["stage_key"]}
    return f"{kind} {json.dumps(dict(identity), sort_keys=True)}"


def _compared(resource: Resource) -> Mapping[str, object]:
    return {
        field.name: getattr(resource, field.name) for field in fields(resource) if field.compare
    }


def _outputs(resource: Resource, number: int) -> Outputs:
    match resource:
        case Role(role_name=name):
            return {"role_arn": f"arn:aws:iam::1:role/{name}", "role_name": name}
        case LogGroup(log_group_name=name):
            return {"log_group_name": name}
        case Layer(layer_name=name):
            return {"layer_version_arn": f"arn:aws:lambda:us-east-1:1:layer:{name}:#{number}"}
        case Alias(function=function, alias_name=name):
            return {"function": str(function), "invoke_arn": f"{function}:{name}"}
        case Function(function_name=name):
            return {"lambda_arn": f"arn:aws:lambda:us-east-1:1:function:{name}"}
        case RestApi():
            return {"rest_api_id": f"api#{number}", "rest_api_url": f"https://api#{number}/api/"}
        case HttpApi(stage_name=stage):
            url = f"https://http#{number}/"
            return {"http_api_id": f"http#{number}", "http_api_stage": stage, "http_api_url": url}
        case FunctionUrl(function=function):
            return {"function_url": f"https://url#{number}/", "lambda_arn": str(function)}
        case DomainName(domain_name=name):
            return {"domain_name": name, "alias_domain_name": f"d#{number}"}
        case ApiMapping(domain_name=name, key=key):
            return {"domain_name": str(name), "key": key, "protocol": "REST"}
        case ApiKey(key_name=name):
            return {"api_key_id": f"key#{number}", "key_name": name}
        case UsagePlan(plan_name=name):
            return {"usage_plan_id": f"plan#{number}", "plan_name": name, "api_keys": ""}
        case WebsocketApi():
            return {
                "websocket_api_url": f"wss://ws#{number}/api/",
                "websocket_api_id": f"ws#{number}",
            }
        case Permission(function=function):
            return {"function": str(function), "statement_id": statement_id(resource)}
        case EventSourceMapping(function=function, source=source):
            arns = {"event_source_arn": str(source), "lambda_arn": str(function)}
            return {"event_uuid": f"uuid#{number}", **arns}
        case Rule(rule_name=name, event_bus=bus):
            return {"rule_name": name, "event_bus": bus}
        case BucketNotification(bucket=bucket, function=function):
            return {"bucket": bucket, "lambda_arn": str(function)}
        case TopicSubscription(topic=topic, function=function):
            arns = {"topic_arn": str(topic), "lambda_arn": str(function)}
            return {"subscription_arn": f"{topic}:#{number}", **arns}
        case _:
            assert_never(resource)
