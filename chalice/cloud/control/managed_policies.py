"""The managed policies of AWS, such as ``AWSLambdaBasicExecutionRole``: there when asked for.

moto has them all, and loads none, or the fourteen hundred, which then were in every snapshot. It
refuses policies without a version.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend, ManagedPolicy, iam_backends
from moto.iam.policy_validation import BaseIAMPolicyValidator
from moto.iam.responses import IamResponse

from chalice.cloud.control.service import CorrectedBackend, register

_DATA: str = aws_managed_policies_data


def managed_policy_arns(partition: str) -> Mapping[str, str]:
    """Return the ARN of each of AWS's policies, by name."""
    return {name: f"arn:{partition}:iam::aws:policy{path}{name}" for name, path in _paths().items()}


@lru_cache(maxsize=1)
def _paths() -> Mapping[str, str]:
    return {name: str(about["Path"]) for name, about in json.loads(_DATA).items()}


class ServedIAMBackend(IAMBackend):
    """IAM of one partition."""

    def attach_role_policy(self, policy_arn: str, role_name: str) -> None:
        """Attach a policy, one of AWS's too."""
        self._know(policy_arn)
        super().attach_role_policy(policy_arn, role_name)

    def attach_user_policy(self, policy_arn: str, user_name: str) -> None:
        """Attach a policy, one of AWS's too."""
        self._know(policy_arn)
        super().attach_user_policy(policy_arn, user_name)

    def attach_group_policy(self, policy_arn: str, group_name: str) -> None:
        """Attach a policy, one of AWS's too."""
        self._know(policy_arn)
        super().attach_group_policy(policy_arn, group_name)

    def get_policy(self, policy_arn: str) -> ManagedPolicy:
        """Return a policy, one of AWS's too."""
        self._know(policy_arn)
        found: ManagedPolicy = super().get_policy(policy_arn)
        return found

    def _know(self, arn: str) -> None:
        """Have a policy of AWS's from now on, if it is one."""
        name = arn.rpartition("/")[2]
        if ":iam::aws:policy/" not in arn or arn in self.managed_policies or name not in _paths():
            return
        about = json.loads(_DATA)[name]
        policy = AWSManagedPolicy.from_data(name, self.account_id, self.region_name, about)
        if policy.arn == arn:
            self.aws_managed_policies.append(policy)
            self.managed_policies[arn] = policy


class CorrectedIAMBackend(CorrectedBackend, ServedIAMBackend):
    """moto's IAM with AWS's policies."""

    service_package = "moto.iam"
    response = IamResponse


def _take_any_version(self: BaseIAMPolicyValidator) -> None:
    """Take a policy that does not say its version, as those of SAM do not, or the first one."""


def correct_iam() -> None:
    """Let moto serve IAM with this."""
    BaseIAMPolicyValidator._validate_version = _take_any_version  # type: ignore[method-assign]
    register(iam_backends, CorrectedIAMBackend)
