"""What the data plane asks the control plane: which function, which stage, who may invoke what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.apigateway.exceptions import RestAPINotFound
from moto.apigateway.models import Authorizer, apigateway_backends
from moto.apigatewayv2.models import Authorizer as V2Authorizer
from moto.apigatewayv2.models import apigatewayv2_backends
from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.utilities.utils import get_partition

from chalice.cloud.control.function_policies import may_invoke
from chalice.cloud.control.http_apis import HttpStages, http_stages
from chalice.cloud.control.lambda_functions import ServedFunction
from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.control.rest_apis import ServedDeployment, ServedRestApi
from chalice.cloud.control.usage_plans import plan_of
from chalice.cloud.control.websocket_apis import (
    read_socket_stage,
    region_of_v2_api,
    socket_stages,
)
from chalice.cloud.functions import FunctionConfig
from chalice.gateway.deployment import ApiKey, Deployment, Throttle


class NoSuchFunctionError(Exception):
    """No function has that name or ARN. ``str()`` is AWS's sentence."""


@dataclass(frozen=True, slots=True)
class FunctionName:
    """A function as callers name it: in a region, perhaps with a version or alias."""

    region: str
    name: str
    qualifier: str | None = None

    @property
    def arn(self) -> str:
        """The ARN, with the qualifier if there is one."""
        end = f":{self.qualifier}" if self.qualifier else ""
        partition = get_partition(self.region)
        return f"arn:{partition}:lambda:{self.region}:{ACCOUNT}:function:{self.name}{end}"


def parse_function_name(text: str, region: str) -> FunctionName:
    """Parse ``orders``, ``orders:live``, ``123456789012:function:orders`` or an ARN.

    ``region`` is for those that do not name one. Raises ``NoSuchFunctionError``.
    """
    parts = text.split(":")
    if parts[0] == "arn" and len(parts) in (7, 8) and parts[2] == "lambda":
        region, account, rest = parts[3], parts[4], parts[6:]
    elif len(parts) in (3, 4) and parts[1] == "function":
        account, rest = parts[0], parts[2:]
    elif len(parts) in (1, 2):
        account, rest = ACCOUNT, parts
    else:
        raise NoSuchFunctionError(f"Function not found: {text}")
    if account != ACCOUNT:
        raise NoSuchFunctionError(f"Function not found: {text}")
    return FunctionName(region, rest[0], rest[1] if len(rest) > 1 else None)


def find_function(function: FunctionName) -> FunctionConfig:
    """Return the function, ready to run. Raises ``NoSuchFunctionError``."""
    backend = lambda_backends[ACCOUNT][function.region]
    try:
        found = backend.get_function(function.name, function.qualifier)
    except (UnknownFunctionException, UnknownAliasException) as error:
        raise NoSuchFunctionError(str(error.message)) from None
    assert isinstance(found, ServedFunction)
    return FunctionConfig(
        arn=function.arn,
        name=found.function_name,
        runtime=str(found.run_time),
        handler=str(found.handler),
        code=found.code_bytes,
        code_sha256=found.code_sha_256,
        version=str(found.version),
        memory_size=int(found.memory_size),
        timeout=float(found.timeout),
        environment=dict(found.environment_vars or {}),
        region=function.region,
        account=ACCOUNT,
        reserved_concurrency=backend.get_function(function.name).reserved_concurrency,
        log_group=found.settings.get("LoggingConfig", {}).get("LogGroup"),
        layers=found.layer_zips,
        role=str(found.role),
    )


def api_gateway_may_invoke(function: FunctionName, source_arn: str) -> bool:
    """Whether the function's policy lets API Gateway invoke it for ``source_arn``."""
    found = lambda_backends[ACCOUNT][function.region].get_function(
        function.name, function.qualifier
    )
    assert isinstance(found, ServedFunction)
    statements = found.policy.of(function.qualifier)
    return may_invoke(statements, "apigateway.amazonaws.com", source_arn, ACCOUNT)


def execute_api_arn(api_id: str, path: str) -> str:
    """Return the ARN of ``path`` (``api/GET/users``) in an API, for permissions."""
    region = _api_region(api_id) or region_of_v2_api(api_id) or ""
    return f"arn:{get_partition(region)}:execute-api:{region}:{ACCOUNT}:{api_id}/{path}"


def authorizer_id(api_id: str, function: str) -> str:
    """Return the id of the authorizer of an API that is the function with that ARN."""
    uri = f"/functions/{function}/invocations"
    rest, v2 = _api_region(api_id), region_of_v2_api(api_id)
    found: dict[str, Authorizer | V2Authorizer] = {}
    if rest is not None:
        found.update(apigateway_backends[ACCOUNT][rest].apis[api_id].authorizers)
    if v2 is not None:
        found.update(apigatewayv2_backends[ACCOUNT][v2].apis[api_id].authorizers)
    ids = [key for key, each in found.items() if str(each.authorizer_uri).endswith(uri)]
    return ids[0] if ids else "none"


