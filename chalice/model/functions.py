"""Lambda functions and what they need: roles, code, log groups, and who may invoke them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chalice.model.fields import DIGEST, FIXED, NAME, PARAMETERS, SOLE, TAGS
from chalice.model.values import Document, Ref, Value

INVOKE = "lambda:InvokeFunction"


@dataclass(frozen=True, kw_only=True)
class Role:
    """An IAM role that functions assume. ``policy`` is its one inline policy, named as the role."""

    name: str
    role_name: str = field(metadata=NAME)
    trust_policy: Document
    policy: Document
    permissions_boundary: str = ""
    """The ARN of the policy that bounds it, empty for none."""


@dataclass(frozen=True, kw_only=True)
class LogGroup:
    """How many days the log group keeps events. The group itself outlives the stage."""

    name: str
    log_group_name: str = field(metadata=NAME)
    retention_in_days: int


@dataclass(frozen=True, slots=True)
class Code:
    """A bundle: what AWS calls CodeSha256 (base64), and the zip to upload when it differs.

    ``bucket`` is where it is uploaded first if it is too large for a request, empty for nowhere.
    """

    sha256: str
    path: Path = field(compare=False)
    bucket: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Image:
    """A container image: the archive of it, or the folder whose Dockerfile makes it.

    ``sha256`` is the digest of the archive's manifest, empty where a Dockerfile is still to be
    followed.
    """

    sha256: str
    path: Path = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One version of a Lambda layer. Versions never change: other contents are another version.

    ``content`` is the CodeSha256 of ``code``.
    """

    name: str
    layer_name: str = field(metadata=NAME)
    content: str = field(metadata=NAME)
    runtime: str = field(metadata=FIXED)
    code: Code = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Function:
    """A Lambda function. ``timeout`` is in seconds, sizes are in MiB.

    ``dead_letter`` and ``kms_key_arn`` are ARNs, empty for none. ``more`` are further parameters
    of CreateFunction in AWS's own form, of which no field speaks. What runs an image has no
    runtime of Lambda's: ``runtime`` is then for information. With ``snap_start`` the versions
    that are published of it start from snapshots, and callers use its ``Alias``.
    """

    name: str
    function_name: str = field(metadata=NAME)
    runtime: str
    handler: str
    role: Value
    code: Code | Image
    architecture: str = "x86_64"
    timeout: int
    memory_size: int
    environment: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict, metadata=TAGS)
    tracing: bool = False
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    layers: tuple[Value, ...] = ()
    reserved_concurrency: int | None = None
    ephemeral_storage: int = 512
    snap_start: bool = False
    dead_letter: str = ""
    kms_key_arn: str = ""
    more: Mapping[str, object] = field(default_factory=dict, metadata=PARAMETERS)
    after: Ref | None = field(default=None, compare=False)
    """The log group, which must exist before the function can make one of its own."""


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A name for the newest published version of ``function``.

    ``content`` is all that a version consists of: when it differs, another one is published.
    """

    name: str
    function: Value = field(metadata=NAME)
    alias_name: str = field(metadata=NAME)
    content: Document = field(metadata=DIGEST)


@dataclass(frozen=True, kw_only=True)
class Permission:
    """``principal`` may invoke ``function`` on behalf of ``source_arn``, empty for any.

    ``of_this_account`` demands besides that the source belongs to the account being deployed to:
    the ARN of a bucket does not say whose it is.
    """

    name: str
    function: Value = field(metadata=NAME)
    principal: str = field(metadata=NAME)
    source_arn: Value = field(metadata=NAME)
    of_this_account: bool = field(default=False, metadata=SOLE)
    action: str = field(default=INVOKE, metadata=NAME)
    url_auth_type: str = field(default="", metadata=SOLE)
    """Of a permission to use a function URL: ``NONE`` or ``AWS_IAM``."""
    only_by_url: bool = field(default=False, metadata=SOLE)
    """Whether the function may be invoked through its URL and in no other way."""


def statement_id(permission: Permission) -> str:
    """Return the Sid of a (resolved) permission: the same for the same grant."""
    parts = [permission.principal, str(permission.source_arn)]
    if permission.action != INVOKE:
        parts.append(permission.action)
    grant = " ".join(parts)
    return f"{permission.name}-{hashlib.sha256(grant.encode()).hexdigest()[:12]}"
