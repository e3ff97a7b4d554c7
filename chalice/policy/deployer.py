"""What whoever deploys an app must be allowed: the calls of the deploy itself, by resource.

Each kind of resource has the operations with which ``chalice.aws`` looks for it, reads it, makes
it, changes it and deletes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from typing_extensions import assert_never

from chalice.iam import catalog
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
from chalice.model.functions import Alias, Code, Function, Layer, LogGroup, Permission, Role
from chalice.model.resources import Resource, resolved
from chalice.model.triggers import BucketNotification, EventSourceMapping, Rule, TopicSubscription
from chalice.model.values import Document, Outputs, Place
from chalice.policy.arns import ACCOUNT, PARTITION, REGION
from chalice.policy.grants import LEFT_OUT, Grant, Reason
from chalice.policy.statements import scoped

_HERE = Place(PARTITION, REGION, ACCOUNT)
_KEYS = "chalice/*"
Call: TypeAlias = tuple[str, str, Mapping[str, object]]
"""Service and operation, by botocore's names, and parameters."""
Door: TypeAlias = (
    RestApi | HttpApi | WebsocketApi | FunctionUrl | DomainName | ApiMapping | ApiKey | UsagePlan
)


def deployer_policy(resources: Iterable[Resource]) -> Document:
    """Return what it takes to deploy these resources, to deploy them again and to delete them."""
    statements = scoped(deployer_grants(tuple(resources)))
    return {"Version": "2012-10-17", "Statement": statements}


def deployer_grants(resources: tuple[Resource, ...]) -> Iterator[Grant]:
    """Yield what it takes to deploy the resources, each grant with its resource and call."""
    known: dict[str, Outputs] = {}
    for resource in resources:
        here = resolved(resource, _HERE, known)
        known[resource.name] = _outputs(here)
        for service, operation, parameters in _calls(here):
            reason = Reason(resource.name, f"{service} {operation}")
            for need in catalog.needs(service, operation, parameters):
                if need.perhaps not in LEFT_OUT:
                    yield from (Grant(need.action, arn, reason) for arn in need.resources)
        if isinstance(here, Function) and here.kms_key_arn:
            # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
            reason = Reason(resource.name, "its key")
            for action in ("kms:CreateGrant", "kms:Decrypt", "kms:Encrypt"):
                yield Grant(action, here.kms_key_arn, reason)
        if isinstance(here, RestApi) and _has_policy(here):
            reason = Reason(resource.name, "its resource policy")
            for path in ("/restapis", "/restapis/*"):
                arn = catalog.Place().arn("apigateway", path, account=False)
                yield Grant("apigateway:UpdateRestApiPolicy", arn, reason)


def _outputs(resource: Resource) -> Outputs:
    """Return what others refer to of a resource, as far as it is known before it is made."""
    match resource:
        case Role(role_name=name):
            arn = catalog.Place().arn("iam", f"role/{name}", region=False)
            return {"role_arn": arn, "role_name": name}
        case Function(function_name=name):
            return {"lambda_arn": catalog.Place().arn("lambda", f"function:{name}")}
        case Layer(layer_name=name):
            return {"layer_version_arn": catalog.Place().arn("lambda", f"layer:{name}:*")}
        case Alias(function=function, alias_name=name):
            return {"invoke_arn": f"{function}:{name}"}
        case LogGroup(log_group_name=name):
            return {"log_group_name": name}
        case DomainName(domain_name=name):
            return {"domain_name": name}
        case RestApi():
            return {"rest_api_id": "*"}
        case HttpApi():
            return {"http_api_id": "*"}
        case WebsocketApi():
            return {"websocket_api_id": "*"}
        case ApiKey():
            return {"api_key_id": "*"}
        case _:
            return {"statement_id": "*"}


