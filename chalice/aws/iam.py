"""IAM roles: https://docs.aws.amazon.com/IAM/latest/APIReference/"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from botocore.exceptions import ClientError

from chalice.aws.calls import code_of, doing, or_none
from chalice.aws.session import Session
from chalice.model.functions import Role
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Document, Outputs


class Roles:
    """Roles with one inline policy, which is named as the role."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _iam(self) -> Any:
        return self._session.client("iam")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the role of that name."""
        name = identity["role_name"]
        with doing(f"looking for IAM role {name}"):
            found = or_none(lambda: self._iam.get_role(RoleName=name))
        return None if found is None else _outputs(found["Role"])

    def read(self, record: Record) -> Found | None:
        """Return the role and its policy. Nothing on a role says who made it."""
        name = record.outputs["role_name"]
        with doing(f"reading IAM role {name}"):
            found = or_none(lambda: self._iam.get_role(RoleName=name))
            if found is None:
                return None
            policy = or_none(lambda: self._iam.get_role_policy(RoleName=name, PolicyName=name))
        role = Role(
            name=record.name,
            role_name=name,
            trust_policy=found["Role"]["AssumeRolePolicyDocument"],
            policy={} if policy is None else policy["PolicyDocument"],
            permissions_boundary=_boundary(found["Role"]),
        )
        return Found(role, _outputs(found["Role"]), ours=False)

    def create(self, role: Role) -> Outputs:
        """Create the role, then its policy; a role that exists by now gets policy and boundary."""
        bounds = (
            {"PermissionsBoundary": role.permissions_boundary} if role.permissions_boundary else {}
        )
        with doing(f"creating IAM role {role.role_name}"):
            try:
                made = self._iam.create_role(
                    RoleName=role.role_name,
                    AssumeRolePolicyDocument=_json(role.trust_policy),
                    **bounds,
                )
            except ClientError as error:
                if code_of(error) != "EntityAlreadyExists":
                    raise
                made = self._iam.get_role(RoleName=role.role_name)
                if _boundary(made["Role"]) != role.permissions_boundary:
                    self._bound(role)
        self._put_policy(role)
        return _outputs(made["Role"])

    def update(self, role: Role, record: Record, fields: Collection[str]) -> Outputs:
        """Rewrite the policies that changed, the boundary before what it bounds."""
        if "permissions_boundary" in fields:
            with doing(f"changing the permissions boundary of IAM role {role.role_name}"):
                self._bound(role)
        if "trust_policy" in fields:
            with doing(f"updating the trust policy of IAM role {role.role_name}"):
                self._iam.update_assume_role_policy(
                    RoleName=role.role_name, PolicyDocument=_json(role.trust_policy)
                )
        if "policy" in fields:
            self._put_policy(role)
        return record.outputs

    def delete(self, record: Record) -> None:
        """Delete the role and the policy we gave it.

        A role that somebody attached other policies to is not deleted: AWS says so.
        """
        name = record.outputs["role_name"]
        with doing(f"deleting IAM role {name}"):
            or_none(lambda: self._iam.delete_role_policy(RoleName=name, PolicyName=name))
            or_none(lambda: self._iam.delete_role(RoleName=name))

    def _bound(self, role: Role) -> None:
        if role.permissions_boundary:
            self._iam.put_role_permissions_boundary(
                RoleName=role.role_name, PermissionsBoundary=role.permissions_boundary
            )
        else:
            self._iam.delete_role_permissions_boundary(RoleName=role.role_name)

    def _put_policy(self, role: Role) -> None:
        with doing(f"writing the policy of IAM role {role.role_name}"):
            self._iam.put_role_policy(
                RoleName=role.role_name,
                PolicyName=role.role_name,
                PolicyDocument=_json(role.policy),
            )


def _boundary(role: Any) -> str:
    return str(role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""))


def _outputs(role: Any) -> Outputs:
    return {"role_arn": role["Arn"], "role_name": role["RoleName"]}


def _json(document: Document) -> str:
    return json.dumps(document, indent=2)
