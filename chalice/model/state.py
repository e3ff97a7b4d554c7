"""What the last deploy of a stage left behind, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalice.model.resources import Identity, Kind, Resource
from chalice.model.values import Outputs


@dataclass(frozen=True, slots=True)
class Record:
    """One resource that exists.

    ``tag_keys`` are the tags we put on it, ``parameter_keys`` the further parameters that we set
    (``LoggingConfig.LogGroup``); others on it are none of our business. ``adopted`` is true for a
    resource that somebody else made: it is kept up to date, never deleted.
    """

    name: str
    kind: Kind
    outputs: Outputs
    tag_keys: tuple[str, ...] = ()
    parameter_keys: tuple[str, ...] = ()
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """A creation that was begun and not yet seen to end: the resource may exist."""

    name: str
    kind: Kind
    identity: Identity


@dataclass(frozen=True, slots=True)
class State:
    """Everything recorded of one stage.

    ``records`` is in the order of creation. ``retired`` are resources that were replaced and are
    still to be deleted. ``foreign`` are rows of the file of types this version does not manage;
    they are written back as they were read.
    """

    records: Mapping[str, Record] = field(default_factory=dict)
    retired: tuple[Record, ...] = ()
    intents: Mapping[str, Intent] = field(default_factory=dict)
    foreign: tuple[Mapping[str, object], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing of the stage exists, as far as is known."""
        return not (self.records or self.retired or self.intents or self.foreign)


@dataclass(frozen=True, slots=True)
class Found:
    """A resource as it stands in AWS, and the outputs AWS gives for it now.

    ``ours`` is false when nothing on it says that this stage made it.
    """

    resource: Resource
    outputs: Outputs
    ours: bool = True
