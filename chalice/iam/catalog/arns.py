"""From a call's parameters to the ARNs of the resources that an action is asked for.

AWS gives each type of resource a shape, ``dynamodb:${Region}:${Account}:table/${TableName}``.
Where ``bindings.py`` says nothing about a type, a variable is filled from the parameter of the
same name, and the last one also from what such parameters are usually called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from chalice.iam.catalog.calls import Call, Place
from chalice.iam.catalog.reference import Kind

Reader: TypeAlias = Callable[[Call, str], tuple[str, ...]]
"""Returns the ARNs that a call names of a type with this shape; none when it names none."""

# How an operation calls what it is itself about: ``Id`` in DescribeProject.
OWN_ID = ("id", "identifier", "ids", "arn", "arns")
OWN_NAME = ("name", "names")
# What parameters say before the word for a type: ``DBClusterIdentifier`` of a cluster.
BEFORE = re.compile(r"(source|target|destination)?(db)?")
VARIABLE = re.compile(r"\$\{(\w+)\}")
WHERE = ("Partition", "Region", "Account")
# Parameters that hold the ARN of whatever resource the call is about.
ANY_RESOURCE = (
    "resourcearn",
    "resource",
    "arn",
    "resourceid",
    "resourceidentifier",
    "resourcename",
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
    claimed = frozenset(
        name
        for kind in kinds
        for shape in kind.shapes
        for stem in _stems(kind.name, shape)
        for name in _names(stem)
    )
    for kind in kinds:
        reader = readers.get(kind.name)
        if reader is never:
            continue
        shape = shape_of(call, kind)
        named = reader(call, shape) if reader else by_name(call, kind, shape, claimed)
        found |= dict.fromkeys(named)
        if kind.is_required and not named:
            unnamed.append(fill(shape, call.place, {}))
    for arn in any_resource(call):
        found[arn] = None
        unnamed = []
    return tuple(found | dict.fromkeys(unnamed)) or ("*",)


def shape_of(call: Call, kind: Kind) -> str:
    """Return the shape of a type's ARNs, of several that of which the call says the most."""
    given = {_plain(name) for name in call.parameters}
    return max(kind.shapes, key=lambda shape: sum(_plain(v) in given for v in variables_of(shape)))


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
    *paths: str,
    form: Callable[[str], str] = str,
    default: str | None = None,
    variable: str | None = None,
) -> Reader:
    """Return a reader that takes a variable of the shape from the first of ``paths`` that is there.

    ``variable`` is the last one unless it is named. ``form`` turns a value into what the ARN has
    in that place; what is an ARN already stays as it is. ``default`` is the value when the call
    passes none.
    """

    def read(call: Call, shape: str) -> tuple[str, ...]:
        last = variable or variables_of(shape)[-1]
        values = next(filter(None, map(call.values, paths)), ())
        if not values and default is not None and is_left_out(call, paths):
            values = (default,)
        return tuple(
            formed if is_arn(formed) else fill(shape, call.place, {last: formed})
            for formed in map(form, values)
        )

    return read


def never(call: Call, shape: str) -> tuple[str, ...]:
    """Read a type of which no call says anything, and which stands for nothing when required."""
    return ()


def is_left_out(call: Call, paths: tuple[str, ...]) -> bool:
    """Return whether the call certainly passes none of the parameters."""
    return all(call.presence(re.split(r"[.\[]", path)[0]) == "absent" for path in paths)


def by_name(
    call: Call, kind: Kind, shape: str, claimed: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Return the ARNs of a type that the call's parameters name by their own names.

    ``claimed`` are names that are another type's by the letter, and so not this one's by a
    part of them: ``SubnetId`` is not of a secondary subnet where there are subnets. A required
    type may be known in part, by what it is in.
    """
    given = {_plain(name): name for name in call.parameters}
    if not variables_of(shape):
        return ()
    *outer, last = variables_of(shape)
    inside = {variable: _plain(variable) for variable in outer if _plain(variable) in given}
    free = [name for name in given if name not in inside.values()]
    identity = next(_identities(call, _stems(kind.name, shape), last, free, claimed), None)
    for variable in outer:
        if variable not in inside:
            names = (name for name in _names(_trimmed(variable)) if name in free)
            found = next((name for name in names if name != identity), None)
            inside |= {variable: found} if found else {}
    if identity is None and not (inside and kind.is_required):
        return ()
    rest = {variable: _tail(call.text(given[name])) for variable, name in inside.items()}
    values = call.values(given[identity]) if identity else ("*",)
    return tuple(
        value if is_arn(value) else fill(shape, call.place, rest | {last: value})
        for value in dict.fromkeys(values)
    )


def _identities(
    call: Call, stems: tuple[str, ...], last: str, free: list[str], claimed: frozenset[str]
) -> Iterator[str]:
    """Yield the parameters that may name a resource of a type, the most certain first."""
    exact = _plain(last)
    yield from (name for name in (exact, f"{exact}s") if name in free and exact not in stems)
    yield from (name for stem in stems for name in _names(stem) if name in free)
    if any(stem in _plain(call.operation) for stem in stems):
        is_made = last.endswith("Id") and call.operation.startswith("Create")
        yield from (name for name in (*OWN_ID, *(() if is_made else OWN_NAME)) if name in free)
    for name in free:
        if name not in claimed and any(_is_another_word_for(name, stem) for stem in stems):
            yield name


def any_resource(call: Call) -> tuple[str, ...]:
    """Return the ARNs that the call passes as those of any resource, such as ``ResourceArn``."""
    return tuple(
        value
        for name in call.parameters
        if _plain(name) in ANY_RESOURCE
        for value in call.values(name)
        if is_arn(value)
    )


def _stems(kind: str, shape: str) -> tuple[str, ...]:
    """Return the words for a type: its name, that of its last variable, that before it."""
    words = [kind, *map(_trimmed, variables_of(shape)[-1:])]
    words += re.findall(r"([\w-]+)[:/]\$\{\w+\}$", shape)
    stems = dict.fromkeys(map(_plain, words))
    return tuple(stem for stem in stems if stem not in {"", "resource"})


def _names(stem: str) -> tuple[str, ...]:
    words = (stem, "application") if stem == "app" else (stem,)
    endings = ("", "name", "id", "identifier", "arn")
    return tuple(word + end + s for s in ("", "s") for word in words for end in endings)


def _is_another_word_for(name: str, stem: str) -> bool:
    """Return whether a parameter says a type in other words.

    That is by the last of them alone, ``WindowId`` of a maintenance window, or with one of
    those that make no difference before it, ``DBClusterIdentifier`` of a cluster.
    """
    single = name.removesuffix("s")
    word = _trimmed(single)
    if len(word) < 3 or word == single:
        return False
    return stem.endswith(word) or (
        word.endswith(stem) and BEFORE.fullmatch(word.removesuffix(stem)) is not None
    )


def _trimmed(variable: str) -> str:
    """Return what a variable is about: ``role`` for ``RoleNameWithPath``."""
    return re.sub(r"(withpath|name|identifier|arn|id)+$", "", _plain(variable))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _tail(value: str) -> str:
    """Return a resource's name, also when the parameter holds its ARN."""
    return re.split(r"[:/]", value)[-1] if is_arn(value) else value
