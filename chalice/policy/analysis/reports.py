"""From what contexts did to what a Lambda function can do, with the way to each call."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product

from chalice.policy.analysis.contexts import Context, Made, Needed
from chalice.policy.analysis.engine import Engine
from chalice.policy.analysis.findings import (
    Call,
    Declared,
    Findings,
    Parameter,
    Place,
    Unknown,
    Unresolved,
)
from chalice.policy.analysis.parameters import alternatives, variables_in
from chalice.policy.analysis.texts import pattern
from chalice.policy.analysis.units import FunctionUnit
from chalice.policy.analysis.values import Value

_MOST_WAYS = 64
# Parameters that say on what a call acts; of the others only one way is worth telling.
_NAMING = ("name", "arn", "arns", "url", "id", "ids", "bucket", "key", "source", "keyid", "names")


_EXHAUSTED = Unresolved(
    Place("app.py", 1),
    "the code is too entangled to be followed to the end, so calls may be missing",
    "declare what is missing with `app.needs(...)`, or write the policy in a file",
)


def findings_of(engine: Engine, root: Context, environment: Mapping[str, str]) -> Findings:
    """Return what a Lambda function can do, whose root this is."""
    calls: dict[str, Call] = {}
    declared: dict[Declared, None] = {}
    unresolved: dict[Unresolved, None] = {}
    for context, path in _reached(root):
        for made in context.calls:
            place = context.place(made.line)
            for call in _calls(engine, made, place, path, environment):
                calls.setdefault(_identity(call), call)
            unresolved |= dict.fromkeys(_missing_variables(engine, made, place, environment))
        for each in context.declared:
            found = (
                [each]
                if isinstance(each, Declared)
                else _declared(engine, each, context.place(each.line), environment)
            )
            declared |= dict.fromkeys(found)
        unresolved |= context.unresolved
    if engine.is_exhausted:
        unresolved[_EXHAUSTED] = None
    return Findings(
        tuple(sorted(calls.values(), key=_order)),
        tuple(sorted(declared, key=lambda each: (each.place, each.action, each.resource or ""))),
        tuple(sorted(unresolved)),
    )


def _reached(root: Context) -> Iterator[tuple[Context, tuple[Place, ...]]]:
    """Yield every context that a root leads to, and the shortest way to it."""
    seen = {root}
    pending: deque[tuple[Context, tuple[Place, ...]]] = deque([(root, ())])
    while pending:
        context, path = pending.popleft()
        yield context, path
        for callee, line in context.edges.items():
            if callee not in seen:
                seen.add(callee)
                step = _start(callee) if context is root else context.place(line)
                pending.append((callee, (*path, step)))


def _start(context: Context) -> Place:
    unit = context.unit
    return context.place(unit.line if isinstance(unit, FunctionUnit) else 1)


def _calls(
    engine: Engine,
    made: Made,
    place: Place,
    path: tuple[Place, ...],
    environment: Mapping[str, str],
) -> Iterator[Call]:
    region = None if made.client.region is None else pattern(made.client.region, environment)
    if made.client.region is not None and region is None:
        region = "*"
    names = [name for name, _ in made.parameters]
    choices = [alternatives(engine, value, environment) for _, value in made.parameters]
    for way in _ways(names, choices):
        parameters = {name: each for name, each in way.items() if each is not None}
        yield Call(
            made.client.service,
            made.operation,
            place,
            parameters,
            made.complete,
            region,
            (*path, place),
            tuple(name for name in made.perhaps if name in parameters),
        )


def _ways(names: list[str], choices: list[list[Parameter]]) -> Iterator[dict[str, Parameter]]:
    """Yield the parameters of each call; where there are too many, some become unknown."""
    kept = [
        each if len(each) == 1 or _says_what(name) else _whole(each)
        for name, each in zip(names, choices, strict=True)
    ]
    while _count(kept) > _MOST_WAYS:
        longest = max(range(len(kept)), key=lambda index: len(kept[index]))
        kept[longest] = [Unknown.UNKNOWN]
    for way in islice(product(*kept), _MOST_WAYS):
        yield dict(zip(names, way, strict=True))


def _whole(choices: list[Parameter]) -> list[Parameter]:
    """Return the ways that matter of a parameter that names nothing: whether it is passed."""
    found: list[Parameter] = [Unknown.UNKNOWN]
    return [None, *found] if None in choices else found


def _says_what(name: str) -> bool:
    return name.lower().endswith(_NAMING)


def _count(choices: list[list[Parameter]]) -> int:
    total = 1
    for each in choices:
        total *= len(each)
    return total


def _declared(
    engine: Engine, needed: Needed, place: Place, environment: Mapping[str, str]
) -> Iterable[Declared]:
    if needed.resource is None:
        return [Declared(needed.action, None, place)]
    found = []
    for each in alternatives(engine, needed.resource, environment):
        found.append(Declared(needed.action, each if isinstance(each, str) else None, place))
    return found


def _missing_variables(
    engine: Engine, made: Made, place: Place, environment: Mapping[str, str]
) -> Iterator[Unresolved]:
    values: list[Value] = [value for name, value in made.parameters if _says_what(name)]
    for name in sorted(variables_in(engine, values)):
        if name not in environment and not name.startswith(("AWS_", "LAMBDA_")):
            yield Unresolved(
                place,
                f"the environment variable `{name}` has no value in this stage, "
                f"so what {made.operation} is called on is not known",
                "set it in `environment_variables`, or give it a default in the code",
            )


def _identity(call: Call) -> str:
    return json.dumps(
        [call.service, call.operation, call.parameters, call.region, call.complete, call.perhaps],
        sort_keys=True,
        default=repr,
    )


def _order(call: Call) -> tuple[Place, str]:
    return call.place, _identity(call)