def _api_region(api_id: str) -> str | None:
    for region, backend in list(apigateway_backends[ACCOUNT].items()):
        if api_id in backend.apis:
            return region
    return None


class Stages:
    """Finds what a stage serves: the gateway's catalog."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Deployment] = {}
        self._http = HttpStages()

    def find(self, api_id: str, stage: str) -> Deployment | None:
        """Return what that stage serves: the same object for as long as that does not change."""
        found = self._read(api_id, stage)
        known = self._known.pop((api_id, stage), None)
        if found is None:
            return None
        same = known is not None and vars(known) == vars(found)
        served = known if known is not None and same else found
        self._known[api_id, stage] = served
        return served

    def all(self) -> Iterator[tuple[str, Deployment]]:
        """Yield the name of each API with each deployment that one of its stages serves."""
        for backend in list(apigateway_backends[ACCOUNT].values()):
            for api in list(backend.apis.values()):
                for stage in list(api.stages):
                    served = self.find(api.id, stage)
                    if served is not None:
                        yield api.name, served
        for name, api_id, stage in (*socket_stages(), *http_stages()):
            served = self.find(api_id, stage)
            if served is not None:
                yield name, served

    def _read(self, api_id: str, stage: str) -> Deployment | None:
        region = region_of_v2_api(api_id)
        if region is not None:
            return self._http.read(region, api_id, stage) or read_socket_stage(api_id, stage)
        return _read_stage(api_id, stage)


def find_api_key(deployment: Deployment, value: str) -> ApiKey | None:
    """Return the enabled API key whose usage plan is for that stage, else None."""
    backend = apigateway_backends[ACCOUNT][deployment.region]
    for plan in list(backend.usage_plans.values()):
        for stage in plan.api_stages:
            if (stage["apiId"], stage["stage"]) == (deployment.api_id, deployment.stage):
                break
        else:
            continue
        for key_id in list(backend.usage_plan_keys.get(plan.id, {})):
            key = backend.keys.get(key_id)
            if key is not None and key.enabled and key.value == value:
                return ApiKey(key_id, plan_of(plan, stage))
    return None


def list_functions() -> Iterator[tuple[str, str]]:
    """Yield the region and the name of every function."""
    for region, backend in list(lambda_backends[ACCOUNT].items()):
        for function in backend.list_functions():
            yield region, function.function_name


def _read_stage(api_id: str, stage: str) -> Deployment | None:
    region = _api_region(api_id)
    if region is None:
        return None
    try:
        api = apigateway_backends[ACCOUNT][region].get_rest_api(api_id)
    except RestAPINotFound:
        return None
    found = api.stages.get(stage)
    if found is None or not isinstance(api, ServedRestApi):
        return None
    deployment = api.deployments.get(str(found.deployment_id))
    if not isinstance(deployment, ServedDeployment):
        return None
    return Deployment(
        api_id=api_id,
        stage=stage,
        document=deployment.document,
        account=ACCOUNT,
        region=region,
        partition=get_partition(region),
        deployment_id=deployment.id,
        variables=dict(found.variables or {}),
        minimum_compression_size=api.minimum_compression_size,
        throttles=_throttles(found.method_settings),
        default_endpoint=not api.disableExecuteApiEndpoint,
        private_endpoint=_private_endpoint(api.endpoint_configuration or {}),
    )


def _throttles(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Throttle]:
    """Return the limits in a stage's method settings, ``{"~1users/GET": {…}, "*/*": {…}}``."""
    limits = {}
    for key, each in settings.items():
        path, _, method = key.rpartition("/")
        rate, burst = each.get("throttlingRateLimit"), each.get("throttlingBurstLimit")
        # Minus one is for no limit.
        throttle = Throttle(
            float(rate) if rate is not None and float(rate) >= 0 else None,
            int(burst) if burst is not None and int(burst) >= 0 else None,
        )
        named = "/" + path.replace("~1", "/").strip("/")
        name = "*/*" if path == "*" else f"{named.rstrip('/')}/{method}"
        limits[name] = throttle
    return limits


def _private_endpoint(configuration: Mapping[str, Any]) -> str | None:
    """Return the VPC endpoint that a private API is reached through, None for a public one.

    There is no network here that would say which: it is the first that the API names.
    """
    if "PRIVATE" not in (configuration.get("types") or ()):
        return None
    return next(iter(configuration.get("vpcEndpointIds") or ()), "")
