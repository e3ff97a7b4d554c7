"""The ARN of a local call, and which patterns of a policy it matches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from chalice.gateway.routes import canonical
from chalice.iam.evaluation_patterns import matches


class LocalARNBuilder:
    """Builds the `methodArn` that an authorizer is asked about."""

    ARN_FORMAT: ClassVar[str] = (
        "arn:aws:execute-api:{region}:{account_id}:{api_id}/{stage}/{method}/{resource_path}"
    )
    LOCAL_REGION: ClassVar[str] = "mars-west-1"
    LOCAL_ACCOUNT_ID: ClassVar[str] = "123456789012"
    LOCAL_API_ID: ClassVar[str] = "ymy8tbxw7b"
    LOCAL_STAGE: ClassVar[str] = "api"

    def build_arn(self, method: str, path: str) -> str:
        """Return the ARN of a call: `.../api/GET/users/7`, and `.../api/GET//` for the root.

        The query string and a slash at the end do not count.
        """
        return self.ARN_FORMAT.format(
            region=self.LOCAL_REGION,
            account_id=self.LOCAL_ACCOUNT_ID,
            api_id=self.LOCAL_API_ID,
            stage=self.LOCAL_STAGE,
            method=method,
            resource_path=canonical(path.partition("?")[0]) or "/",
        )


class ARNMatcher:
    """Compares one ARN with the resources of a policy."""

    def __init__(self, target_arn: str) -> None:
        self._arn = target_arn

    def does_any_resource_match(self, resources: Iterable[str]) -> bool:
        """Say whether a pattern fits: `*` is any run of characters, `?` exactly one."""
        return any(matches(pattern, self._arn) for pattern in resources)
