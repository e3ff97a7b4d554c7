"""Who else may invoke a function: the statements of its resource policy.

https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from chalice.aws.calls import code_of, doing, or_none
from chalice.aws.session import Session
from chalice.model.functions import Permission, statement_id
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Outputs


class Permissions:
    """Statements that let one service invoke one function for one source."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _lambda(self) -> Any:
        return self._session.client("lambda")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of a statement that grants just this, whoever wrote it."""
        for statement in self._statements(identity["function"]):
            if (
                _principal(statement) == identity["principal"]
                and _source_arn(statement) == identity["source_arn"]
            ):
                return {"function": identity["function"], "statement_id": statement["Sid"]}
        return None

    def read(self, record: Record) -> Found | None:
        """Return the permission that the recorded statement grants."""
        function = record.outputs["function"]
        for statement in self._statements(function):
            if statement.get("Sid") == record.outputs["statement_id"]:
                permission = Permission(
                    name=record.name,
                    function=function,
                    principal=_principal(statement),
                    source_arn=_source_arn(statement),
                    of_this_account=bool(_source_account(statement)),
                )
                return Found(permission, record.outputs)
        return None

    def create(self, permission: Permission) -> Outputs:
        """Add the statement; one of the same Sid grants the same, so it may be there."""
        function = str(permission.function)
        sid = statement_id(permission)
        account = (
            {"SourceAccount": self._session.place().account} if permission.of_this_account else {}
        )
        with doing(f"letting {permission.principal} invoke {function}"):
            try:
                self._lambda.add_permission(
                    FunctionName=function,
                    StatementId=sid,
                    Action="lambda:InvokeFunction",
                    Principal=permission.principal,
                    SourceArn=str(permission.source_arn),
                    **account,
                )
            except ClientError as error:
                if code_of(error) != "ResourceConflictException":
                    raise
        return {"function": function, "statement_id": sid}

    def update(self, permission: Permission, record: Record, fields: Collection[str]) -> Outputs:
        """Add the statement: nothing of a permission changes in place."""
        return self.create(permission)

    def delete(self, record: Record) -> None:
        """Remove the statement; the function may be gone."""
        function, sid = record.outputs["function"], record.outputs["statement_id"]
        with doing(f"removing a permission from {function}"):
            or_none(lambda: self._lambda.remove_permission(FunctionName=function, StatementId=sid))

    def _statements(self, function: str) -> Iterator[Mapping[str, Any]]:
        with doing(f"reading who may invoke {function}"):
            found = or_none(lambda: self._lambda.get_policy(FunctionName=function))
        if found is not None:
            yield from json.loads(found["Policy"])["Statement"]


def _principal(statement: Mapping[str, Any]) -> str:
    principal = statement.get("Principal")
    return str(principal.get("Service", "")) if isinstance(principal, Mapping) else str(principal)


def _source_arn(statement: Mapping[str, Any]) -> str:
    return _condition(statement, "ArnLike", "SourceArn")


def _source_account(statement: Mapping[str, Any]) -> str:
    return _condition(statement, "StringEquals", "SourceAccount")


def _condition(statement: Mapping[str, Any], operator: str, key: str) -> str:
    condition = statement.get("Condition", {}).get(operator, {})
    return str(condition.get(f"AWS:{key}") or condition.get(f"aws:{key}") or "")
