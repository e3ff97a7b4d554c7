"""Buckets whose policy is weighed once, with all of its conditions, before S3 is asked.

moto weighs it itself, without conditions: who asks for encrypted transport gets a bucket that
nobody can use.
"""

from __future__ import annotations

from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket, S3Backend

from chalice.cloud.access.principals import parse
from chalice.iam.evaluation import Decision, Question
from chalice.iam.evaluation_conditions import Context


class WeighedBucket(FakeBucket):
    """A bucket that tells moto only whether its policy makes something public."""

    def get_permission(self, action: str, resource: str) -> PermissionResult:
        """Return whether everybody may do that, signed or not. What the policy denies, and to
        whom, was weighed before.
        """
        question = Question(action, resource, context=Context({"aws:SecureTransport": "true"}))
        policies = parse([self.policy.decode()] if self.policy else [])
        is_public = any(policy.decide(question) is Decision.ALLOWED for policy in policies)
        return PermissionResult.PERMITTED if is_public else PermissionResult.NEUTRAL


class WeighedS3Backend(S3Backend):
    """The buckets of one partition."""

    def create_bucket(self, *arguments: Any, **named: Any) -> FakeBucket:
        """Make a bucket."""
        made = super().create_bucket(*arguments, **named)
        # moto names the class where it makes a bucket; ours is concrete but for CloudFormation.
        made.__class__ = WeighedBucket  # type: ignore[type-abstract]
        return made