def _calls(resource: Resource) -> Iterator[Call]:
    match resource:
        case Role():
            yield from _role(resource)
        case LogGroup(log_group_name=name):
            yield "logs", "DescribeLogGroups", {"logGroupNamePrefix": name}
            for operation in ("CreateLogGroup", "PutRetentionPolicy", "DeleteRetentionPolicy"):
                yield "logs", operation, {"logGroupName": name}
        case Layer(layer_name=name):
            for operation in ("ListLayerVersions", "PublishLayerVersion"):
                yield "lambda", operation, {"LayerName": name}
            for operation in ("GetLayerVersion", "DeleteLayerVersion"):
                yield "lambda", operation, {"LayerName": name, "VersionNumber": "*"}
            yield from _upload(resource.code)
        case Function():
            yield from _function(resource)
            if isinstance(resource.code, Code):
                yield from _upload(resource.code)
        case Alias(function=function):
            yield from _alias(str(function))
        case Permission(function=function):
            for operation in ("AddPermission", "GetPolicy", "RemovePermission"):
                yield "lambda", operation, {"FunctionName": function}
        case (
            RestApi()
            | HttpApi()
            | WebsocketApi()
            | FunctionUrl()
            | DomainName()
            | ApiMapping()
            | ApiKey()
            | UsagePlan()
        ):
            yield from _door(resource)
        case EventSourceMapping():
            yield from _event_source_mapping(resource)
        case Rule(rule_name=name, event_bus=bus):
            for operation in ("DescribeRule", "PutRule", "DeleteRule"):
                yield "events", operation, {"Name": name, "EventBusName": bus}
            for operation in ("ListTargetsByRule", "PutTargets", "RemoveTargets"):
                yield "events", operation, {"Rule": name, "EventBusName": bus}
        case BucketNotification(bucket=bucket):
            for verb in ("Get", "Put"):
                yield "s3", f"{verb}BucketNotificationConfiguration", {"Bucket": bucket}
        case TopicSubscription(topic=topic):
            for operation in ("ListSubscriptionsByTopic", "Subscribe"):
                yield "sns", operation, {"TopicArn": topic}
            subscription = {"SubscriptionArn": f"{topic}:*"}
            for operation in (
                *("GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe"),
            ):
                yield "sns", operation, subscription
        case _:
            assert_never(resource)


def _door(resource: Door) -> Iterator[Call]:
    match resource:
        case RestApi():
            yield from _rest_api()
        case HttpApi():
            yield from _v2_api()
            yield "apigatewayv2", "ReimportApi", {"ApiId": "*"}
        case WebsocketApi():
            yield from _v2_api()
            for operation in ("GetIntegrations", "CreateIntegration", "GetRoutes", "CreateRoute"):
                yield "apigatewayv2", operation, {"ApiId": "*"}
            yield "apigatewayv2", "UpdateRoute", {"ApiId": "*", "RouteId": "*"}
        case FunctionUrl(function=function):
            for verb in ("Create", "Get", "Update", "Delete"):
                yield "lambda", f"{verb}FunctionUrlConfig", {"FunctionName": function}
        case DomainName(domain_name=name):
            yield "apigateway", "CreateDomainName", {"domainName": name, "tags": {"*": "*"}}
            for operation in ("GetDomainName", "UpdateDomainName", "DeleteDomainName"):
                yield "apigateway", operation, {"domainName": name}
            yield from _tagging()
        case ApiMapping(domain_name=name):
            yield from _mapping(str(name), is_rest=resource.is_rest)
        case ApiKey():
            yield from _listed("ApiKey", "apiKey")
            yield from _tagging()
        case UsagePlan():
            yield from _listed("UsagePlan", "usagePlanId")
            yield "apigateway", "UpdateUsagePlan", {"usagePlanId": "*"}
            for operation in ("GetUsagePlanKeys", "CreateUsagePlanKey"):
                yield "apigateway", operation, {"usagePlanId": "*"}
            yield "apigateway", "DeleteUsagePlanKey", {"usagePlanId": "*", "keyId": "*"}
            yield from _tagging()
        case _:
            assert_never(resource)


def _role(role: Role) -> Iterator[Call]:
    for operation in (
        *("GetRole", "GetRolePolicy", "CreateRole", "PutRolePolicy", "UpdateAssumeRolePolicy"),
        *("DeleteRolePolicy", "DeleteRole"),
    ):
        yield "iam", operation, {"RoleName": role.role_name}


def _function(function: Function) -> Iterator[Call]:
    name = {"FunctionName": function.function_name}
    arn = catalog.Place().arn("lambda", f"function:{function.function_name}")
    settings = {
        **name,
        "Role": function.role,
        "Layers": list(function.layers),
        "VpcConfig": {"SubnetIds": list(function.subnet_ids)},
    }
    bucket = function.code.bucket if isinstance(function.code, Code) else ""
    place = {"S3Bucket": bucket, "S3Key": _KEYS} if bucket else {}
    yield "lambda", "CreateFunction", {**settings, "Code": place, "Tags": {"*": "*"}}
    yield "lambda", "UpdateFunctionConfiguration", settings
    yield "lambda", "UpdateFunctionCode", {**name, **place}
    for operation in ("GetFunction", "DeleteFunction"):
        yield "lambda", operation, name
    # GetFunction tells the tags only to those who may list them.
    for operation in ("ListTags", "TagResource", "UntagResource"):
        yield "lambda", operation, {"Resource": arn}
    if function.reserved_concurrency is not None:
        yield "lambda", "PutFunctionConcurrency", name
        yield "lambda", "DeleteFunctionConcurrency", name


