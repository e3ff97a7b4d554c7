"""Roles that a call takes on, or hands to a service."""

from __future__ import annotations

from chalice.iam.catalog.arns import is_arn
from chalice.iam.catalog.calls import Call, Need, Rule


def assume_role(call: Call) -> tuple[Need, ...]:
    """The role, and what the session is to be marked with."""
    arns = call.values("RoleArn") or (call.place.arn("iam", "role/*", region=False),)
    arns = tuple(
        arn if is_arn(arn) else call.place.arn("iam", f"role/{arn}", region=False) for arn in arns
    )
    return (
        Need("sts:AssumeRole", arns),
        *call.when("Tags", "sts:TagSession", arns),
        *call.when("SourceIdentity", "sts:SetSourceIdentity", arns),
    )


def passes(*parameters: str) -> Rule:
    """Return the need of passing the role that a parameter of another name holds."""

    def rule(call: Call) -> tuple[Need, ...]:
        roles = [value for name in parameters for value in call.values(name)]
        arns = tuple(
            role if is_arn(role) else call.place.arn("iam", f"role/{role}", region=False)
            for role in roles
            # API Gateway's word for the caller's own credentials
            if not role.startswith("arn:aws:iam::*:user/")
        )
        return (Need("iam:PassRole", arns),) if arns else ()

    return rule


def role_of_profile(call: Call) -> tuple[Need, ...]:
    """An instance takes the role in its profile, which the call does not name."""
    anyone = call.place.arn("iam", "role/*", region=False)
    return call.when("IamInstanceProfile", "iam:PassRole", (anyone,))


def roles_of_task(call: Call) -> tuple[Need, ...]:
    """A task takes the roles that its definition names."""
    anyone = call.place.arn("iam", "role/*", region=False)
    return (Need("iam:PassRole", (anyone,), "when the task definition names a role"),)
