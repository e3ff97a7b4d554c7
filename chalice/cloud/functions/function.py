"""A function as deployed, and what one invocation of it gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class LayerZip:
    """A layer of a function: a zip, which ``sha256`` identifies. ``content`` None: not here."""

    arn: str
    sha256: str
    content: bytes | None = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class FunctionConfig:
    """One published version of a function. Two equal ones may share execution environments.

    ``code`` is the deployment package, a zip; ``code_sha256`` is its identity (AWS's
    ``CodeSha256``) and the only part of it that is compared. ``memory_size`` is in MiB and
    ``timeout`` in seconds. ``reserved_concurrency`` None means unreserved; 0 stops the function;
    it is not compared.
    ``layers`` are unpacked one over the other. ``log_group`` None means ``/aws/lambda/<name>``.
    ``role`` is the ARN of the execution role.
    """

    arn: str
    name: str
    runtime: str
    handler: str
    code: bytes = field(repr=False, compare=False)
    code_sha256: str
    version: str = "$LATEST"
    memory_size: int = 128
    timeout: float = 3
    environment: Mapping[str, str] = field(default_factory=dict)
    region: str = "us-east-1"
    account: str = "123456789012"
    reserved_concurrency: int | None = field(default=None, compare=False)
    log_group: str | None = None
    layers: tuple[LayerZip, ...] = ()
    role: str = ""


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """The result of one invocation.

    ``payload`` is the JSON the function returned, or AWS's error object (``{"errorType": …,
    "errorMessage": …}``) when ``error`` is set. ``error`` is the value of the header
    ``X-Amz-Function-Error``: ``"Unhandled"`` or None. ``log`` is the last 4 KiB of the
    invocation's log. Durations are in milliseconds; ``init_ms`` is None for a warm start.
    ``max_memory_used`` is in MiB, and 0 where the operating system does not tell.
    ``throttled`` means the function did not run and ``payload`` is the body of AWS's 429.
    """

    payload: bytes
    error: str | None = None
    log: bytes = b""
    request_id: str
    throttled: bool = False
    duration_ms: float = 0.0
    init_ms: float | None = None
    max_memory_used: int = 0


@dataclass(frozen=True)
class Credentials:
    """What the function's AWS clients sign with."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
