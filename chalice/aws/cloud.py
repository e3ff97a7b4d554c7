"""AWS as the planner and the executor see it: one door, a room behind it for each kind."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from typing_extensions import assert_never

from chalice.aws.aliases import Aliases
from chalice.aws.api_mappings import ApiMappings
from chalice.aws.bucket_notifications import BucketNotifications
from chalice.aws.domain_names import DomainNames
from chalice.aws.event_source_mappings import EventSourceMappings
from chalice.aws.function_urls import FunctionUrls
from chalice.aws.functions import Functions
from chalice.aws.http_apis import HttpApis
from chalice.aws.iam import Roles
from chalice.aws.layers import Layers
from chalice.aws.logs import LogGroups
from chalice.aws.permissions import Permissions
from chalice.aws.rest_apis import RestApis
from chalice.aws.room import Room
from chalice.aws.rules import Rules
from chalice.aws.session import Session
from chalice.aws.topic_subscriptions import TopicSubscriptions
from chalice.aws.usage_plans import ApiKeys, UsagePlans
from chalice.aws.websocket_apis import WebsocketApis
from chalice.model.resources import Identity, Kind, Resource, kind_of
from chalice.model.state import Found, Record
from chalice.model.values import Outputs


class AwsCloud:
    """The port ``chalice.plan.port.Cloud``, for real."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rooms: dict[Kind, Room[Any]] = {}

    def find(self, kind: Kind, identity: Identity) -> Outputs | None:
        """Return the outputs of the resource that has this identity; None if there is none."""
        return self._room(kind).find(identity)

    def read(self, record: Record) -> Found | None:
        """Return the recorded resource as it stands; None if it is gone."""
        return self._room(record.kind).read(record)

    def create(self, resource: Resource) -> Outputs:
        """Make the resource."""
        return self._room(kind_of(resource)).create(resource)

    def update(self, resource: Resource, record: Record, fields: Collection[str]) -> Outputs:
        """Change the named fields of the recorded resource to those of ``resource``."""
        return self._room(record.kind).update(resource, record, fields)

    def leave(self, record: Record) -> None:
        """Take our target off a rule of others; what else is adopted is nobody's in part."""
        if record.kind == "Rule":
            Rules(self._session).leave(record)

    def delete(self, record: Record) -> None:
        """Delete the resource; one that is gone already is no error."""
        self._room(record.kind).delete(record)

    def _room(self, kind: Kind) -> Room[Any]:
        room = self._rooms.get(kind)
        if room is None:
            room = self._rooms.setdefault(kind, _make_room(kind, self._session))
        return room


def _make_room(kind: Kind, session: Session) -> Room[Any]:
    match kind:
        case "Role":
            return Roles(session)
        case "LogGroup":
            return LogGroups(session)
        case "Layer":
            return Layers(session)
        case "Function":
            return Functions(session)
        case "Alias":
            return Aliases(session)
        case "RestApi":
            return RestApis(session)
        case "Permission":
            return Permissions(session)
        case "HttpApi":
            return HttpApis(session)
        case "FunctionUrl":
            return FunctionUrls(session)
        case "DomainName":
            return DomainNames(session)
        case "ApiMapping":
            return ApiMappings(session)
        case "ApiKey":
            return ApiKeys(session)
        case "UsagePlan":
            return UsagePlans(session)
        case "WebsocketApi":
            return WebsocketApis(session)
        case "EventSourceMapping":
            return EventSourceMappings(session)
        case "Rule":
            return Rules(session)
        case "BucketNotification":
            return BucketNotifications(session)
        case "TopicSubscription":
            return TopicSubscriptions(session)
        case _:
            assert_never(kind)
