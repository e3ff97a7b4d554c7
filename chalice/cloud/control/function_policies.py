"""Who may invoke a function: its resource policy, and what the policy means.

https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from moto.awslambda.exceptions import GenericResourcNotFound, LambdaClientError
from moto.awslambda.models import LambdaFunction
from moto.awslambda.policy import Policy


class StatementExistsError(LambdaClientError):
    """The statement id is taken."""

    code = 409

    def __init__(self, sid: str) -> None:
        super().__init__(
            "ResourceConflictException",
            f"The statement id ({sid}) provided already exists. Please provide a new statement "
            "id, or remove the existing statement.",
        )


class FunctionPolicy(Policy):
    """The policies of one function, its versions and aliases: each has statements of its own.

    A statement's ``Resource`` says whose it is; its id occurs once among them.
    """

    def __init__(self, parent: LambdaFunction) -> None:
        super().__init__(parent)
        self._function_arn = parent.function_arn

    def add_statement(self, raw: str, qualifier: str | None = None) -> tuple[Any, str]:
        """Add the statement that an AddPermission request asks for."""
        sid = json.loads(raw).get("StatementId")
        if any(statement["Sid"] == sid for statement in self.of(qualifier)):
            raise StatementExistsError(sid)
        statement, revision = super().add_statement(raw, qualifier)
        return statement, str(revision)

    def of(self, qualifier: str | None) -> list[dict[str, Any]]:
        """Return the statements of the function itself, or of a version or alias of it."""
        end = f":{qualifier}" if qualifier else ""
        arn = f"{self._function_arn}{end}"
        return [statement for statement in self.statements if statement["Resource"] == arn]

    def remove(self, sid: str, qualifier: str | None, revision: str) -> None:
        """Remove a statement of the function itself, or of a version or alias of it."""
        kept = [each for each in self.statements if each not in self.of(qualifier)]
        self.statements = self.of(qualifier)
        try:
            self.del_statement(sid, revision)
        finally:
            self.statements += kept

    def shown(self, qualifier: str | None) -> str:
        """Return what GetPolicy answers."""
        statements = self.of(qualifier)
        if not statements:
            raise GenericResourcNotFound
        policy = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
        return json.dumps({"Policy": json.dumps(policy), "RevisionId": self.revision})

    def principal_formatter(self, obj: Any) -> Any:
        """Return the principal as the policy shows it: an account is its root user."""
        if isinstance(obj, str) and re.fullmatch(r"\d{12}", obj):
            return {"AWS": f"arn:aws:iam::{obj}:root"}
        return super().principal_formatter(obj)


def may_invoke(
    statements: Iterable[Mapping[str, Any]], service: str, source_arn: str, account: str
) -> bool:
    """Whether ``statements`` let ``service`` invoke the function on behalf of ``source_arn``."""
    asked = {"aws:sourcearn": source_arn, "aws:sourceaccount": account}
    return any(
        statement.get("Effect") == "Allow"
        and _matches(statement.get("Action"), "lambda:InvokeFunction")
        and _is_for(statement.get("Principal"), service)
        and all(
            _holds(operator, str(wanted), asked.get(key.lower(), ""))
            for operator, conditions in (statement.get("Condition") or {}).items()
            for key, wanted in conditions.items()
        )
        for statement in statements
    )


def _is_for(principal: object, service: str) -> bool:
    if isinstance(principal, Mapping):
        principal = principal.get("Service")
    return _matches(principal, service)


def _matches(pattern: object, text: str) -> bool:
    return isinstance(pattern, str) and _wildcard(pattern).fullmatch(text) is not None


def _holds(operator: str, wanted: str, actual: str) -> bool:
    match operator:
        case "ArnLike" | "ArnEquals":
            # Each of the six parts of an ARN matches on its own: a * does not reach past a colon.
            pairs = zip(wanted.split(":", 5), actual.split(":", 5), strict=False)
            return wanted.count(":") >= 5 and all(_matches(part, text) for part, text in pairs)
        case "StringEquals":
            return wanted == actual
        case "StringLike":
            return _matches(wanted, actual)
        case _:
            return False


def _wildcard(pattern: str) -> re.Pattern[str]:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in pattern)
    return re.compile("".join(parts), re.DOTALL)
