"""The policies of one stage: those that the tool writes, and those in files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from chalice.config import Config
from chalice.errors import ToolError
from chalice.graph.handlers import function_name
from chalice.model.values import Document, Place, resolve_document
from chalice.policy.code import Code
from chalice.policy.files import read_api_policy, read_role_policy
from chalice.policy.generated import (
    TRUST_POLICY,
    own_grants,
    private_api_policy,
    usual_statements,
)
from chalice.policy.grants import Grant, Granted, granted, of_statements, warnings
from chalice.policy.statements import broad, plain_statement, scoped

_MOST = 10_240
"""Characters, whitespace not counted, of the policy inside a role.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""
_LONG = Place("aws", "eu-central-1", "1" * 12)
_SEND = ["execute-api:ManageConnections"]


class StagePolicies:
    """What ``chalice.graph.Policies`` asks for. Methods raise ToolError for a bad policy file.

    ``code`` None: no code is looked at, so that roles get what triggers need alone.
    ``granted`` has what each function of a generated role was granted, and why.
    """

    trust: Document = TRUST_POLICY

    def __init__(self, project_dir: Path, code: Code | None = None) -> None:
        self._project_dir = project_dir
        self._code = code
        self._asked: dict[str, Granted] = {}
        self.granted: dict[str, Sequence[Grant]] = {}

    def role(
        self, scopes: Sequence[Config], statements: Mapping[str, Sequence[Document]]
    ) -> Document:
        """Return the policy of the role that the functions of these configurations share.

        ``statements`` are what triggers need, by function; a policy in a file has its own.
        """
        first = scopes[0]
        if not first.autogen_policy:
            return read_role_policy(self._project_dir, first.chalice_stage, first.iam_policy_file)
        for scope in scopes:
            own = statements.get(scope.function_name, ())
            self.granted[scope.function_name] = tuple(self._grants(scope, own))
        narrow = [scope for scope in scopes if scope.autogen_policy == "scoped"]
        wide = [scope for scope in scopes if scope.autogen_policy != "scoped"]
        document: list[Document] = []
        if narrow:
            document += self._scoped(narrow, statements)
        if wide:
            document += self._broad(wide, statements)
        policy: Document = {"Version": "2012-10-17", "Statement": document}
        _check_size(policy, scopes)
        return policy

    def code(self, function: str) -> Granted:
        """Return what a function is granted for its code."""
        if self._code is None:
            return Granted()
        if function not in self._asked:
            found = self._code.findings(function)
            self._asked[function] = granted(function, found, self._code.websocket_stage)
        return self._asked[function]

    @property
    def warnings(self) -> tuple[ToolError, ...]:
        """What could not be understood of the code that was looked at, each thing once."""
        return warnings(self._asked.values())

    def api(self, scope: Config) -> Document:
        """Return the resource policy of the REST API, None if it has none."""
        if scope.api_gateway_policy_file:
            return read_api_policy(self._project_dir, scope.api_gateway_policy_file)
        endpoints = scope.endpoint_ids
        return private_api_policy(endpoints) if endpoints else None

    def _scoped(
        self, scopes: Sequence[Config], statements: Mapping[str, Sequence[Document]]
    ) -> Iterator[Document]:
        yield from scoped(grant for scope in scopes for grant in self.granted[scope.function_name])
        others: list[Document] = []
        for scope in scopes:
            for each in statements.get(scope.function_name, ()):
                if plain_statement(each) is None and each not in others:
                    others.append(each)
        yield from others

    def _broad(
        self, scopes: Sequence[Config], statements: Mapping[str, Sequence[Document]]
    ) -> Iterator[Document]:
        yield from broad(
            grant for scope in scopes for grant in self.code(scope.function_name).grants
        )
        yield from usual_statements(
            network=any(scope.subnet_ids for scope in scopes),
            tracing=any(scope.xray for scope in scopes),
            more=[each for scope in scopes for each in statements.get(scope.function_name, ())],
        )

    def _grants(self, scope: Config, statements: Sequence[Document]) -> Iterator[Grant]:
        """Yield all that a function is granted for itself."""
        yield from self.code(scope.function_name).grants
        yield from own_grants(scope, function_name(scope, scope.function_name))
        plain = [each for each in map(plain_statement, statements) if each is not None]
        needed = [each for each in plain if each["Action"] != _SEND]
        yield from of_statements(scope.function_name, "its trigger", needed)


def _check_size(policy: Document, scopes: Sequence[Config]) -> None:
    """Raise ToolError for a policy that IAM would not take."""
    size = len(json.dumps(resolve_document(policy, _LONG, {}), separators=(",", ":")))
    if size <= _MOST:
        return
    names = ", ".join(scope.function_name for scope in scopes)
    one = len(scopes) == 1
    raise ToolError(
        f"the policy of the role of {names} has {size:,} characters; IAM takes {_MOST:,}",
        where=scopes[0].where("autogen_policy"),
        hint="let the function do less, or write a shorter policy: `iam_policy_file`"
        if one
        else "give each function a role of its own: `iam_role_per_function`",
    )
