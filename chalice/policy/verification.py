"""What functions were seen to call, beside what they are granted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TypeAlias

from chalice.policy.analysis import Place
from chalice.policy.arns import covers
from chalice.policy.grants import Grant


@dataclass(frozen=True, slots=True, order=True)
class Frame:
    """A line that ran, in the function, method or lambda of that name."""

    place: Place
    name: str


Stack: TypeAlias = tuple[Frame, ...]
"""The lines that led to a call, the innermost last."""


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """An action that calls of a function needed: ``what`` is ``dynamodb GetItem``. ``stacks`` are
    those of the calls, as far as they are known, sorted, once each.
    """

    function: str
    action: str
    resource: str
    what: str
    is_allowed: bool
    stacks: tuple[Stack, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """``needed`` are uses that are granted, ``missing`` those that are not, sorted, once each.

    ``unused`` are grants of the code that no call was seen to need.
    """

    needed: Sequence[Use]
    unused: Sequence[Grant]
    missing: Sequence[Use]


def verify(granted: Mapping[str, Iterable[Grant]], uses: Iterable[Use]) -> Verification:
    """Compare what was used with what is granted, by function.

    The ARNs of the grants are those of the place where the functions ran.
    """
    seen = _together(uses)
    return Verification(
        [use for use in seen if use.is_allowed],
        [
            grant
            for grants in granted.values()
            for grant in grants
            if grant.reason.place is not None and not any(_is_for(grant, use) for use in seen)
        ],
        [use for use in seen if not use.is_allowed],
    )


def _together(uses: Iterable[Use]) -> Sequence[Use]:
    """Return each use once, with all stacks."""
    stacks: dict[Use, set[Stack]] = {}
    for use in uses:
        stacks.setdefault(replace(use, stacks=()), set()).update(use.stacks)
    return [replace(use, stacks=tuple(sorted(stacks[use]))) for use in sorted(stacks)]


def _is_for(grant: Grant, use: Use) -> bool:
    return (
        grant.reason.function == use.function
        and fnmatchcase(use.action.lower(), grant.action.lower())
        and covers(grant.resource, use.resource)
    )