def _upload(code: Code) -> Iterator[Call]:
    """Yield the calls that put a large zip into a bucket, if there is one."""
    if code.bucket:
        for operation in ("HeadObject", "PutObject"):
            yield "s3", operation, {"Bucket": code.bucket, "Key": _KEYS}
        # S3 says that an object is missing only to those who may list the bucket.
        yield "s3", "HeadBucket", {"Bucket": code.bucket}


def _alias(function: str) -> Iterator[Call]:
    name = {"FunctionName": function}
    for operation in ("ListAliases", "ListVersionsByFunction", "PublishVersion"):
        yield "lambda", operation, name
    for operation in ("CreateAlias", "GetAlias", "UpdateAlias", "DeleteAlias"):
        yield "lambda", operation, {**name, "Name": "*"}
    for operation in ("GetFunctionConfiguration", "DeleteFunction"):
        yield "lambda", operation, {**name, "Qualifier": "*"}


def _rest_api() -> Iterator[Call]:
    yield "apigateway", "GetRestApis", {}
    yield "apigateway", "CreateRestApi", {"tags": {"*": "*"}}
    for operation in ("GetRestApi", "PutRestApi", "UpdateRestApi", "DeleteRestApi"):
        yield "apigateway", operation, {"restApiId": "*"}
    yield "apigateway", "CreateDeployment", {"restApiId": "*"}
    yield "apigateway", "GetDeployment", {"restApiId": "*", "deploymentId": "*"}
    for operation in ("GetStage", "DeleteStage"):
        yield "apigateway", operation, {"restApiId": "*", "stageName": "*"}
    yield from _tagging()


def _v2_api() -> Iterator[Call]:
    yield "apigatewayv2", "GetApis", {}
    yield "apigatewayv2", "CreateApi", {"Tags": {"*": "*"}}
    for operation in (*("GetApi", "UpdateApi", "DeleteApi", "CreateDeployment", "CreateStage"),):
        yield "apigatewayv2", operation, {"ApiId": "*"}
    yield "apigatewayv2", "GetDeployment", {"ApiId": "*", "DeploymentId": "*"}
    for operation in ("GetStage", "UpdateStage", "DeleteStage"):
        yield "apigatewayv2", operation, {"ApiId": "*", "StageName": "*"}
    yield "apigatewayv2", "TagResource", {"ResourceArn": "*"}


def _mapping(domain: str, *, is_rest: bool) -> Iterator[Call]:
    # One without a record is looked for among both kinds.
    yield "apigateway", "GetBasePathMapping", {"domainName": domain, "basePath": "*"}
    yield "apigatewayv2", "GetApiMappings", {"DomainName": domain}
    if is_rest:
        yield "apigateway", "CreateBasePathMapping", {"domainName": domain}
        for operation in ("UpdateBasePathMapping", "DeleteBasePathMapping"):
            yield "apigateway", operation, {"domainName": domain, "basePath": "*"}
    else:
        yield "apigatewayv2", "CreateApiMapping", {"DomainName": domain}
        for operation in ("UpdateApiMapping", "DeleteApiMapping"):
            yield "apigatewayv2", operation, {"DomainName": domain, "ApiMappingId": "*"}


def _listed(kind: str, identity: str) -> Iterator[Call]:
    """Yield the calls of what is found in a list, made, read and deleted."""
    yield "apigateway", f"Get{kind}s", {}
    yield "apigateway", f"Create{kind}", {"tags": {"*": "*"}}
    for verb in ("Get", "Delete"):
        yield "apigateway", f"{verb}{kind}", {identity: "*"}


def _tagging() -> Iterator[Call]:
    for operation in ("TagResource", "UntagResource"):
        yield "apigateway", operation, {"resourceArn": "*"}


def _event_source_mapping(mapping: EventSourceMapping) -> Iterator[Call]:
    function = {"FunctionName": mapping.function}
    yield "lambda", "CreateEventSourceMapping", {**function, "EventSourceArn": mapping.source}
    yield "lambda", "ListEventSourceMappings", function
    for verb in ("Get", "Update", "Delete"):
        yield "lambda", f"{verb}EventSourceMapping", {"UUID": "*"}


def _has_policy(api: RestApi) -> bool:
    return isinstance(api.document, Mapping) and "x-amazon-apigateway-policy" in api.document
