"""Resources as a module of Terraform, in its JSON syntax.

https://developer.hashicorp.com/terraform/language/syntax/json

Keys of resources and outputs are those that files beside the template rely on.
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
from chalice.render.terraform import (
    apis,
    buckets,
    domains,
    events,
    functions,
    plans,
    websockets,
)
from chalice.render.terraform.draft import Draft

TEMPLATE_FILE = "chalice.tf.json"
_TERRAFORM = ">= 1.0"
_PROVIDER = ">= 5.0"
_NULL_PROVIDER = ">= 2.0"


def render(
    resources: Sequence[Resource], app: str, stage: str, *, with_null: bool = False
) -> Template:
    """Return the module of these resources, each of which comes after all it refers to.

    ``with_null``: with the data source that older templates had, and its provider. Raises
    ToolError when two resources would have one key.
    """
    draft = Draft(resources)
    for resource in resources:
        _add(resource, draft)
    made = draft.template
    names = {"app": app, "stage": stage}
    providers = {"aws": {"source": "hashicorp/aws", "version": _PROVIDER}}
    kinds = ("aws_caller_identity", "aws_partition", "aws_region")
    data: Template = {kind: {"chalice": {}} for kind in kinds}
    template: Template = {
        "resource": made["resource"],
        "locals": {**{f"chalice_{key}": name for key, name in names.items()}, **made["locals"]},
        "terraform": {"required_version": _TERRAFORM, "required_providers": providers},
        "data": data,
    }
    if with_null:
        providers["null"] = {"source": "hashicorp/null", "version": _NULL_PROVIDER}
        data["null_data_source"] = {"chalice": {"inputs": names}}
    return {**template, **{part: made[part] for part in ("variable", "output") if made[part]}}


def _add(resource: Resource, draft: Draft) -> None:
    match resource:
        case Role():
            functions.add_role(resource, draft)
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
