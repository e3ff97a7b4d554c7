"""URLs of functions: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from botocore.exceptions import ClientError

from chalice.aws.calls import code_of, doing, or_none
from chalice.aws.session import Session
from chalice.model.apis import FunctionUrl
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Outputs


class FunctionUrls:
    """URLs, of which a function has one."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _lambda(self) -> Any:
        return self._session.client("lambda")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the function's URL."""
        found = self._get(identity["function"])
        return None if found is None else _outputs(found)

    def read(self, record: Record) -> Found | None:
        """Return the URL as it stands."""
        found = self._get(record.outputs["lambda_arn"])
        if found is None:
            return None
        url = FunctionUrl(
            name=record.name, function=found["FunctionArn"], auth_type=found["AuthType"]
        )
        return Found(url, _outputs(found))

    def create(self, url: FunctionUrl) -> Outputs:
        """Give the function a URL; one that it has is made what it should be."""
        with doing(f"making a URL for {url.function}"):
            try:
                made = self._lambda.create_function_url_config(
                    AuthType=url.auth_type, **_named(str(url.function))
                )
            except ClientError as error:
                if code_of(error) != "ResourceConflictException":
                    raise
                made = self._lambda.update_function_url_config(
                    AuthType=url.auth_type, **_named(str(url.function))
                )
        return _outputs(made)

    def update(self, url: FunctionUrl, record: Record, fields: Collection[str]) -> Outputs:
        """Change who may use it."""
        with doing(f"updating the URL of {url.function}"):
            made = self._lambda.update_function_url_config(
                AuthType=url.auth_type, **_named(str(url.function))
            )
        return _outputs(made)

    def delete(self, record: Record) -> None:
        """Delete the URL; the function may be gone."""
        function = record.outputs["lambda_arn"]
        with doing(f"deleting the URL of {function}"):
            or_none(lambda: self._lambda.delete_function_url_config(**_named(function)))

    def _get(self, function: str) -> Any:
        with doing(f"reading the URL of {function}"):
            return or_none(lambda: self._lambda.get_function_url_config(**_named(function)))


def _named(arn: str) -> dict[str, str]:
    """Return the parameters that name a function, or an alias of one, by its ARN."""
    fields = arn.split(":")
    alias = {"Qualifier": fields[7]} if len(fields) > 7 else {}
    return {"FunctionName": ":".join(fields[:7]), **alias}


def _outputs(found: Any) -> Outputs:
    return {"function_url": found["FunctionUrl"], "lambda_arn": found["FunctionArn"]}
