"""The answer for one call: hand-written where AWS has rules of its own, else from the reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chalice.iam.catalog import gateway
from chalice.iam.catalog.arns import is_arn, resources_of
from chalice.iam.catalog.bindings import READERS
from chalice.iam.catalog.calls import Call, Need, Place
from chalice.iam.catalog.reference import Entry, UndocumentedError, entry, kinds_of
from chalice.iam.catalog.rules import MORE, RULES, TAGGED


def needs(
    service: str,
    operation: str,
    parameters: Mapping[str, object] | None = None,
    place: Place | None = None,
    *,
    complete: bool = True,
) -> tuple[Need, ...]:
    """Return what a call must be allowed to do; nothing when it needs no permission.

    ``service`` and ``operation`` are botocore's names (``stepfunctions``, ``StartExecution``),
    ``parameters`` the call's, by botocore's names; see ``Call`` for what may be unknown in them.
    ``complete`` says that no other parameter is passed. Raises ``UnknownOperationError``, and
    ``UndocumentedError`` where AWS does not document any action.
    """
    found = entry(service, operation)
    if found.standing == "missing":
        raise UndocumentedError(service, operation, found.actions[0])
    if found.standing == "open":
        return ()
    call = Call(service, operation, parameters or {}, place or Place(), complete)
    rule = RULES.get(service, {}).get(operation)
    if rule is not None:
        own = rule(call)
    elif found.route is not None:
        own = (gateway.need_of(found.route, call),)
    else:
        own = tuple(Need(action, resources(action, call)) for action in found.actions)
    more = MORE.get(service, {}).get(operation)
    return merged(
        (*own, *(more(call) if more else ()), *tagging(call, own), *passed_roles(found, call))
    )


def resources(action: str, call: Call) -> tuple[str, ...]:
    """Return the ARNs on which a call needs one of its actions."""
    return resources_of(call, kinds_of(action), READERS.get(action.partition(":")[0], {}))


def tagging(call: Call, own: tuple[Need, ...]) -> tuple[Need, ...]:
    """Return the need of tagging what the call makes."""
    if call.service == "ec2" and call.presence("TagSpecifications") == "given":
        kinds = call.values("TagSpecifications[].ResourceType") or ("*",)
        made = (
            call.place.arn("ec2", f"{kind}/*", account=kind not in {"image", "snapshot"})
            for kind in kinds
        )
        return (Need("ec2:CreateTags", tuple(made)),)
    tagged = TAGGED.get(call.service, {}).get(call.operation)
    if tagged is None:
        return ()
    # A log group is tagged as itself, not as all that is in it.
    ends = ":*" if call.service == "logs" else ""
    return call.when(*tagged, tuple(arn.removesuffix(ends) for arn in own[0].resources))


def passed_roles(found: Entry, call: Call) -> Iterable[Need]:
    """Yield the need of ``iam:PassRole`` for each role that the call passes to a service."""
    for path in found.roles:
        parameter = path.partition(".")[0].removesuffix("[]")
        roles = call.values(path)
        arns = tuple(
            role
            if is_arn(role)
            else call.place.arn("iam", f"role/{role.removeprefix('role/')}", region=False)
            for role in roles
        )
        if arns:
            yield Need("iam:PassRole", arns)
        elif call.presence(parameter) == "unknown":
            anyone = call.place.arn("iam", "role/*", region=False)
            yield Need("iam:PassRole", (anyone,), f"when `{parameter}` is passed")


def merged(needed: Iterable[Need]) -> tuple[Need, ...]:
    """Return the needs with those of the same action joined, in the order of first mention."""
    joined: dict[tuple[str, str | None], dict[str, None]] = {}
    for need in needed:
        joined.setdefault((need.action, need.perhaps), {}).update(dict.fromkeys(need.resources))
    return tuple(Need(action, tuple(arns), perhaps) for (action, perhaps), arns in joined.items())
