"""What the embedded cloud must have so that events reach the handlers in this process."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from typing_extensions import assert_never

from chalice import graph
from chalice.app import Chalice
from chalice.config import Config
from chalice.constants import ATTACHED
from chalice.graph.handlers import name_prefix
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
from chalice.model.functions import Alias, Code, Function, Layer, LogGroup, Permission, Role
from chalice.model.resources import Resource
from chalice.model.triggers import BucketNotification, EventSourceMapping, Rule, TopicSubscription
from chalice.model.values import Document, Place, Ref, Value

ROLE = "local-role"
_PUSHERS = frozenset({"s3.amazonaws.com", "sns.amazonaws.com", "events.amazonaws.com"})
_TRUST: Document = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
_ALL: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
_STAND_IN = '''\
"""Stands in for an app that `chalice local --aws` runs itself."""


def handler(event, context):
    raise RuntimeError("this function runs while `chalice local --aws` does")
'''


class _NoPolicies:
    """Policies of nobody: the handlers run with the keys of the account."""

    trust: Document = _TRUST

    def role(
        self, scopes: Sequence[Config], statements: Mapping[str, Sequence[Document]]
    ) -> Document:
        return _ALL

    def api(self, scope: Config) -> Document:
        return None


def desired(app: Chalice, config: Config, code: Code, place: Place) -> Sequence[Resource]:
    """Return the functions of the app and their triggers, each after all that it refers to.

    ``code`` is what ``stand_in`` gives: the functions are attached. What the app gives the ARN of
    is meant as the one of that name at ``place``.
    """
    role = Role(
        name=ROLE, role_name=f"{name_prefix(config)}-local", trust_policy=_TRUST, policy=_ALL
    )
    found = graph.build(app, config, code, _NoPolicies())
    return [role, *(each for one in found for each in _here(one, place))]


def stand_in(path: Path) -> Code:
    """Write the code of attached functions, which is never run, to ``path``."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("attached.py"), _STAND_IN)
    path.write_bytes(content.getvalue())
    digest = hashlib.sha256(content.getvalue()).digest()
    return Code(base64.b64encode(digest).decode(), path)


def _here(resource: Resource, place: Place) -> Iterator[Resource]:
    """Yield what a resource is in the local cloud: nothing for what is in front of routes."""
    match resource:
        case Function():
            yield replace(
                resource,
                handler="attached.handler",
                role=Ref(ROLE, "role_arn"),
                environment={**resource.environment, ATTACHED: "true"},
                tracing=False,
                subnet_ids=(),
                security_group_ids=(),
                layers=(),
                dead_letter=local_arn(resource.dead_letter, place),
                kms_key_arn="",
                more={},
                after=None,
            )
        case Alias():
            yield resource
        case Permission():
            if resource.principal in _PUSHERS:
                yield replace(resource, source_arn=_local(resource.source_arn, place))
        case EventSourceMapping():
            if not resource.topic:  # nothing here reads Kafka
                yield replace(
                    resource,
                    source=_local(resource.source, place),
                    on_failure=local_arn(resource.on_failure, place),
                )
        case Rule():
            yield replace(resource, event_bus=local_arn(resource.event_bus, place))
        case TopicSubscription():
            yield replace(resource, topic=_local(resource.topic, place))
        case BucketNotification():
            yield resource
        case Role() | LogGroup() | Layer() | RestApi() | HttpApi() | FunctionUrl():
            return
        case WebsocketApi() | DomainName() | ApiMapping() | ApiKey() | UsagePlan():
            return
        case _:
            assert_never(resource)


def local_arn(arn: str, place: Place) -> str:
    """Return an ARN with the account and the region of ``place``, in what has them; names stay."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return arn
    region = place.region if parts[3] else ""
    account = place.account if parts[4] else ""
    return ":".join(["arn", place.partition, parts[2], region, account, parts[5]])


def _local(value: Value, place: Place) -> Value:
    return local_arn(value, place) if isinstance(value, str) else value
