"""The policies of one stage: those that the tool writes, and those in files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chalice.config import Config
from chalice.model.values import Document
from chalice.policy.files import read_api_policy, read_role_policy
from chalice.policy.generated import TRUST_POLICY, generated_role_policy, private_api_policy


class StagePolicies:
    """What ``chalice.graph.Policies`` asks for. Methods raise ToolError for a bad policy file."""

    trust: Document = TRUST_POLICY

    def __init__(self, project_dir: Path) -> None:
        self._project_dir = project_dir

    def role(self, scopes: Sequence[Config], statements: Sequence[Document]) -> Document:
        """Return the policy of the role that the functions of these configurations share.

        ``statements`` are what their triggers need; a policy in a file has its own.
        """
        first = scopes[0]
        if not first.autogen_policy:
            return read_role_policy(self._project_dir, first.chalice_stage, first.iam_policy_file)
        return generated_role_policy(
            network=any(scope.subnet_ids for scope in scopes),
            tracing=any(scope.xray for scope in scopes),
            more=statements,
        )

    def api(self, scope: Config) -> Document:
        """Return the resource policy of the REST API, None if it has none."""
        if scope.api_gateway_policy_file:
            return read_api_policy(self._project_dir, scope.api_gateway_policy_file)
        endpoints = scope.endpoint_ids
        return private_api_policy(endpoints) if endpoints else None
