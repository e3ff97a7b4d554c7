"""What the apps of the captures have not: other doors, images, aliases, more settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalice import Chalice
from chalice.errors import ToolError
from chalice.model.functions import Function, Image
from chalice.render import terraform
from tests.render.stages import resources_of


@pytest.fixture
def app() -> Chalice:
    app = Chalice("shop")

    @app.route("/")
    def index() -> None:
        """Takes ${var.x} and %{y}."""

    return app


def rendered(app: Chalice, directory: Path, **settings: object) -> dict[str, dict[str, Any]]:
    """Return the resources of the stage by kind and key."""
    resources = resources_of(app, directory, settings)
    found: dict[str, dict[str, Any]] = terraform.render(resources, "shop", "dev")["resource"]
    return found


def test_names_of_app_and_stage_are_locals(app: Chalice, tmp_path: Path) -> None:
    template = terraform.render(resources_of(app, tmp_path, {}), "shop", "dev")
    assert list(template) == ["resource", "locals", "terraform", "data", "output"]
    assert template["locals"]["chalice_app"] == "shop"
    assert template["locals"]["chalice_stage"] == "dev"
    versions = [template["terraform"]["required_version"]]
    versions += [each["version"] for each in template["terraform"]["required_providers"].values()]
    assert all(version.startswith(">=") and "," not in version for version in versions)
    swagger = template["locals"]["chalice_api_swagger"]
    assert "Takes $${var.x} and %%{y}." in swagger
    assert "${aws_lambda_function.api_handler.invoke_arn}" in swagger


def test_the_data_source_of_old_is_there_for_those_who_use_it(app: Chalice, tmp_path: Path) -> None:
    resources = resources_of(app, tmp_path, {})
    template = terraform.render(resources, "shop", "dev", with_null=True)
    inputs = {"app": "shop", "stage": "dev"}
    assert template["data"]["null_data_source"] == {"chalice": {"inputs": inputs}}
    assert template["terraform"]["required_providers"]["null"]["source"] == "hashicorp/null"


def test_parameters_of_lambda_have_the_names_that_terraform_gives_them(
    app: Chalice, tmp_path: Path
) -> None:
    settings: Mapping[str, object] = {
        "subnet_ids": ["subnet-1"],
        "security_group_ids": ["sg-1"],
        "dead_letter": "arn:aws:sqs:us-east-1:123456789012:lost",
        "kms_key_arn": "arn:aws:kms:us-east-1:123456789012:key/1",
        "ephemeral_storage": 1024,
        "lambda_architecture": "arm64",
        "lambda_config": {
            "Description": "costs ${much}",
            "LoggingConfig": {"LogFormat": "JSON", "SystemLogLevel": "WARN"},
            "FileSystemConfigs": [{"Arn": "arn:aws:x", "LocalMountPath": "/mnt/x"}],
            "VpcConfig": {"Ipv6AllowedForDualStack": True},
        },
    }
    function = rendered(app, tmp_path, **settings)["aws_lambda_function"]["api_handler"]
    expected = {
        "dead_letter_config": {"target_arn": "arn:aws:sqs:us-east-1:123456789012:lost"},
        "kms_key_arn": "arn:aws:kms:us-east-1:123456789012:key/1",
        "ephemeral_storage": {"size": 1024},
        "architectures": ["arm64"],
        "description": "costs $${much}",
        "logging_config": {"log_format": "JSON", "system_log_level": "WARN"},
        "file_system_config": [{"arn": "arn:aws:x", "local_mount_path": "/mnt/x"}],
        "vpc_config": {
            "subnet_ids": ["subnet-1"],
            "security_group_ids": ["sg-1"],
            "ipv6_allowed_for_dual_stack": True,
        },
    }
    assert expected.items() <= function.items()


def test_callers_use_the_alias_of_a_function_that_is_published(
    app: Chalice, tmp_path: Path
) -> None:
    made = rendered(app, tmp_path, snap_start=True, lambda_config={})
    function = made["aws_lambda_function"]["api_handler"]
    assert function["publish"] is True
    assert function["snap_start"] == {"apply_on": "PublishedVersions"}
    alias = made["aws_lambda_alias"]["api_handler-live"]
    assert alias["function_version"] == "${aws_lambda_function.api_handler.version}"
    permission = made["aws_lambda_permission"]["rest_api_invoke"]
    assert permission["function_name"] == "${aws_lambda_function.api_handler.arn}"
    assert permission["qualifier"] == "${aws_lambda_alias.api_handler-live.name}"


def test_a_log_group_has_the_name_that_lambda_uses_and_comes_first(
    app: Chalice, tmp_path: Path
) -> None:
    made = rendered(app, tmp_path, log_retention_in_days=14)
    assert made["aws_cloudwatch_log_group"] == {
        "api_handler-log-group": {"name": "/aws/lambda/shop-dev", "retention_in_days": 14}
    }
    needed = made["aws_lambda_function"]["api_handler"]["depends_on"]
    assert "aws_cloudwatch_log_group.api_handler-log-group" in needed


def test_a_function_url_is_open_to_callers_of_the_url_alone(app: Chalice, tmp_path: Path) -> None:
    made = rendered(app, tmp_path, api_gateway_type="function_url")
    assert made["aws_lambda_function_url"]["function_url"]["authorization_type"] == "NONE"
    permission = made["aws_lambda_permission"]
    assert list(permission) == ["function_url"]
    assert permission["function_url"]["action"] == "lambda:InvokeFunctionUrl"
    stack = made["aws_cloudformation_stack"]["function_url-invoke"]
    resource = json.loads(stack["template_body"])["Resources"]["Permission"]
    assert resource["Properties"]["InvokedViaFunctionUrl"] is True


def test_an_http_api_deploys_itself(app: Chalice, tmp_path: Path) -> None:
    made = rendered(app, tmp_path, api_gateway_type="http")
    assert made["aws_apigatewayv2_stage"]["http_api"]["name"] == "$default"
    assert made["aws_apigatewayv2_stage"]["http_api"]["auto_deploy"] is True
    assert made["aws_apigatewayv2_api"]["http_api"]["body"] == "${local.chalice_api_openapi}"


def test_an_image_is_where_a_variable_says(app: Chalice, tmp_path: Path) -> None:
    resources = [
        replace(each, code=Image("sha256:1", tmp_path)) if isinstance(each, Function) else each
        for each in resources_of(app, tmp_path, {})
    ]
    template = terraform.render(resources, "shop", "dev")
    function = template["resource"]["aws_lambda_function"]["api_handler"]
    assert function["package_type"] == "Image"
    assert function["image_uri"] == "${var.chalice_image_uri}"
    assert function["image_config"] == {"command": ["app.app"]}
    assert not {"filename", "runtime", "handler"} & set(function)
    assert list(template["variable"]) == ["chalice_image_uri"]


def test_kafka_topics_have_all_that_reaches_them(tmp_path: Path) -> None:
    app = Chalice("shop")
    secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"

    @app.on_kafka(
        topic="orders",
        bootstrap_servers=["b:9092", "a:9092"],
        consumer_group_id="g",
        access={"SASL_SCRAM_512_AUTH": secret},
        filters=[{"value": {"n": [1]}}],
    )
    def work(event: Any) -> None: ...

    mapping = rendered(app, tmp_path)["aws_lambda_event_source_mapping"]
    made = mapping["work-kafka-event-source"]
    servers = {"KAFKA_BOOTSTRAP_SERVERS": "a:9092,b:9092"}
    assert made["self_managed_event_source"] == {"endpoints": servers}
    assert made["self_managed_kafka_event_source_config"] == {"consumer_group_id": "g"}
    assert made["source_access_configuration"] == [{"type": "SASL_SCRAM_512_AUTH", "uri": secret}]
    assert made["filter_criteria"] == {"filter": [{"pattern": '{"value": {"n": [1]}}'}]}
    assert made["topics"] == ["orders"]


def test_a_bucket_of_the_module_gives_its_key(tmp_path: Path) -> None:
    app = Chalice("shop")

    @app.on_s3_event(bucket="${aws_s3_bucket.photos.id}")
    def photo(event: Any) -> None: ...

    made = rendered(app, tmp_path)["aws_s3_bucket_notification"]
    assert made["photos_notify"]["bucket"] == "${aws_s3_bucket.photos.id}"


def test_two_resources_of_one_key_are_an_error(tmp_path: Path) -> None:
    app = Chalice("shop")

    @app.on_s3_event(bucket="a.b")
    def one(event: Any) -> None: ...

    @app.on_s3_event(bucket="a-b")
    def two(event: Any) -> None: ...

    with pytest.raises(ToolError, match=r"aws_s3_bucket_notification\.a-b_notify"):
        rendered(app, tmp_path)
