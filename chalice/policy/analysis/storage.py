"""Libraries that call AWS in the program's stead, where their arguments say what.

https://docs.powertools.aws.dev/lambda/python/latest/utilities/parameters/
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from chalice.policy.analysis import clients
from chalice.policy.analysis.containers import new_container
from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.texts import GAP, Part, Parts, joined
from chalice.policy.analysis.values import NOTHING, Client, External, Text, Value, ordered

_PARAMETERS = "aws_lambda_powertools.utilities.parameters."
_READERS: Mapping[str, tuple[str, str, str]] = {
    "get_parameter": ("ssm", "GetParameter", "Name"),
    "get_parameters": ("ssm", "GetParametersByPath", "Path"),
    "get_parameters_by_name": ("ssm", "GetParameters", "Names"),
    "set_parameter": ("ssm", "PutParameter", "Name"),
    "get_secret": ("secretsmanager", "GetSecretValue", "SecretId"),
    "set_secret": ("secretsmanager", "PutSecretValue", "SecretId"),
    "SSMProvider().get": ("ssm", "GetParameter", "Name"),
    "SSMProvider().get_multiple": ("ssm", "GetParametersByPath", "Path"),
    "SSMProvider().get_parameters_by_name": ("ssm", "GetParameters", "Names"),
    "get_app_config": ("appconfigdata", "StartConfigurationSession", "EnvironmentIdentifier"),
    "AppConfigProvider().get": (
        "appconfigdata",
        "StartConfigurationSession",
        "EnvironmentIdentifier",
    ),
    "SecretsProvider().get": ("secretsmanager", "GetSecretValue", "SecretId"),
}
_PERSISTENCE = ("GetItem", "PutItem", "UpdateItem", "DeleteItem")
_TABLES = frozenset(
    {
        "aws_lambda_powertools.utilities.idempotency.DynamoDBPersistenceLayer",
        "aws_lambda_powertools.utilities.idempotency.persistence.dynamodb.DynamoDBPersistenceLayer",
    }
)
_READ = frozenset(
    {"read_csv", "read_parquet", "read_json", "read_excel", "read_feather", "read_pickle"}
)
_WRITE = frozenset({"to_csv", "to_parquet", "to_json", "to_excel", "to_pickle", "to_feather"})
_FRAMES = ("pandas.", "polars.", "dask.dataframe.", "modin.pandas.", "geopandas.")
_FLAGS = frozenset(
    {
        "aws_lambda_powertools.utilities.feature_flags.AppConfigStore",
        "aws_lambda_powertools.utilities.feature_flags.appconfig.AppConfigStore",
    }
)
_UPLOAD = (
    "PutObject",
    "CreateMultipartUpload",
    "UploadPart",
    "CompleteMultipartUpload",
    "AbortMultipartUpload",
)


_READING = ("GetObject", "HeadObject", "ListObjectsV2")
_WRITING = (*_UPLOAD, "ListObjectsV2", "DeleteObjects")
_WRANGLER: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("read_csv", "read_parquet", "read_json", "read_excel", "download"), _READING),
    **dict.fromkeys(("to_csv", "to_parquet", "to_json", "to_excel", "upload"), _WRITING),
    "list_objects": ("ListObjectsV2",),
    "does_object_exist": ("HeadObject",),
    "delete_objects": ("DeleteObjects", "ListObjectsV2"),
}
AWS_LIBRARIES = frozenset(
    {
        "amazondax",
        "aws_encryption_sdk",
        "aws_secretsmanager_caching",
        "awswrangler",
        "boto",
        "boto_session_manager",
        "cloudpathlib",
        "dynamodb_encryption_sdk",
        "dynamorm",
        "flywheel",
        "kombu",
        "pyathena",
        "pycognito",
        "pynamodb",
        "python_dynamodb_lock",
        "redshift_connector",
        "s3path",
        "s3transfer",
        "sagemaker",
        "ssm_cache",
        "stepfunctions",
        "warrant",
        "watchtower",
    }
)
"""Top-level names of packages that call AWS themselves."""


def call_storage(frame: Frame, node: ast.AST, atom: External, given: Arguments) -> Value | None:
    """Make the calls that a library's function makes; None when it is not one of these."""
    path = atom.path
    if path.startswith(_PARAMETERS):
        return _read_parameter(frame, node, path.removeprefix(_PARAMETERS), given)
    if path in _TABLES:
        return _persist(frame, node, atom, given)
    if path in _FLAGS:
        _configure(frame, node)
        return frozenset({frame.atoms.make(External, f"{path}()", node)})
    name = path.rpartition(".")[2]
    target = given.get(0, "uri") or NOTHING
    if path.startswith(_FRAMES) and name in _READ:
        _objects(frame, node, target, ("GetObject", "HeadObject"))
        return frozenset({frame.atoms.make(External, f"{path}()", node)})
    if ")." in path and name in _WRITE and path.startswith(_FRAMES):
        _objects(frame, node, target, _UPLOAD)
        return frame.atoms.unknown
    if path.startswith("awswrangler.s3.") and name in _WRANGLER:
        address = given.keywords.get("path") or target
        _objects(frame, node, address, _WRANGLER[name])
        return frame.atoms.unknown
    if path in ("smart_open.open", "fsspec.open"):
        _objects(frame, node, target, _of_mode(given.get(1, "mode")))
        return frame.atoms.unknown
    if path.startswith("s3fs.S3FileSystem()."):
        return _file_system(frame, node, name, given)
    return None


