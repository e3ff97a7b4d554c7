"""AWS as the planner and the executor see it: one door, a room behind it for each kind."""

from __future__ import annotations

from collections.abc import Collection

from typing_extensions import assert_never

from chalice.aws.functions import Functions
from chalice.aws.iam import Roles
from chalice.aws.logs import LogGroups
from chalice.aws.permissions import Permissions
from chalice.aws.rest_apis import RestApis
from chalice.aws.session import Session
from chalice.model.resources import (
    Function,
    Identity,
    Kind,
    LogGroup,
    Permission,
    Resource,
    RestApi,
    Role,
)
from chalice.model.state import Found, Record
from chalice.model.values import Outputs


class AwsCloud:
    """The port ``chalice.plan.port.Cloud``, for real."""

    def __init__(self, session: Session) -> None:
        self._roles = Roles(session)
        self._log_groups = LogGroups(session)
        self._functions = Functions(session)
        self._rest_apis = RestApis(session)
        self._permissions = Permissions(session)

    def find(self, kind: Kind, identity: Identity) -> Outputs | None:
        """Return the outputs of the resource that has this identity; None if there is none."""
        return self._room(kind).find(identity)

    def read(self, record: Record) -> Found | None:
        """Return the recorded resource as it stands; None if it is gone."""
        return self._room(record.kind).read(record)

    def create(self, resource: Resource) -> Outputs:
        """Make the resource."""
        match resource:
            case Role():
                return self._roles.create(resource)
            case LogGroup():
                return self._log_groups.create(resource)
            case Function():
                return self._functions.create(resource)
            case RestApi():
                return self._rest_apis.create(resource)
            case Permission():
                return self._permissions.create(resource)
            case _:
                assert_never(resource)

    def update(self, resource: Resource, record: Record, fields: Collection[str]) -> Outputs:
        """Change the named fields of the recorded resource to those of ``resource``."""
        match resource:
            case Role():
                return self._roles.update(resource, record, fields)
            case LogGroup():
                return self._log_groups.update(resource)
            case Function():
                return self._functions.update(resource, record, fields)
            case RestApi():
                return self._rest_apis.update(resource, record, fields)
            case Permission():
                return self._permissions.create(resource)
            case _:
                assert_never(resource)

    def delete(self, record: Record) -> None:
        """Delete the resource; one that is gone already is no error."""
        self._room(record.kind).delete(record)

    def _room(self, kind: Kind) -> Roles | LogGroups | Functions | RestApis | Permissions:
        match kind:
            case "Role":
                return self._roles
            case "LogGroup":
                return self._log_groups
            case "Function":
                return self._functions
            case "RestApi":
                return self._rest_apis
            case "Permission":
                return self._permissions
            case _:
                assert_never(kind)
