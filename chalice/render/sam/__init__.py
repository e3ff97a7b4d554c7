"""Resources as a template of the AWS Serverless Application Model, for CloudFormation.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html

Logical ids and outputs are those that templates made for merging rely on. Resources have no names
of their own where CloudFormation can make them up, so that one template makes many stacks.
"""

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import assert_never

from chalice.model.apis import (
    ApiKey,
    ApiMapping,
    DomainName,
    FunctionUrl,
    HttpApi,
    RestApi,
    UsagePlan,
    WebsocketApi,
)
from chalice.model.functions import Alias, Function, Layer, LogGroup, Permission, Role
from chalice.model.resources import Resource
from chalice.model.triggers import BucketNotification, EventSourceMapping, Rule, TopicSubscription
from chalice.render import Template
from chalice.render.sam import apis, buckets, domains, events, functions, plans, roles, websockets
from chalice.render.sam.draft import Draft

__all__ = ["render"]


def render(resources: Sequence[Resource], sources: str = ".") -> Template:
    """Return the template of these resources, each of which comes after all it refers to.

    ``sources`` is where the project is, seen from the template. Raises ToolError when two
    resources would have the same logical id.
    """
    draft = Draft(resources, sources)
    for resource in resources:
        _add(resource, draft)
    return draft.template


def _add(resource: Resource, draft: Draft) -> None:
    match resource:
        case Role():
            roles.add_role(resource, draft)
        case LogGroup():
            functions.add_log_group(resource, draft)
        case Layer():
            functions.add_layer(resource, draft)
        case Function():
            functions.add_function(resource, draft)
        case Alias():
            functions.publish(resource, draft)
        case Permission():
            functions.add_permission(resource, draft)
        case RestApi():
            apis.add_rest_api(resource, draft)
        case HttpApi():
            apis.add_http_api(resource, draft)
        case FunctionUrl():
            apis.add_function_url(resource, draft)
        case WebsocketApi():
            websockets.add_websocket_api(resource, draft)
        case DomainName():
            domains.add_domain_name(resource, draft)
        case ApiMapping():
            domains.add_mapping(resource, draft)
        case ApiKey():
            plans.add_api_key(resource, draft)
        case UsagePlan():
            plans.add_usage_plan(resource, draft)
        case EventSourceMapping():
            events.add_mapping(resource, draft)
        case Rule():
            events.add_rule(resource, draft)
        case BucketNotification():
            buckets.add_notification(resource, draft)
        case TopicSubscription():
            events.add_subscription(resource, draft)
        case _:
            assert_never(resource)