def _client(frame: Frame, service: str) -> Client:
    return frame.atoms.make(Client, service, None, False)


def _read_parameter(frame: Frame, node: ast.AST, name: str, given: Arguments) -> Value | None:
    known = _READERS.get(name)
    if known is None:
        return None
    service, operation, parameter = known
    value = given.get(0, "name") or given.get(0, "path") or frame.atoms.unknown
    if parameter == "Names":
        names = new_container(frame, node, "list")
        for atom in ordered(value):
            keys = frame.heap.read((atom, "keys"), frame.context)
            for index, key in enumerate(ordered(keys)):
                frame.engine.store_item(names, index, frozenset({key}))
        value = frozenset({names})
    elif operation == "GetParameter" and name == "get_parameter":
        value = given.get(0, "name") or value
    keywords = {parameter: value}
    if "decrypt" in given.keywords:
        keywords["WithDecryption"] = given.keywords["decrypt"]
    if service == "appconfigdata":
        _configure(frame, node)
        return frame.atoms.unknown
    made = Arguments([], keywords)
    clients.made(frame, node, _client(frame, service), operation, made)
    return frame.atoms.text(GAP) if not operation.endswith("s") else frame.atoms.unknown


def _configure(frame: Frame, node: ast.AST) -> None:
    """Read a configuration of AppConfig."""
    for operation in ("StartConfigurationSession", "GetLatestConfiguration"):
        clients.made(frame, node, _client(frame, "appconfigdata"), operation, Arguments())


def _persist(frame: Frame, node: ast.AST, atom: External, given: Arguments) -> Value:
    table = given.get(0, "table_name") or frame.atoms.unknown
    for operation in _PERSISTENCE:
        made = Arguments([], {"TableName": table})
        clients.made(frame, node, _client(frame, "dynamodb"), operation, made)
    return frozenset({frame.atoms.make(External, f"{atom.path}()", node)})


def _of_mode(mode: Value | None) -> tuple[str, ...]:
    reading = ("GetObject", "HeadObject")
    if mode is None:
        return reading
    modes = "".join(
        str(part) for atom in mode if isinstance(atom, Text) for part in atom.parts if part
    )
    if not modes:
        return (*reading, *_UPLOAD)
    return _UPLOAD if "w" in modes or "a" in modes else reading


def _objects(frame: Frame, node: ast.AST, value: Value, operations: tuple[str, ...]) -> None:
    """Make these calls on the object that an ``s3://`` address names."""
    for atom in ordered(value):
        if not isinstance(atom, Text):
            continue
        parts = atom.parts
        first = parts[0]
        if not isinstance(first, str) or not first.startswith(("s3://", "s3a://")):
            if len(parts) == 1 and isinstance(first, str):
                continue  # a file
            frame.context.report(
                node,
                "a file is opened whose address is not known; it may be in S3",
                'declare it: `app.needs("s3:GetObject", "bucket/key")`',
            )
            continue
        bucket, key = _split(parts)
        for operation in operations:
            given = {"Bucket": frame.atoms.text(bucket), "Key": frame.atoms.text(key)}
            clients.made(frame, node, _client(frame, "s3"), operation, Arguments([], given))


def _split(parts: Parts) -> tuple[Parts, Parts]:
    """Return bucket and key of ``s3://bucket/key``."""
    texts: list[Part] = [str(parts[0]).partition("://")[2], *parts[1:]]
    for index, part in enumerate(texts):
        if isinstance(part, str) and "/" in part:
            head, _, tail = part.partition("/")
            bucket = joined([tuple(texts[:index]), (head,)])
            return bucket, joined([(tail,), tuple(texts[index + 1 :])])
    return joined([tuple(texts)]), GAP


def _file_system(frame: Frame, node: ast.AST, name: str, given: Arguments) -> Value:
    target = given.get(0, "path") or frame.atoms.unknown
    for atom in ordered(target):
        parts = atom.parts if isinstance(atom, Text) else GAP
        first = parts[0]
        if isinstance(first, str) and not first.startswith("s3://"):
            parts = (f"s3://{first}", *parts[1:])
        elif not isinstance(first, str):
            parts = ("s3://", *parts)
        where = frozenset({frame.atoms.make(Text, parts)})
        match name:
            case "open":
                operations = _of_mode(given.get(1, "mode"))
            case "cat" | "get" | "info" | "exists" | "read_bytes" | "read_text" | "cat_file":
                operations = ("GetObject", "HeadObject", "ListObjectsV2")
            case "put" | "pipe" | "touch" | "write_bytes" | "pipe_file" | "put_file":
                operations = _UPLOAD
            case "rm" | "delete" | "rm_file":
                operations = ("DeleteObject", "DeleteObjects", "ListObjectsV2")
            case "ls" | "glob" | "find" | "walk":
                operations = ("ListObjectsV2",)
            case _:
                frame.context.report(
                    node,
                    f"what `s3fs` calls for `{name}` is not known",
                    'declare it with `app.needs("s3:Action", "bucket/key")`',
                )
                operations = ()
        _objects(frame, node, where, operations)
    return frame.atoms.unknown
