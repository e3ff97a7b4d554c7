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
from chalice.model.functions import INVOKE, Permission, statement_id
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Outputs

_AUTH_TYPE = "lambda:FunctionUrlAuthType"
_BY_URL = "lambda:InvokedViaFunctionUrl"


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
                and statement.get("Action") == identity.get("action", INVOKE)
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
                    action=statement["Action"],
                    url_auth_type=_condition(statement, "StringEquals", _AUTH_TYPE),
                    only_by_url=_condition(statement, "Bool", _BY_URL).lower() == "true",
                )
                return Found(permission, record.outputs)
        return None

    def create(self, permission: Permission) -> Outputs:
        """Add the statement; one of the same Sid grants the same, so it may be there."""
        function = str(permission.function)
        sid = statement_id(permission)
        more: dict[str, object] = {}
        if permission.source_arn:
            more["SourceArn"] = str(permission.source_arn)
        if permission.of_this_account:
            more["SourceAccount"] = self._session.place().account
        if permission.url_auth_type:
            more["FunctionUrlAuthType"] = permission.url_auth_type
        if permission.only_by_url:
            more["InvokedViaFunctionUrl"] = True
        with doing(f"letting {permission.principal} invoke {function}"):
            try:
                self._lambda.add_permission(
                    FunctionName=function,
                    StatementId=sid,
                    Action=permission.action,
                    Principal=permission.principal,
                    **more,
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
    return _condition(statement, "ArnLike", "aws:SourceArn")


def _source_account(statement: Mapping[str, Any]) -> str:
    return _condition(statement, "StringEquals", "aws:SourceAccount")


def _condition(statement: Mapping[str, Any], operator: str, key: str) -> str:
    """Return the value of a condition, whose key AWS spells in any letter case; empty if none."""
    conditions = statement.get("Condition", {}).get(operator, {})
    values = {name.lower(): value for name, value in conditions.items()}
    return str(values.get(key.lower(), ""))
