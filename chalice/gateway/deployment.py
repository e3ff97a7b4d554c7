"""What the gateway serves: an API document, deployed to a stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias


@dataclass(frozen=True, kw_only=True, eq=False)
class Deployment:
    """One stage of one API. Two deployments are equal when they are the same object.

    ``document`` is the resolved API document, plain JSON: its integration URIs hold function
    ARNs. ``variables`` are the stage variables, None or empty for none.
    ``minimum_compression_size`` is in bytes, None for no compression.
    """

    api_id: str
    stage: str
    document: Mapping[str, object]
    account: str
    region: str
    partition: str = "aws"
    deployment_id: str | None = None
    variables: Mapping[str, str] | None = None
    minimum_compression_size: int | None = None


class Catalog(Protocol):
    """Knows what is deployed.

    It returns the *same* object as long as nothing about that stage changed: the gateway keeps
    what it compiled, and its cache of authorizations, exactly as long as the object lives.
    """

    def find(self, api_id: str, stage: str) -> Deployment | None:
        """Return what that stage of that API serves, None when there is no such stage."""
        ...


ApiKeys: TypeAlias = Callable[[Deployment, str], "str | None"]
"""Returns the id of that API key if it is valid for that deployment, else None."""


def no_api_keys(deployment: Deployment, key: str) -> str | None:
    """Find no key valid."""
    return None
