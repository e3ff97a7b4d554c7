"""DynamoDB: tables and indexes, batches, transactions, PartiQL.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from chalice.iam.catalog.arns import fill, is_arn, variables_of
from chalice.iam.catalog.calls import Call, Need, Rule, Unknown

TABLE = "dynamodb:${Region}:${Account}:table/${TableName}"
STATEMENT = re.compile(
    r"""(?ix) \s* (?: (select)\b .*? \bfrom | (insert)\s+into | (update) | (delete)\s+from )
    \s+ (?: "([^"]+)" | ([\w.*-]+) ) (?: \s*\.\s* (?: "([^"]+)" | ([\w*-]+) ) )?""",
    re.DOTALL,
)
EXISTS = re.compile(r"(?i)\s*exists\s*\(\s*(.*)\)\s*$", re.DOTALL)


def table_arn(call: Call, name: str) -> str:
    """Return the ARN of a table from its name or ARN."""
    return name if is_arn(name) else fill(TABLE, call.place, {"TableName": name})


def table(call: Call, shape: str) -> tuple[str, ...]:
    """Read the table, which operations on global tables and backups call otherwise."""
    names = call.values("TableName") or call.values("TableArn") or call.values("TargetTableName")
    if not names and call.operation in {"CreateGlobalTable", "UpdateGlobalTable"}:
        names = call.values("GlobalTableName")
    names = names or call.values("SourceTableName") or call.values("SourceTableArn")
    names = names or call.values("TableCreationParameters.TableName")
    return tuple(table_arn(call, name) for name in names)


def under_table(parameter: str) -> Callable[[Call, str], tuple[str, ...]]:
    """Return a reader of what hangs below a table and is named by its whole ARN."""

    def read(call: Call, shape: str) -> tuple[str, ...]:
        last = variables_of(shape)[-1]
        head = {"TableName": call.text("TableName")} if "TableName" in call.parameters else {}
        return tuple(
            value if is_arn(value) else fill(shape, call.place, head | {last: value})
            for value in call.values(parameter)
        )

    return read


def stream(call: Call, shape: str) -> tuple[str, ...]:
    """Read a stream, of which also an iterator begins with the ARN."""
    iterators = call.values("ShardIterator")
    if iterators:
        return tuple(value.partition("|")[0] for value in iterators if is_arn(value))
    return under_table("StreamArn")(call, shape)


def index(call: Call, shape: str) -> tuple[str, ...]:
    """Read the index of a table."""
    names = call.values("IndexName")
    return tuple(f"{table_arn(call, call.text('TableName'))}/index/{name}" for name in names)


def query(action: str) -> Rule:
    """Return the rule of reading many items: of a table, or of an index and that alone."""

    def rule(call: Call) -> tuple[Need, ...]:
        arn = table_arn(call, call.text("TableName"))
        index = f"{arn}/index/{call.text('IndexName')}"
        match call.presence("IndexName"):
            case "given":
                return (Need(action, (index,)),)
            case "absent":
                return (Need(action, (arn,)),)
            case "unknown":
                return (Need(action, (arn,)), Need(action, (index,), "when `IndexName` is passed"))

    return rule


def batch(action: str) -> Rule:
    """Return the rule of a batch, whose tables are the keys of ``RequestItems``."""

    def rule(call: Call) -> tuple[Need, ...]:
        return (Need(action, _tables_in_keys(call, "RequestItems")),)

    return rule


def _tables_in_keys(call: Call, name: str) -> tuple[str, ...]:
    items = call.parameters.get(name)
    names = list(items) if isinstance(items, Mapping) and items else ["*"]
    return tuple(table_arn(call, n if isinstance(n, str) else "*") for n in names)


def transact_get_items(call: Call) -> tuple[Need, ...]:
    """Reading in a transaction needs what reading each item alone does."""
    names = call.values("TransactItems[].Get.TableName") or ("*",)
    return (Need("dynamodb:GetItem", tuple(table_arn(call, name) for name in names)),)


def transact_write_items(call: Call) -> tuple[Need, ...]:
    """Each item needs the action of its kind; a list that nobody knows may need all of them."""
    actions = {
        "Put": "dynamodb:PutItem",
        "Update": "dynamodb:UpdateItem",
        "Delete": "dynamodb:DeleteItem",
        "ConditionCheck": "dynamodb:ConditionCheckItem",
    }
    needed: list[Need] = []
    for item in call.objects("TransactItems[]"):
        for kind, request in item.items():
            name = request.get("TableName") if isinstance(request, Mapping) else None
            arn = table_arn(call, name if isinstance(name, str) else "*")
            if kind in actions and request is not None:
                needed.append(Need(actions[kind], (arn,)))
    if not needed or _has_unknown(call.parameters.get("TransactItems")):
        anywhere = (table_arn(call, "*"),)
        needed += [
            Need(action, anywhere, f"when an item is a `{kind}`")
            for kind, action in actions.items()
        ]
    return tuple(needed)


def _has_unknown(value: object) -> bool:
    return isinstance(value, Unknown) or (
        isinstance(value, (list, tuple)) and any(isinstance(each, Unknown) for each in value)
    )


def partiql(path: str) -> Rule:
    """Return the rule of an operation with PartiQL statements at ``path``."""

    def rule(call: Call) -> tuple[Need, ...]:
        statements = call.values(path) or ("*",)
        return tuple(need for statement in statements for need in needs_of(call, statement))

    return rule


def needs_of(call: Call, statement: str) -> Iterator[Need]:
    """Yield what a statement needs, by its verb and the table (and index) that it names."""
    exists = EXISTS.match(statement)
    found = STATEMENT.match(exists[1] if exists else statement)
    if found is None:
        anywhere = (table_arn(call, "*"),)
        for verb in ("Select", "Insert", "Update", "Delete"):
            yield Need(f"dynamodb:PartiQL{verb}", anywhere, f"when a statement is a {verb.lower()}")
        return
    verb = next(word for word in found.groups()[:4] if word).capitalize()
    arn = table_arn(call, found[5] or found[6])
    index = found[7] or found[8]
    yield Need(f"dynamodb:PartiQL{verb}", (f"{arn}/index/{index}" if index else arn,))


READERS = {
    "table": table,
    "index": index,
    "backup": under_table("BackupArn"),
    "export": under_table("ExportArn"),
    "import": under_table("ImportArn"),
    "stream": stream,
}
RULES: Mapping[str, Rule] = {
    "BatchGetItem": batch("dynamodb:BatchGetItem"),
    "BatchWriteItem": batch("dynamodb:BatchWriteItem"),
    "BatchExecuteStatement": partiql("Statements[].Statement"),
    "ExecuteStatement": partiql("Statement"),
    "ExecuteTransaction": partiql("TransactStatements[].Statement"),
    "Query": query("dynamodb:Query"),
    "Scan": query("dynamodb:Scan"),
    "TransactGetItems": transact_get_items,
    "TransactWriteItems": transact_write_items,
}
