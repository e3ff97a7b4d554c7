"""Policies that moto keeps with resources: buckets, queues, topics, functions, roles, keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from moto.awslambda.exceptions import UnknownFunctionException
from moto.backends import get_backend

from chalice.cloud.access.principals import parse
from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.iam.evaluation import Policy

Find: TypeAlias = Callable[[Any, str, str], "str | None"]
"""The text of the policy, of a moto backend, an ARN and its last part; None if there is none."""


def resource_policies(action: str, arn: str) -> tuple[list[Policy], bool]:
    """Return the policies of the resource, and whether nobody may use it without them."""
    parts = arn.split(":", 5)
    if len(parts) != 6:
        return [], False
    _, partition, service, region, _, rest = parts
    kept = _KEPT.get(service)
    if kept is None or "*" in rest:
        return [], False
    name, find, is_global = kept
    if service == "iam" and not action.lower().startswith("sts:assumerole"):
        return [], False
    # moto keeps both by partition, and S3 by nothing else.
    backend: Any = get_backend(name)[ACCOUNT][partition if is_global else region]  # type: ignore[call-overload]
    document = find(backend, arn, rest)
    policies = list(parse([document] if document else []))
    return policies, service in ("iam", "kms")


def _bucket(backend: Any, _: str, rest: str) -> str | None:
    bucket = backend.buckets.get(rest.partition("/")[0])
    return bucket.policy.decode() if bucket is not None and bucket.policy else None


def _queue(backend: Any, _: str, rest: str) -> str | None:
    queue = backend.queues.get(rest)
    policy = None if queue is None else queue.policy
    return _text(policy)


def _topic(backend: Any, arn: str, _: str) -> str | None:
    topic = backend.topics.get(arn)
    return None if topic is None else str(topic.policy)


def _function(backend: Any, _: str, rest: str) -> str | None:
    kind, _, name = rest.partition(":")
    name, _, qualifier = name.partition(":")
    if kind != "function":
        return None
    try:
        function = backend.get_function(name, qualifier or None)
    except UnknownFunctionException:
        return None
    return _text({"Statement": function.policy.of(qualifier)})


def _trust(backend: Any, arn: str, _: str) -> str | None:
    roles = list(backend.roles.values())
    return next((role.assume_role_policy_document for role in roles if role.arn == arn), None)


def _key(backend: Any, _: str, rest: str) -> str | None:
    key = backend.keys.get(rest.partition("/")[2])
    return None if key is None else _text(key.policy)


def _secret(backend: Any, arn: str, _: str) -> str | None:
    secrets = list(backend.secrets.values())
    return next((_text(each.policy) for each in secrets if each.arn == arn), None)


def _text(policy: object) -> str | None:
    if not policy:
        return None
    return policy if isinstance(policy, str) else json.dumps(policy)


_KEPT: Mapping[str, tuple[str, Find, bool]] = {
    "s3": ("s3", _bucket, True),
    "sqs": ("sqs", _queue, False),
    "sns": ("sns", _topic, False),
    "lambda": ("lambda", _function, False),
    "iam": ("iam", _trust, True),
    "kms": ("kms", _key, False),
    "secretsmanager": ("secretsmanager", _secret, False),
}
