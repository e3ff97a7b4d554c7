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
from moto.awslambda.policy import Policy as FunctionStatements

from chalice.iam.evaluation import Caller, Decision, Policy, Question
from chalice.iam.evaluation_conditions import Context


class StatementExistsError(LambdaClientError):
    """The statement id is taken."""

    code = 409

    def __init__(self, sid: str) -> None:
        super().__init__(
            "ResourceConflictException",
            f"The statement id ({sid}) provided already exists. Please provide a new statement "
            "id, or remove the existing statement.",
        )


class FunctionPolicy(FunctionStatements):
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
        for name, operator in (
            ("FunctionUrlAuthType", "StringEquals"),
            ("InvokedViaFunctionUrl", "Bool"),
        ):
            if name in statement:
                value = statement.pop(name)
                shown = str(value).lower() if isinstance(value, bool) else value
                conditions = statement.setdefault("Condition", {}).setdefault(operator, {})
                conditions[f"lambda:{name}"] = shown
        return statement, str(revision)

    def of(self, qualifier: str | None) -> list[dict[str, Any]]:
        """Return the statements of the function itself, or of a version or alias of it."""
        end = f":{qualifier}" if qualifier and qualifier != "$LATEST" else ""
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
        if isinstance(obj, str) and obj.startswith("arn:"):
            return {"AWS": obj}
        return super().principal_formatter(obj)


def may_invoke(
    statements: Iterable[Mapping[str, Any]], service: str, source_arn: str, account: str
) -> bool:
    """Whether ``statements`` let ``service`` invoke the function on behalf of ``source_arn``."""
    question = Question(
        "lambda:InvokeFunction",
        "*",
        Caller(service=service),
        Context({"aws:SourceArn": source_arn, "aws:SourceAccount": account}),
    )
    # A policy is of one function, whatever resource its statements name.
    about = [{**statement, "Resource": "*"} for statement in statements]
    return Policy({"Statement": about}).decide(question) is Decision.ALLOWED
