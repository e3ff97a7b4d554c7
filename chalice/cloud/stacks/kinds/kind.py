"""What a type of resource is: which properties it takes, and the calls that make it."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

from chalice.cloud.stacks.calls import CallError, Calls
from chalice.cloud.stacks.errors import ResourceError

Properties: TypeAlias = Mapping[str, Any]

_UNIQUE = string.ascii_uppercase + string.digits


@dataclass(frozen=True, slots=True)
class Site:
    """Where a resource is made: in which stack, under which logical id, and how to call.

    ``ask`` sends a request to what is behind a custom resource and waits for its answer.
    ``stopping`` raises when the cloud stops; whoever waits asks it now and then.
    """

    stack_id: str
    stack_name: str
    logical_id: str
    account: str
    partition: str
    call: Calls
    ask: Callable[[str, Mapping[str, Any], float], Mapping[str, Any]]
    stopping: Callable[[], None]
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def region(self) -> str:
        """The region of the stack."""
        return self.call.region

    def name(self, longest: int = 64, *, lower: bool = False, end: str = "") -> str:
        """Return a name for the resource that nothing else has."""
        unique = f"-{''.join(secrets.choice(_UNIQUE) for _ in range(12))}{end}"
        room = longest - len(unique)
        logical = self.logical_id[: max(room - 1 - min(len(self.stack_name), room // 2), 1)]
        stack = self.stack_name[: max(room - 1 - len(logical), 1)]
        made = f"{stack}-{logical}{unique}"
        return made.lower() if lower else made

    def drop(self, service: str, operation: str, values: Properties) -> None:
        """Make a call that takes something away, which may be gone already."""
        try:
            self.call(service, operation, values)
        except CallError as error:
            if not error.is_missing:
                raise

    def arn(self, service: str, rest: str) -> str:
        """Return the ARN of something of this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"


@dataclass(frozen=True, slots=True)
class Made:
    """A resource that exists: what ``Ref`` is, and what ``Fn::GetAtt`` can be."""

    physical_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


class Kind:
    """One type. A subclass says which properties there are and makes the calls.

    ``needs`` are properties that must be there. A change of one of ``fixed`` makes the resource
    anew, as does any change when there is no ``update`` of its own. ``tags`` says how the type
    writes them, None when it has none. ``follows`` are types of which those of the same template
    are made first, if possible.
    """

    type: ClassVar[str]
    takes: ClassVar[frozenset[str]]
    needs: ClassVar[frozenset[str]] = frozenset()
    fixed: ClassVar[frozenset[str]] = frozenset()
    tags: ClassVar[Literal["list", "map"] | None] = None
    follows: ClassVar[frozenset[str]] = frozenset()

    def check(self, wanted: Properties) -> None:
        """Raise ``ResourceError`` for properties that the type has not, or must have."""
        unknown = sorted(set(wanted) - self.takes)
        if unknown:
            raise ResourceError(
                f"Encountered unsupported property {unknown[0]}: of {self.type} the embedded cloud "
                f"knows {', '.join(sorted(self.takes))}"
            )
        missing = sorted(self.needs - set(wanted))
        if missing:
            raise ResourceError(
                f"Properties validation failed: #: required key [{missing[0]}] not found"
            )

    @property
    def can_change(self) -> bool:
        """Whether something about a resource can change without making it anew."""
        return type(self).update is not Kind.update

    def replaces(self, before: Properties, wanted: Properties) -> bool:
        """Whether the change makes the resource anew."""
        if not self.can_change:
            return True
        return any(before.get(name) != wanted.get(name) for name in self.fixed)

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the resource."""
        raise NotImplementedError

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Make the resource into what is wanted."""
        raise NotImplementedError

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the resource, whose properties are ``held``."""
        raise NotImplementedError


def set_of(names: str) -> frozenset[str]:
    """Return names that are written with spaces between."""
    return frozenset(names.split())


def pick(values: Properties, names: Iterable[str]) -> dict[str, Any]:
    """Return the properties of those names that are there."""
    return {name: values[name] for name in names if name in values}


def without(values: Properties, *names: str) -> dict[str, Any]:
    """Return the properties but those."""
    return {name: value for name, value in values.items() if name not in names}


def listed(tags: Any) -> list[dict[str, str]]:
    """Return tags as ``[{"Key": …, "Value": …}]``, whichever way they were written."""
    if isinstance(tags, Mapping):
        return [{"Key": str(key), "Value": str(value)} for key, value in tags.items()]
    return [{"Key": str(each["Key"]), "Value": str(each["Value"])} for each in tags or []]


def mapped(tags: Any) -> dict[str, str]:
    """Return tags as ``{key: value}``."""
    return {each["Key"]: each["Value"] for each in listed(tags)}


def changed(before: Properties, wanted: Properties, *names: str) -> bool:
    """Whether one of the properties changes; all are asked when none are named."""
    asked = names or tuple({*before, *wanted})
    return any(before.get(name) != wanted.get(name) for name in asked)


def keep(before: Properties, wanted: Properties, *names: str) -> None:
    """Raise ``ResourceError`` when a property that no call can unset is there no more."""
    gone = [name for name in names if name in before and name not in wanted]
    if gone:
        raise ResourceError(
            f"The embedded cloud cannot take {gone[0]} away again: leave it as it is, or give the "
            "resource another logical id"
        )


def difference(before: Properties, wanted: Properties) -> tuple[dict[str, str], list[str]]:
    """Return tags to set and keys of tags to remove."""
    old, new = mapped(before.get("Tags")), mapped(wanted.get("Tags"))
    return (
        {key: value for key, value in new.items() if old.get(key) != value},
        [key for key in old if key not in new],
    )
