"""What a function is allowed to do and why: the calls of its code, in the terms of IAM."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from chalice.errors import ToolError
from chalice.iam import catalog
from chalice.policy.analysis import Call, Findings, Parameter, Place, Unknown, Unresolved
from chalice.policy.arns import covers
from chalice.policy.declared import resources_declared, unknown_action

# What depends on how a resource is set up, not on the call, and is seldom so: not granted.
LEFT_OUT = frozenset(
    {
        "when it is encrypted with a key of your own",
        "when a parameter is encrypted with a key of your own",
        "when the bucket's default key is your own",
        "when the source has tags",
    }
)
_CONNECTIONS = "apigatewaymanagementapi"


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """Why a function needs something.

    ``what`` is ``dynamodb GetItem`` for a call, else a phrase such as ``its log``. ``path`` leads
    from the handler to the call. ``perhaps`` is None for what is certainly needed.
    """

    function: str
    what: str
    place: Place | None = None
    path: tuple[Place, ...] = ()
    perhaps: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One action on one resource, whose ARN may have pseudo parameters and ``*`` in it."""

    action: str
    resource: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Granted:
    """What the code of a function is granted.

    ``left_out`` are grants that it may need, when ``reason.perhaps``, and does not get.
    ``unresolved`` is what could not be understood, and so may be missing.
    """

    grants: tuple[Grant, ...] = ()
    left_out: tuple[Grant, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()


@dataclass(slots=True)
class _Collected:
    grants: dict[Grant, None] = field(default_factory=dict)
    left_out: dict[Grant, None] = field(default_factory=dict)
    unresolved: dict[Unresolved, None] = field(default_factory=dict)


def granted(function: str, findings: Findings, websocket_stage: str | None = None) -> Granted:
    """Return what a function is granted for what was found in its code.

    ``websocket_stage`` is the stage of the app's own WebSocket API, None if it has none.
    """
    found = _Collected()
    for call in findings.calls:
        _add_call(found, function, call, websocket_stage)
    for declared in findings.declared:
        problem = unknown_action(declared)
        if problem is not None:
            found.unresolved[problem] = None
        reason = Reason(function, "declared", declared.place, (declared.place,))
        for resource in resources_declared(declared.action, declared.resource):
            found.grants[Grant(declared.action, resource, reason)] = None
    found.unresolved |= dict.fromkeys(findings.unresolved)
    sure = {(grant.action, grant.resource) for grant in found.grants}
    return Granted(
        tuple(sorted(found.grants, key=_order)),
        tuple(
            grant
            for grant in sorted(found.left_out, key=_order)
            if (grant.action, grant.resource) not in sure
        ),
        tuple(sorted(found.unresolved)),
    )


def of_statements(
    function: str, what: str, statements: Iterable[Mapping[str, object]]
) -> Iterator[Grant]:
    """Yield the grants of statements that allow actions on resources, both as lists of text."""
    for statement in statements:
        for action in _texts(statement["Action"]):
            for resource in _texts(statement["Resource"]):
                yield Grant(action, resource, Reason(function, what))


def warnings(found: Iterable[Granted]) -> tuple[ToolError, ...]:
    """Return what a person is told about what could not be understood, each thing once."""
    problems = {each for granted in found for each in granted.unresolved}
    return tuple(
        ToolError(problem.what, where=str(problem.place), hint=problem.hint)
        for problem in sorted(problems)
    )


def _add_call(found: _Collected, function: str, call: Call, websocket_stage: str | None) -> None:
    what = f"{call.service} {call.operation}"
    try:
        needs = list(_ways(call, websocket_stage))
    except catalog.UndocumentedError as error:
        found.unresolved[_not_known(call, f"AWS documents no IAM action for {what}")] = None
        grant = Grant(error.action, "*", Reason(function, what, call.place, call.path))
        found.grants[grant] = None
        return
    except catalog.UnknownOperationError as error:
        found.unresolved[_not_known(call, str(error))] = None
        return
    for need in needs:
        reason = Reason(function, what, call.place, call.path, need.perhaps)
        target = found.left_out if need.perhaps in LEFT_OUT else found.grants
        target |= {Grant(need.action, resource, reason): None for resource in need.resources}


def _ways(call: Call, websocket_stage: str | None) -> Iterator[catalog.Need]:
    """Yield what a call needs, also where a parameter that may not be passed is not.

    Without a parameter that names the resource the call would be of any: then it is passed.
    """
    whole = _needs(call, websocket_stage)
    yield from whole
    for name in call.perhaps:
        others = _needs(call, websocket_stage, leaving_out=name)
        if not any(_is_wider(other, need) for other in others for need in whole):
            yield from (other for other in others if other not in whole)


def _is_wider(need: catalog.Need, other: catalog.Need) -> bool:
    return need.action == other.action and any(
        arn != each and covers(arn, each) for arn in need.resources for each in other.resources
    )


def _needs(
    call: Call, websocket_stage: str | None, leaving_out: str | None = None
) -> tuple[catalog.Need, ...]:
    parameters = {
        name: _known(value) for name, value in call.parameters.items() if name != leaving_out
    }
    if call.service == _CONNECTIONS and websocket_stage is not None:
        parameters["Stage"] = websocket_stage
    place = catalog.Place() if call.region is None else catalog.Place(region=call.region)
    return catalog.needs(call.service, call.operation, parameters, place, complete=call.complete)


def _known(value: Parameter) -> object:
    """Return a parameter as the catalog takes it."""
    match value:
        case Unknown():
            return catalog.UNKNOWN
        case str():
            return value
        case Mapping():
            return {name: _known(each) for name, each in value.items()}
        case list() | tuple():
            return [_known(each) for each in value]
    return value


def _not_known(call: Call, what: str) -> Unresolved:
    return Unresolved(
        call.place, what, 'say what it needs: `app.needs("service:Action", "resource")`'
    )


def _order(grant: Grant) -> tuple[str, str, str, str, str]:
    reason = grant.reason
    place = reason.place
    line = "" if place is None else f"{place.file}:{place.line:09}"
    return grant.action, grant.resource, line, reason.what, reason.perhaps or ""


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, (list, tuple)) else [str(value)]
