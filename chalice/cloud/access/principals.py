"""Who a caller is, and which policies moto's IAM holds about them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, TypeAlias
from urllib.parse import unquote

from moto.iam.models import Group, Role, User, iam_backends

from chalice.cloud.access.sessions import Session
from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.iam.evaluation import Caller, Policy

LOGGER = logging.getLogger(__name__)

Kind: TypeAlias = Literal["root", "user", "role", "federated"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a call.

    ``arn`` is that of the root, of a user, of a role's session or of a federated user. ``user``
    is the name of the user, who vouches for a federated one; ``role`` is the ARN of a role.
    ``function`` is the ARN of the function that calls. ``session_policy`` limits a session.
    """

    kind: Kind
    arn: str
    user_id: str
    access_key: str
    account: str = ACCOUNT
    partition: str = "aws"
    user: str | None = None
    role: str | None = None
    function: str | None = None
    session_policy: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def caller(self) -> Caller:
        """The principal as policies name it."""
        return Caller(self.arn, self.account, self.role)


def root(access_key: str, partition: str) -> Principal:
    """Return the account's root, which everybody is whose access key nobody gave out."""
    arn = f"arn:{partition}:iam::{ACCOUNT}:root"
    return Principal("root", arn, ACCOUNT, access_key, partition=partition)


def owner_of(session: Session, partition: str) -> Principal:
    """Return who the owner of an access key is."""
    sts = f"arn:{partition}:sts::{ACCOUNT}"
    if session.federated is not None:
        return Principal(
            "federated",
            f"{sts}:federated-user/{session.federated}",
            f"{ACCOUNT}:{session.federated}",
            session.access_key,
            partition=partition,
            user=session.user,
            session_policy=session.policy,
        )
    if session.user is not None:
        user = _find_user(session.user, partition)
        return Principal(
            "user",
            str(user.arn) if user else f"arn:{partition}:iam::{ACCOUNT}:user/{session.user}",
            str(user.id) if user else session.user,
            session.access_key,
            partition=partition,
            user=session.user,
            tags=_user_tags(session.user, partition),
        )
    if session.role is None:
        return root(session.access_key, partition)
    role = _find_role(session.role, partition)
    role_name = session.role.rpartition("/")[2]
    return Principal(
        "role",
        f"{sts}:assumed-role/{role_name}/{session.name}",
        f"{role.id if role else 'AROAUNKNOWN'}:{session.name}",
        session.access_key,
        partition=partition,
        role=session.role,
        function=session.function,
        session_policy=session.policy,
        tags=_tags(role.tags if role else ()),
    )


def role_itself(arn: str) -> Principal:
    """Return a principal with nothing but the role, for what AWS does in its name."""
    partition = arn.split(":")[1]
    name = arn.rpartition("/")[2]
    session = f"arn:{partition}:sts::{ACCOUNT}:assumed-role/{name}/{name}"
    return Principal("role", session, name, "", partition=partition, role=arn)


def identity_policies(principal: Principal) -> list[Policy]:
    """Return the policies of a user and their groups, or of a role."""
    if principal.role is not None:
        role = _find_role(principal.role, principal.partition)
        return [] if role is None else list(_policies_of(role))
    if principal.user is None:
        return []
    user = _find_user(principal.user, principal.partition)
    if user is None:
        return []
    groups = iam_backends[ACCOUNT][principal.partition].groups.values()
    holders: list[User | Group] = [user, *(each for each in list(groups) if user in each.users)]
    return [policy for holder in holders for policy in _policies_of(holder)]


def boundary(principal: Principal) -> Policy | None:
    """Return the permissions boundary, None when there is none; one that is gone allows nothing."""
    if principal.role is None:
        return None
    role = _find_role(principal.role, principal.partition)
    arn = None if role is None else role.permissions_boundary_arn
    if not arn:
        return None
    managed = iam_backends[ACCOUNT][principal.partition].managed_policies.get(arn)
    return next(parse([_default_document(managed)] if managed else []), Policy({"Statement": []}))


def session_policies(principal: Principal) -> list[Policy] | None:
    """Return the policies that limit a session, None when there are none."""
    if principal.session_policy is not None:
        return list(parse([principal.session_policy]))
    return [] if principal.kind == "federated" else None


def parse(documents: Iterable[str]) -> Iterator[Policy]:
    """Yield the policies; what is not a policy says nothing, and is logged."""
    for document in documents:
        policy = _parse(document)
        if policy is not None:
            yield policy


@lru_cache(maxsize=1024)
def _parse(document: str) -> Policy | None:
    try:
        text = unquote(document) if document.startswith("%7B") else document
        return Policy(json.loads(text))
    except ValueError as error:
        LOGGER.warning("a policy is ignored: %s: %.200s", error, document)
        return None


def _policies_of(holder: Role | User | Group) -> Iterator[Policy]:
    yield from parse(list(holder.policies.values()))
    managed = list(holder.managed_policies.values())
    yield from parse(_default_document(each) for each in managed)


def _default_document(policy: Any) -> str:
    return str(next((each.document for each in policy.versions if each.is_default), "{}"))


def _find_role(arn: str, partition: str) -> Role | None:
    roles = list(iam_backends[ACCOUNT][partition].roles.values())
    return next((role for role in roles if role.arn == arn), None)


def _find_user(name: str, partition: str) -> User | None:
    return iam_backends[ACCOUNT][partition].users.get(name)


def _user_tags(name: str, partition: str) -> Mapping[str, str]:
    tagger = iam_backends[ACCOUNT][partition].tagger
    user = _find_user(name, partition)
    return {} if user is None else dict(tagger.get_tag_dict_for_resource(user.arn))


def _tags(tags: Sequence[Mapping[str, str]] | Mapping[str, Any]) -> Mapping[str, str]:
    """Return tags by key, of the two shapes in which moto keeps them."""
    listed = list(tags.values()) if isinstance(tags, Mapping) else list(tags)
    return {str(tag["Key"]): str(tag["Value"]) for tag in listed}
