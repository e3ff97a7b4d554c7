"""Templates are those of AWS Chalice 1.33, with equal keys, outputs and values, but for a list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chalice import __version__
from chalice.config.python_version import lambda_runtime
from chalice.render import terraform
from tests.render.stages import configuration, resources_of_project
from tests.render.terraform.resolved import resolved

GOLDEN = Path(__file__).parent / "golden"
CAPTURES = sorted(path.name.removesuffix(".tf.json") for path in GOLDEN.glob("*.tf.json"))
STREAM = {
    "maximum_retry_attempts": -1,
    "maximum_record_age_in_seconds": -1,
    "bisect_batch_on_function_error": False,
    "parallelization_factor": 1,
    "tumbling_window_in_seconds": 0,
}


@pytest.mark.parametrize("capture", CAPTURES)
def test_a_template_is_as_it_was_but_for_what_is_mended(capture: str) -> None:
    name, _, stage = capture.partition("-")
    app = configuration(name)["app_name"]
    ours = resolved(terraform.render(resources_of_project(name, stage), app, stage))
    theirs = mended(resolved(golden(capture)), f"{app}-{stage}")
    for template in (ours, theirs):  # tests/policy has what generated policies say
        template["resource"].get("aws_iam_role_policy", {}).get("default-role", {}).pop("policy", 0)
    assert ours["resource"] == theirs["resource"]
    assert ours.get("output", {}) == theirs.get("output", {})
    assert theirs["locals"].items() <= ours["locals"].items()
    assert ours["data"].items() <= theirs["data"].items()


def golden(capture: str) -> Any:
    """Return a template by AWS Chalice as if this version had written it."""
    text = (GOLDEN / f"{capture}.tf.json").read_text()
    return json.loads(text.replace("python3.11", lambda_runtime()).replace("1.33.0", __version__))


def mended(template: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Return a template as it should have been."""
    resources: dict[str, dict[str, Any]] = template["resource"]
    _mend_functions(resources)
    for rule in resources.get("aws_cloudwatch_event_rule", {}).values():
        rule["name"] = f"{prefix}-{rule['name']}"  # apps and stages had rules of the same name
    for kind in ("aws_cloudwatch_event_target", "aws_lambda_permission"):
        for key, each in resources.get(kind, {}).items():
            if key.endswith("-event"):
                _replace_rule(each, key, prefix)
    for mapping in resources.get("aws_lambda_event_source_mapping", {}).values():
        if "starting_position" in mapping:
            mapping.update(STREAM)  # what is not said stays as it was
    for notification in resources.get("aws_s3_bucket_notification", {}).values():
        notification["depends_on"] = [  # S3 asks for the permission
            f"aws_lambda_permission.{_key_of(each, resources)}-s3event"
            for each in notification["lambda_function"]
        ]
    if "aws_api_gateway_rest_api" in resources:
        _mend_rest_api(template)
    if "aws_apigatewayv2_api" in resources:
        _mend_websocket_api(template)
    return template


def _mend_functions(resources: Mapping[str, dict[str, Any]]) -> None:
    """What is not said of functions stayed as it was, and their role could come after them."""
    for function in resources["aws_lambda_function"].values():
        function.setdefault("tracing_config", {"mode": "PassThrough"})
        function["architectures"] = ["x86_64"]
        function["ephemeral_storage"] = {"size": 512}
        kind, _, rest = function["role"].partition(".")
        if kind == "aws_iam_role":
            function["depends_on"] = [f"aws_iam_role_policy.{rest.removesuffix('.arn')}"]


def _replace_rule(each: dict[str, Any], key: str, prefix: str) -> None:
    for argument, value in each.items():
        if argument in ("rule", "source_arn"):
            each[argument] = value.replace(key, f"{prefix}-{key}")


def _key_of(notification: Mapping[str, str], resources: Mapping[str, dict[str, Any]]) -> str:
    name = notification["lambda_function_arn"].rpartition(":")[2]
    functions = resources["aws_lambda_function"].items()
    return next(key for key, each in functions if each["function_name"] == name)


def _mend_rest_api(template: dict[str, Any]) -> None:
    """The provider no longer makes stages of deployments; X-Ray, prefixes, endpoints, tags."""
    resources = template["resource"]
    handler = resources["aws_lambda_function"]["api_handler"]
    api = resources["aws_api_gateway_rest_api"]["rest_api"]
    deployment = resources["aws_api_gateway_deployment"]["rest_api"]
    swagger = template["locals"]["chalice_api_swagger"]
    api["tags"] = handler["tags"]
    if "minimum_compression_size" in api:
        api["minimum_compression_size"] = str(api["minimum_compression_size"])
    endpoints = swagger.get("x-amazon-apigateway-endpoint-configuration", {}).get("vpcEndpointIds")
    if endpoints:
        api["endpoint_configuration"]["vpc_endpoint_ids"] = endpoints
    stage_name = deployment.pop("stage_name")
    del deployment["stage_description"]
    deployment["triggers"] = {
        "body": "sha256(aws_api_gateway_rest_api.rest_api.body)",
        "minimum_compression_size": str(api.get("minimum_compression_size")),
    }
    resources["aws_api_gateway_stage"] = {
        "rest_api": {
            "rest_api_id": "aws_api_gateway_rest_api.rest_api.id",
            "deployment_id": "aws_api_gateway_deployment.rest_api.id",
            "stage_name": stage_name,
            "xray_tracing_enabled": handler["tracing_config"]["mode"] == "Active",
            "tags": handler["tags"],
        }
    }
    template["output"]["EndpointURL"]["value"] = "aws_api_gateway_stage.rest_api.invoke_url"
    mapping = resources.get("aws_api_gateway_base_path_mapping", {})
    for each in mapping.values():
        each["base_path"] = "v1"


def _mend_websocket_api(template: dict[str, Any]) -> None:
    """Routes that changed were not deployed, domains had neither TLS version nor key."""
    resources = template["resource"]
    tags = resources["aws_lambda_function"]["websocket_connect"]["tags"]
    resources["aws_apigatewayv2_api"]["websocket_api"]["tags"] = tags
    resources["aws_apigatewayv2_stage"]["websocket_api_stage"]["tags"] = tags
    served = [
        value
        for name in ("connect", "message", "disconnect")
        for value in (
            f"aws_apigatewayv2_integration.websocket_{name}_api_integration.integration_uri",
            f"aws_apigatewayv2_route.websocket_{name}_route.target",
            f"aws_apigatewayv2_route.websocket_{name}_route.authorization_type",
        )
    ]
    deployment = resources["aws_apigatewayv2_deployment"]["websocket_api_deployment"]
    deployment["triggers"] = {"redeployment": f"sha256(jsonencode([{', '.join(served)}]))"}
    deployment["lifecycle"] = {"create_before_destroy": True}
    name = "aws_apigatewayv2_domain_name"
    domain = resources[name]["websocket_api_custom_domain"]
    domain["domain_name_configuration"]["security_policy"] = "TLS_1_2"
    mapping = resources["aws_apigatewayv2_api_mapping"]["websocket_api_custom_domain_mapping"]
    mapping["api_mapping_key"] = "chat"
    place = f"{name}.websocket_api_custom_domain.domain_name_configuration[0]"
    template["output"]["WebsocketAliasDomainName"] = {"value": f"{place}.target_domain_name"}
    template["output"]["WebsocketHostedZoneId"] = {"value": f"{place}.hosted_zone_id"}
