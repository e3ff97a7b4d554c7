"""Glue's Data Catalog, where a database is asked for together with what is in it.

https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
"""

from __future__ import annotations

from collections.abc import Mapping

from chalice.iam.catalog.arns import Reader, by, fill, never
from chalice.iam.catalog.calls import Call, Need

CATALOG = ("catalog", "database/*", "table/*/*")


def database(call: Call, shape: str) -> tuple[str, ...]:
    """Read the database that a call is about, or that what it is about is in."""
    name = database_name(call)
    return () if name is None else (fill(shape, call.place, {"DatabaseName": name}),)


def database_name(call: Call) -> str | None:
    """Return the name of the database; operations on one itself call it ``Name``."""
    own = ("Name",) if call.operation.endswith("Database") else ()
    return call.first("DatabaseName", "DatabaseInput.Name", *own)


def inside(word: str, variable: str, *names: str) -> Reader:
    """Return a reader of what is in a database; deleting a database is of all in it."""

    def read(call: Call, shape: str) -> tuple[str, ...]:
        own = ("Name",) if word in call.operation else ()
        values = next(filter(None, map(call.values, (*names, *own))), ())
        if not values and database_name(call) is None:
            return ()
        where = {"DatabaseName": database_name(call) or "*"}
        return tuple(fill(shape, call.place, where | {variable: v}) for v in values or ("*",))

    return read


def query(call: Call) -> tuple[Need, ...]:
    """A query of Athena reads tables, and writes its result, in the caller's name."""
    clause = "when the query reads tables of the Data Catalog"
    arns = tuple(call.place.arn("glue", resource) for resource in CATALOG)
    actions = ("glue:GetDatabase", "glue:GetPartitions", "glue:GetTable")
    needed = [Need(action, arns, clause) for action in actions]
    where = call.first("ResultConfiguration.OutputLocation")
    if where is not None:
        bucket, _, prefix = where.removeprefix("s3://").partition("/")
        result = f"{bucket}/{prefix.rstrip('*')}*"
        needed += [
            Need(action, (call.place.arn("s3", resource, region=False, account=False),))
            for action, resource in (("s3:GetBucketLocation", bucket), ("s3:PutObject", result))
        ]
    return tuple(needed)


READERS: Mapping[str, Reader] = {
    "catalog": never,
    "database": database,
    "registry": by(
        "RegistryId.RegistryArn",
        "RegistryId.RegistryName",
        "SchemaId.RegistryName",
        "RegistryName",
    ),
    "schema": by("SchemaId.SchemaArn", "SchemaId.SchemaName", "SchemaName"),
    "table": inside("Table", "TableName", "TableName", "TableInput.Name", "TablesToDelete"),
    "userdefinedfunction": inside(
        "Function", "UserDefinedFunctionName", "FunctionName", "FunctionInput.FunctionName"
    ),
}
