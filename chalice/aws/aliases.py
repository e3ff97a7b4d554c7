"""Published versions of functions, and the alias that callers use.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from botocore.exceptions import ClientError

from chalice.aws.calls import code_of, doing, once_free, or_none
from chalice.aws.session import Session
from chalice.model.functions import Alias
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Outputs, digest

VERSIONS_KEPT = 3
"""The newest ones, the one that is served included; the others are deleted."""
_WAIT = {"Delay": 2, "MaxAttempts": 300}
_OURS = "chalice "
"""What the description of the alias begins with, before the digest of what is served."""


class Aliases:
    """Aliases of versions, which are published as the content changes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _lambda(self) -> Any:
        return self._session.client("lambda")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the alias of that name of the function."""
        function = identity["function"]
        found = self._get(function, identity["alias_name"])
        return None if found is None else _outputs(function, found)

    def read(self, record: Record) -> Found | None:
        """Return the alias with the digest of what it serves, which its description carries."""
        function, name = record.outputs["function"], _alias_name(record)
        found = self._get(function, name)
        if found is None:
            return None
        content = found.get("Description", "")
        alias = Alias(
            name=record.name,
            function=function,
            alias_name=name,
            content=content.removeprefix(_OURS),
        )
        return Found(alias, _outputs(function, found), ours=content.startswith(_OURS))

    def create(self, alias: Alias) -> Outputs:
        """Publish a version and let the alias, which may be there by now, mean it."""
        function = str(alias.function)
        settings = {**self._publish(function), "Description": _OURS + digest(alias.content)}
        with doing(f"making alias {alias.alias_name} of {_name(function)}"):
            try:
                made = self._lambda.create_alias(
                    FunctionName=_name(function), Name=alias.alias_name, **settings
                )
            except ClientError as error:
                if code_of(error) != "ResourceConflictException":
                    raise
                made = self._move(alias, settings)
        return _outputs(function, made)

    def update(self, alias: Alias, record: Record, fields: Collection[str]) -> Outputs:
        """Publish a version, let the alias mean it, and delete the oldest ones."""
        function = str(alias.function)
        settings = {**self._publish(function), "Description": _OURS + digest(alias.content)}
        with doing(f"moving alias {alias.alias_name} of {_name(function)}"):
            moved = self._move(alias, settings)
        self._prune(function, VERSIONS_KEPT)
        return _outputs(function, moved)

    def delete(self, record: Record) -> None:
        """Delete the alias, then every version that no other alias means."""
        function, name = record.outputs["function"], _alias_name(record)
        with doing(f"deleting alias {name} of {_name(function)}"):
            or_none(lambda: self._lambda.delete_alias(FunctionName=_name(function), Name=name))
        self._prune(function, 0)

    def _get(self, function: str, name: str) -> Any:
        with doing(f"reading alias {name} of {_name(function)}"):
            return or_none(lambda: self._lambda.get_alias(FunctionName=_name(function), Name=name))

    def _publish(self, function: str) -> dict[str, str]:
        """Publish the function as it is, and wait until its snapshot is there."""
        name = _name(function)
        with doing(f"publishing a version of {name}"):
            made = once_free(
                lambda: self._lambda.publish_version(FunctionName=name), self._session.pause
            )
            if made.get("State") != "Active":
                self._lambda.get_waiter("published_version_active").wait(
                    FunctionName=name, Qualifier=made["Version"], WaiterConfig=_WAIT
                )
        return {"FunctionVersion": made["Version"]}

    def _move(self, alias: Alias, settings: dict[str, str]) -> Any:
        return self._lambda.update_alias(
            FunctionName=_name(str(alias.function)), Name=alias.alias_name, **settings
        )

    def _prune(self, function: str, kept: int) -> None:
        """Delete all versions but the newest ones and those that aliases mean."""
        name = _name(function)
        with doing(f"deleting old versions of {name}"):
            versions = or_none(lambda: self._all("list_versions_by_function", "Versions", name))
            numbers = sorted(
                int(each["Version"]) for each in versions or () if each["Version"].isdecimal()
            )
            if len(numbers) <= kept:
                return
            used = _used(self._all("list_aliases", "Aliases", name))
            for number in numbers[: len(numbers) - kept]:
                if str(number) not in used:
                    self._delete_version(name, str(number))

    def _delete_version(self, name: str, version: str) -> None:
        or_none(lambda: self._lambda.delete_function(FunctionName=name, Qualifier=version))

    def _all(self, operation: str, key: str, name: str) -> list[Any]:
        pages = self._lambda.get_paginator(operation).paginate(FunctionName=name)
        return [item for page in pages for item in page[key]]


def _used(aliases: Collection[Any]) -> set[str]:
    """Return the versions that aliases send callers to."""
    used: set[str] = set()
    for alias in aliases:
        routing = alias.get("RoutingConfig") or {}
        used |= {alias["FunctionVersion"], *routing.get("AdditionalVersionWeights", {})}
    return used


def _name(function: str) -> str:
    return function.rpartition(":")[2]


def _alias_name(record: Record) -> str:
    return record.outputs["invoke_arn"].rpartition(":")[2]


def _outputs(function: str, alias: Any) -> Outputs:
    return {"function": function, "invoke_arn": alias["AliasArn"]}
