"""What the analysis asks of AWS's own descriptions of its services: a port, so that it is pure.

`chalice.aws.models` implements it with botocore's data and boto3's resource definitions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

Source: TypeAlias = Literal[
    "identifier", "input", "string", "integer", "requestParameter", "response", "data"
]


@dataclass(frozen=True, slots=True)
class Filled:
    """A value that boto3 fills in: a parameter of an operation, or an identifier of a resource.

    ``target`` is the name of what is filled: ``TableName``, ``Delete.Objects[].Key``. ``value`` is
    the name of an identifier (as ``Name``), the literal string, or the path in request or response.
    """

    target: str
    source: Source
    value: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """A request that a resource makes, and the kind of resource that it returns, if any.

    ``many``: a list of them. ``loaded``: they come with their data.
    """

    operation: str
    parameters: Sequence[Filled] = ()
    returns: str | None = None
    identifiers: Sequence[Filled] = ()
    many: bool = False
    loaded: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute or method of a resource that gives another resource without a request.

    It needs the data of the resource, hence its load, when ``loads``.
    """

    returns: str
    identifiers: Sequence[Filled] = ()
    loads: bool = False


@dataclass(frozen=True, slots=True)
class CollectionModel:
    """A collection: the operation that lists it, and the batch actions on its elements."""

    listing: Operation
    batch: Mapping[str, Operation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WaiterModel:
    """``Table.wait_until_exists``: the operation that it polls."""

    operation: str
    parameters: Sequence[Filled] = ()


@dataclass(frozen=True, slots=True)
class ResourceModel:
    """A kind of resource; all names are those that Python code uses.

    ``identifiers`` has attribute -> AWS's name, in order: ``{"bucket_name": "BucketName"}``;
    ``aliases`` other attributes that are identifiers. ``attributes`` are the ones that are read
    from AWS when first used, by ``load``.
    """

    identifiers: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    load: Operation | None = None
    actions: Mapping[str, Operation] = field(default_factory=dict)
    makers: Mapping[str, Reference] = field(default_factory=dict)
    references: Mapping[str, Reference] = field(default_factory=dict)
    collections: Mapping[str, CollectionModel] = field(default_factory=dict)
    waiters: Mapping[str, WaiterModel] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()


class ServiceModels(Protocol):
    """AWS services by the names that ``boto3.client`` takes."""

    def operations(self, service: str) -> Mapping[str, str] | None:
        """Return method -> operation: ``{"get_item": "GetItem"}``; None when there is no such."""

    def waiter(self, service: str, name: str) -> str | None:
        """Return the operation that the waiter polls: ``HeadBucket`` for ``bucket_exists``."""

    def resource(self, service: str, kind: str | None) -> ResourceModel | None:
        """Return a kind of resource, or for None what ``boto3.resource(service)`` returns.

        None when the service has no resources, or no such kind.
        """
