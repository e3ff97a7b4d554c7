"""Every key of ``.chalice/config.json``: its type, default, scope and meaning, stated once.

The keys are descriptors, so the same declarations are the typed attributes of ``Config``, the
validation, the documentation and the JSON Schema.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Generic, Literal, TypeAlias, TypeVar, overload

from chalice.config.kinds import (
    Anything,
    Choice,
    Flag,
    FlagOrChoice,
    Kind,
    Number,
    NumberChoice,
    Sections,
    Tables,
    Text,
    TextMap,
    TextOrTexts,
    Texts,
    Version,
)
from chalice.config.tables import DOMAIN, LOCAL, RETENTION_DAYS, USAGE_PLAN

T = TypeVar("T")
Scope: TypeAlias = Literal["global", "stage", "function"]
"""Where a key may stand: the top level; also in ``stages.<stage>``; also for one function."""
SCOPES: tuple[Scope, ...] = ("global", "stage", "function")


class Key(Generic[T]):
    """One configuration key. On a ``Config`` it is an attribute with the effective value.

    A ``merged`` key is an object whose entries come from all layers, not from the first one
    that has it. ``aliases`` are other names that files may use.
    """

    def __init__(
        self,
        kind: Kind[object],
        default: T,
        scope: Scope,
        sentence: str,
        *,
        merged: bool = False,
        aliases: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.default = default
        self.scope = scope
        self.sentence = sentence
        self.merged = merged
        self.aliases = aliases
        self.name = ""

    def __set_name__(self, owner: type[Keys], name: str) -> None:
        self.name = name

    @overload
    def __get__(self, config: None, owner: type[Keys]) -> Key[T]: ...
    @overload
    def __get__(self, config: Keys, owner: type[Keys]) -> T: ...
    def __get__(self, config: Keys | None, owner: type[Keys]) -> Key[T] | T:
        return self if config is None else config.effective(self)

    @property
    def names(self) -> tuple[str, ...]:
        """The name and the aliases, the one that wins first."""
        return (self.name, *self.aliases)

    def stands_at(self, level: Scope) -> bool:
        """Say whether the key means something at that level of the file."""
        return SCOPES.index(level) <= SCOPES.index(self.scope)


def one_of(kind: Kind[T], default: T, scope: Scope, sentence: str) -> Key[T]:
    """Return a key that always has a value."""
    return Key(kind, default, scope, sentence)


def optional(
    kind: Kind[T], scope: Scope, sentence: str, aliases: tuple[str, ...] = ()
) -> Key[T | None]:
    """Return a key whose effective value is None where no layer has it."""
    return Key[T | None](kind, None, scope, sentence, aliases=aliases)


def merged(scope: Scope, sentence: str) -> Key[Mapping[str, str]]:
    """Return a key that collects the entries of every layer."""
    return Key[Mapping[str, str]](TextMap(), {}, scope, sentence, merged=True)


class Keys(ABC):
    """What a configuration offers: one typed attribute for each key."""

    @abstractmethod
    def effective(self, key: Key[T]) -> T:
        """Return the value of ``key`` that counts for this stage and function."""

    version = one_of(
        Version(newest=2.0), "1.0", "global", "The version of this file's format; write `2.0`."
    )
    app_name = one_of(Text(), "", "global", "Required: what all resource names begin with.")
    stages = one_of(
        Sections("stage"), {}, "global", "Stage name to the keys that differ in that stage."
    )
    lambda_functions = one_of(
        Sections("function"),
        {},
        "stage",
        "Function name to the keys that differ for that function; routes are `api_handler`.",
    )
    app = optional(
        Text(), "global", "Where the app is, as `package.module:variable`; `app:app` if absent."
    )
    profile = optional(
        Text(), "global", "The profile of the AWS credentials; `--profile` goes first."
    )
    api_gateway_stage = one_of(
        Text(), "api", "stage", "The API's stage name, which is the first part of its URL path."
    )
    api_gateway_type = one_of(
        Choice(("rest", "http", "function_url")),
        "rest",
        "stage",
        "What is in front of the routes: a REST API, an HTTP API, or a function URL.",
    )
    api_gateway_endpoint_type = one_of(
        Choice(("EDGE", "REGIONAL", "PRIVATE")), "EDGE", "stage", "The REST API's endpoint type."
    )
    api_gateway_endpoint_vpce = optional(
        TextOrTexts(), "stage", "The VPC endpoints that reach a PRIVATE API."
    )
    api_gateway_policy_file = optional(
        Text(), "stage", "The file under `.chalice/` that holds the REST API's resource policy."
    )
    minimum_compression_size = optional(
        Number(0, 10_485_760, "bytes"),
        "stage",
        "Answers of at least this many bytes are compressed.",
    )
    api_gateway_custom_domain = optional(DOMAIN, "stage", "The REST API's own domain.")
    websocket_api_custom_domain = optional(DOMAIN, "stage", "The WebSocket API's own domain.")
    api_usage_plans = one_of(
        Tables(USAGE_PLAN), {}, "stage", "Name to usage plan of the REST API and its API keys."
    )
    local = one_of(LOCAL, {}, "stage", "How `chalice local` runs the app, and whom it believes.")
    autogen_policy = one_of(
        FlagOrChoice(("scoped", "broad")),
        True,
        "function",
        "What the role's policy comes from: the code, with the resources that it names (`scoped`)"
        " or with any resource (`broad`, as `true`); or a file (`false`).",
    )
    autogen_policy_libraries = one_of(
        Texts(),
        (),
        "stage",
        "Packages that requirements bring, as they are imported, whose source is read for policies"
        " as the project's own is.",
    )
    iam_role_per_function = one_of(
        Flag(),
        False,
        "function",
        "Whether a function has a role of its own, for what it needs, not the one that all share.",
    )
    iam_policy_file = optional(
        Text(),
        "function",
        "The file under `.chalice/` with the role's policy where `autogen_policy` is false;"
        " `policy-<stage>.json` if absent.",
    )
    manage_iam_role = one_of(
        Flag(), True, "function", "Whether chalice makes the role; if not, `iam_role_arn` is used."
    )
    iam_role_arn = optional(
        Text(), "function", "The role to use where `manage_iam_role` is false; then required."
    )
    permissions_boundary = optional(
        Text(), "function", "The ARN of the policy that bounds what the role may be allowed."
    )
    lambda_timeout = one_of(
        Number(1, 900, "seconds"), 60, "function", "How many seconds an invocation may take."
    )
    lambda_memory_size = one_of(
        Number(128, 10_240, "MiB"), 128, "function", "How many MiB of memory the function gets."
    )
    lambda_architecture = one_of(
        Choice(("x86_64", "arm64")), "x86_64", "function", "The processor the function runs on."
    )
    python_version = optional(
        Choice(("3.10", "3.11", "3.12", "3.13", "3.14")),
        "stage",
        "The Python that functions run on; if absent, that of the machine that deploys.",
    )
    ephemeral_storage = optional(
        Number(512, 10_240, "MiB"), "function", "How many MiB `/tmp` has; 512 if absent."
    )
    snap_start = one_of(
        Flag(),
        False,
        "function",
        "Whether invocations start from a snapshot of the initialised function (SnapStart).",
    )
    dead_letter = optional(
        Text(),
        "function",
        "The ARN of the SQS queue or SNS topic that gets events the function failed to handle.",
    )
    kms_key_arn = optional(
        Text(), "function", "The KMS key that encrypts the function's environment variables."
    )
    lambda_config = Key[Mapping[str, object]](
        Anything(),
        {},
        "function",
        "Any other parameters of Lambda's CreateFunction, in AWS's own form; null cancels an"
        " inherited one.",
        merged=True,
    )
    environment_variables = merged(
        "function", "The function's environment, also set while the app is imported."
    )
    tags = merged("function", "Tags of the function; chalice adds its own `aws-chalice`.")
    subnet_ids = optional(
        Texts(), "function", "The subnets of the function's VPC, with `security_group_ids`."
    )
    security_group_ids = optional(
        Texts(), "function", "The security groups of the function's VPC, with `subnet_ids`."
    )
    layers = one_of(
        Texts(), (), "function", "ARNs of layer versions; an empty list cancels inherited ones."
    )
    dependencies_from = optional(
        Choice(
            (
                *("requirements.txt", "uv.lock", "pylock.toml", "poetry.lock"),
                *("Pipfile.lock", "pyproject.toml"),
            )
        ),
        "stage",
        "The file that says what the app requires; if absent, the first of these that there is.",
    )
    bundle_include = one_of(
        Texts(),
        (),
        "stage",
        "Patterns of files of the project that are bundled too, and of files of requirements that"
        " would be left out.",
    )
    bundle_exclude = one_of(
        Texts(), (), "stage", "Patterns of files, of the project or required, to leave out."
    )
    bundle_boto3 = optional(
        Flag(),
        "stage",
        "Whether boto3 and what it needs are bundled though Lambda has them; if absent, where a"
        " version is asked for that Lambda may not have.",
    )
    bundle_bytecode = one_of(
        Flag(), True, "stage", "Whether compiled files go along, if that Python is here."
    )
    bundle_check = one_of(
        Flag(), True, "stage", "Whether importing the app from the bundle is tried."
    )
    automatic_layer = one_of(
        Flag(), False, "stage", "Whether requirements and `vendor/` go into a layer of their own."
    )
    package = one_of(
        Choice(("zip", "image")),
        "zip",
        "stage",
        "What `chalice package` makes for Lambda to run: a zip, or a container image.",
    )
    image_base = optional(
        Text(),
        "stage",
        "The image that the app is put on where `package` is `image`: `public.ecr.aws/lambda/"
        "python:3.12`, or a file; if absent, the project's Dockerfile makes the image.",
    )
    deployment_bucket = optional(
        Text(), "stage", "The S3 bucket through which zips of more than 50 MiB reach Lambda."
    )
    reserved_concurrency = optional(
        Number(0),
        "function",
        "How many invocations may run at once, set aside for this function; 0 stops it.",
        aliases=("reserved_concurrent_executions",),
    )
    xray = one_of(
        Flag(), False, "function", "Whether AWS X-Ray traces the function, and the API's stage."
    )
    log_retention_in_days = optional(
        NumberChoice(RETENTION_DAYS), "function", "How long logs are kept; 0 or absent: for ever."
    )


KEYS: Mapping[str, Key[Any]] = {
    name: key for name, key in vars(Keys).items() if isinstance(key, Key)
}
"""All keys by name, in the order of the documentation."""

NAMES: Mapping[str, Key[Any]] = {name: key for key in KEYS.values() for name in key.names}
"""All keys by every name that files may use."""


def names_at(level: Scope) -> Sequence[str]:
    """Return the names of the keys that mean something at that level of the file."""
    return [name for name, key in KEYS.items() if key.stands_at(level)]
