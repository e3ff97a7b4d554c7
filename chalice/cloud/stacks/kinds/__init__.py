"""The types of resources that the embedded cloud makes from templates."""

from __future__ import annotations

from collections.abc import Mapping

from chalice.cloud.stacks.kinds import (
    buckets,
    custom,
    events_of_functions,
    functions,
    http_apis,
    queues,
    rest_apis,
    rest_doors,
    rest_parts,
    roles,
    rules,
    tables,
    user_pools,
    values,
)
from chalice.cloud.stacks.kinds.kind import Kind

_KINDS: tuple[type[Kind], ...] = (
    buckets.Bucket,
    buckets.BucketPolicy,
    custom.Metadata,
    custom.NestedStack,
    events_of_functions.EventInvokeConfig,
    events_of_functions.EventSourceMapping,
    functions.Alias,
    functions.Function,
    functions.LayerVersion,
    functions.Permission,
    functions.Url,
    functions.Version,
    http_apis.Api,
    http_apis.ApiMapping,
    http_apis.Authorizer,
    http_apis.Deployment,
    http_apis.DomainName,
    http_apis.Integration,
    http_apis.Route,
    http_apis.RouteResponse,
    http_apis.Stage,
    queues.Queue,
    queues.QueuePolicy,
    queues.Subscription,
    queues.Topic,
    queues.TopicPolicy,
    rest_apis.Deployment,
    rest_apis.RestApi,
    rest_apis.Stage,
    rest_doors.Account,
    rest_doors.ApiKey,
    rest_doors.BasePathMapping,
    rest_doors.DomainName,
    rest_doors.UsagePlan,
    rest_doors.UsagePlanKey,
    rest_parts.Authorizer,
    rest_parts.GatewayResponse,
    rest_parts.Method,
    rest_parts.Resource,
    roles.ManagedPolicy,
    roles.Policy,
    roles.Role,
    roles.User,
    rules.EventBus,
    rules.Rule,
    rules.Schedule,
    rules.ScheduleGroup,
    tables.Stream,
    tables.Table,
    user_pools.UserPool,
    user_pools.UserPoolClient,
    user_pools.UserPoolDomain,
    values.LogGroup,
    values.Parameter,
    values.Secret,
)
_BY_TYPE: Mapping[str, Kind] = {kind.type: kind() for kind in _KINDS}
_CUSTOM = custom.CustomResource.type


def is_known(type_name: str) -> bool:
    """Whether there is such a type."""
    return type_name in _BY_TYPE or _is_custom(type_name)


def known_types() -> list[str]:
    """Return all of them, in the order of the alphabet."""
    return sorted([*_BY_TYPE, _CUSTOM, "Custom::…"])


def kind_of(type_name: str) -> Kind:
    """Return what makes resources of a type that is known."""
    return custom.CustomResource(type_name) if _is_custom(type_name) else _BY_TYPE[type_name]


def follows(type_name: str) -> frozenset[str]:
    """Return the types that are better made before."""
    return kind_of(type_name).follows


def _is_custom(type_name: str) -> bool:
    return type_name == _CUSTOM or type_name.startswith("Custom::")
