"""From a call's parameters to the ARNs of the resources that an action is asked for.

AWS gives each type of resource a shape, ``dynamodb:${Region}:${Account}:table/${TableName}``.
Where ``bindings.py`` says nothing about a type, a variable is filled from the parameter of the
same name, and the last one also from what such parameters are usually called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from chalice.iam.catalog.calls import Call, Place
from chalice.iam.catalog.reference import Kind

Reader: TypeAlias = Callable[[Call, str], tuple[str, ...]]
"""Returns the ARNs that a call names of a type with this shape; none when it names none."""

VARIABLE = re.compile(r"\$\{(\w+)\}")
WHERE = ("Partition", "Region", "Account")
# Parameters that hold the ARN of whatever resource the call is about.
ANY_RESOURCE = (
    "resourcearn",
    "resource",
    "arn",
    "resourceid",
    "resourceidentifier",
    "resourcearns",
    "resourcearnlist",
    "targetarn",
)


def resources_of(
    call: Call, kinds: tuple[Kind, ...], readers: Mapping[str, Reader]
) -> tuple[str, ...]:
    """Return the ARNs on which an action with these types of resources must be allowed.

    ``readers`` are the hand-written ones, by type. A required type that the call does not
    name stands with ``*``; an optional one is left out.
    """
    if not kinds:
        return ("*",)
    found: dict[str, None] = {}
    unnamed: list[str] = []
    for kind in kinds:
        reader = readers.get(kind.name)
        named = [
            arn
            for shape in kind.shapes
            for arn in (reader(call, shape) if reader else by_name(call, kind.name, shape))
        ]
        found |= dict.fromkeys(named)
        if kind.is_required and not named:
            unnamed.append(fill(kind.shapes[0], call.place, {}))
    for arn in any_resource(call):
        found[arn] = None
        unnamed = []
    return tuple(found | dict.fromkeys(unnamed)) or ("*",)


def fill(shape: str, place: Place, values: Mapping[str, str]) -> str:
    """Return the ARN of a shape, with ``*`` for each variable that is not among ``values``."""
    known = {"Partition": place.partition, "Region": place.region, "Account": place.account}
    known |= values
    text = shape if shape.startswith("arn:") else "arn:${Partition}:" + shape
    return VARIABLE.sub(lambda found: known.get(found[1], "*"), text)


def variables_of(shape: str) -> tuple[str, ...]:
    """Return the variables of a shape, without those that say where the resource is."""
    return tuple(name for name in VARIABLE.findall(shape) if name not in WHERE)


def is_arn(value: str) -> bool:
    """Return whether the value is an ARN, or a pattern of one."""
    return value.startswith("arn:")


def by(
    *paths: str, form: Callable[[str], str] = str, default: str | None = None, **others: str
) -> Reader:
    """Return a reader that takes the last variable of the shape from the parameters at ``paths``.

    ``form`` turns a value into what the ARN has in that place; what is an ARN already stays as
    it is. ``others`` names the paths of further variables. ``default`` is the value when the
    call passes none.
    """

    def read(call: Call, shape: str) -> tuple[str, ...]:
        last = variables_of(shape)[-1]
        rest = {variable: call.text(path) for variable, path in others.items()}
        values = [value for path in paths for value in call.values(path)]
        if not values and default is not None and is_left_out(call, paths):
            values = [default]
        return tuple(
            formed if is_arn(formed) else fill(shape, call.place, rest | {last: formed})
            for formed in map(form, values)
        )

    return read


def is_left_out(call: Call, paths: tuple[str, ...]) -> bool:
    """Return whether the call certainly passes none of the parameters."""
    return all(call.presence(re.split(r"[.\[]", path)[0]) == "absent" for path in paths)


def by_name(call: Call, kind: str, shape: str) -> tuple[str, ...]:
    """Return the ARNs of a type that the call's parameters name by their own names."""
    given = {_plain(name): name for name in call.parameters}
    variables = variables_of(shape)
    if not variables:
        return (fill(shape, call.place, {}),)
    *outer, last = variables
    stems = _stems(kind, last)
    identities = [name for stem in stems for name in _names(stem)]
    if any(stem in _plain(call.operation) for stem in stems):
        identities += ["name", "id", "identifier", "names", "ids", "arn", "arns"]
    values: dict[str, None] = {}
    for name in dict.fromkeys(identities):
        if name in given:
            values |= dict.fromkeys(call.values(given[name]))
    rest = {}
    for variable in outer:
        for name in (_plain(variable), *_names(_trimmed(variable))):
            if name in given:
                rest[variable] = _tail(call.text(given[name]))
                break
    if not values and not rest:
        return ()
    return tuple(
        value if is_arn(value) else fill(shape, call.place, rest | {last: value})
        for value in values or {"*": None}
    )


def any_resource(call: Call) -> tuple[str, ...]:
    """Return the ARNs that the call passes as those of any resource, such as ``ResourceArn``."""
    return tuple(
        value
        for name in call.parameters
        if _plain(name) in ANY_RESOURCE
        for value in call.values(name)
        if is_arn(value)
    )


def _stems(kind: str, last: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stem for stem in (_plain(kind), _trimmed(last)) if stem))


def _names(stem: str) -> tuple[str, ...]:
    singular = (stem, f"{stem}name", f"{stem}id", f"{stem}identifier", f"{stem}arn")
    return (*singular, *(f"{name}s" for name in singular))


def _trimmed(variable: str) -> str:
    """Return what a variable is about: ``role`` for ``RoleNameWithPath``."""
    return re.sub(r"(withpath|name|identifier|arn|id)+$", "", _plain(variable))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _tail(value: str) -> str:
    """Return a resource's name, also when the parameter holds its ARN."""
    return re.split(r"[:/]", value)[-1] if is_arn(value) else value
