"""What a template says of each kind of resource, beyond what AWS Chalice said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chalice import Chalice
from chalice.errors import ToolError
from chalice.render import sam
from tests.render import everything
from tests.render.resolved import resolved
from tests.render.stages import resources_of

PLACE = "arn:aws:logs:us-west-2:123456789012"


def rendered(name: str, directory: Path) -> Any:
    return resolved(sam.render(everything.stage(name, directory)))["Resources"]


def properties(resources: Any, id_: str) -> Any:
    return resources[id_]["Properties"]


def test_every_setting_of_a_function_is_in_the_template(tmp_path: Path) -> None:
    work = properties(rendered("rest", tmp_path), "Work")
    expected = {
        "Timeout": 20,
        "MemorySize": 512,
        "Architectures": ["arm64"],
        "EphemeralStorage": {"Size": 1024},
        "DeadLetterQueue": {"Type": "SQS", "TargetArn": everything.QUEUE},
        "ReservedConcurrentExecutions": 3,
        "Environment": {"Variables": {"MODE": "test"}},
        "Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:base:1"],
        "Tracing": "Active",
        "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "INFO"},
        "Description": "Does the work",
        "VpcConfig": {
            "SecurityGroupIds": ["sg-12345678"],
            "SubnetIds": ["subnet-12345678"],
            "Ipv6AllowedForDualStack": True,
        },
        "Role": "WorkRole.Arn",
    }
    assert {key: work[key] for key in expected} == expected
    assert work["KmsKeyArn"].startswith("arn:aws:kms:")
    assert work["Tags"]["team"] == "core"
    assert "FunctionName" not in work


def test_a_role_may_write_the_logs_of_the_functions_that_have_it(tmp_path: Path) -> None:
    resources = rendered("rest", tmp_path)
    assert properties(resources, "WorkRole")["PermissionsBoundary"].endswith("policy/bound")
    policy = properties(resources, "WorkRoleLogPolicy")
    assert policy["Roles"] == ["WorkRole"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Resource"] == [f"{PLACE}:log-group:/aws/lambda/Work:*"]
    assert "logs:PutLogEvents" in statement["Action"]
    (inline,) = properties(resources, "WorkRole")["Policies"]
    assert "logs:" not in str(inline)
    assert "sqs:ReceiveMessage" in str(inline)


def test_a_log_group_has_the_name_of_its_function(tmp_path: Path) -> None:
    resources = rendered("rest", tmp_path)
    assert properties(resources, "ApiHandlerLogGroup") == {
        "LogGroupName": "/aws/lambda/APIHandler",
        "RetentionInDays": 7,
    }
    shared = rendered("regional", tmp_path)
    assert properties(shared, "DemoallLogGroup")["LogGroupName"] == "/demo/all"
    assert shared["APIHandler"]["DependsOn"] == "DemoallLogGroup"


def test_callers_use_the_alias_of_a_function_with_snap_start(tmp_path: Path) -> None:
    resources = rendered("regional", tmp_path)
    handler = properties(resources, "APIHandler")
    assert handler["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert handler["AutoPublishAlias"] == "live"
    assert handler["AutoPublishAliasAllProperties"] is True
    assert properties(resources, "APIHandlerInvokePermission")["FunctionName"] == "APIHandler.Alias"
    assert "/APIHandler.Alias/invocations" in str(properties(resources, "RestAPI"))
    assert "/WebsocketConnect.Alias/" in str(
        properties(resources, "WebsocketConnectAPIIntegration")
    )
    (photo, _) = properties(resources, "PhotosNotifications")["Notifications"]
    assert photo["LambdaFunctionArn"] == "Photo.Alias"


def test_a_usage_plan_has_its_keys(tmp_path: Path) -> None:
    resources = sam.render(everything.stage("rest", tmp_path))["Resources"]
    assert properties(resources, "FreeUsagePlan") == {
        "ApiStages": [{"ApiId": {"Ref": "RestAPI"}, "Stage": {"Ref": "RestAPI.Stage"}}],
        "UsagePlanName": {"Fn::Sub": "${AWS::StackName}-free"},
        "Throttle": {"RateLimit": 5, "BurstLimit": 10},
    }
    assert properties(resources, "PaidUsagePlan")["Quota"] == {"Limit": 1000, "Period": "DAY"}
    assert {id_ for id_ in resources if id_.startswith(("FreeUsagePlan", "PaidUsagePlan"))} == {
        "FreeUsagePlan",
        "FreeUsagePlanAnnApiKey",
        "FreeUsagePlanBenApiKey",
        "PaidUsagePlan",
        "PaidUsagePlanAnnApiKey",
    }
    assert properties(resources, "FreeUsagePlanBenApiKey")["KeyId"] == {"Ref": "BenApiKey"}


def test_events_have_all_that_their_decorators_say(tmp_path: Path) -> None:
    resources = rendered("rest", tmp_path)

    def event(function: str) -> Any:
        (found,) = properties(resources, function)["Events"].values()
        return found["Properties"]

    assert event("Tick")["Description"] == "Every five minutes"
    assert event("SoldElsewhere")["EventBusName"] == "shop"
    assert event("News")["FilterPolicy"] == {"kind": ["good"]}
    assert event("News")["FilterPolicyScope"] == "MessageBody"
    work = event("Work")
    assert work["FilterCriteria"] == {"Filters": [{"Pattern": '{"body": {"kind": ["a"]}}'}]}
    assert work["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    click = event("Click")
    assert click["MaximumRetryAttempts"] == 3
    assert click["BisectBatchOnFunctionError"] is True
    assert click["ParallelizationFactor"] == 2
    assert click["DestinationConfig"] == {"OnFailure": {"Destination": everything.QUEUE}}
    assert event("Change")["TumblingWindowInSeconds"] == 10
    kafka = properties(resources, "LetterKafkaEventSource")
    assert kafka["AmazonManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": "readers"}
    own = properties(resources, "OwnLetterKafkaEventSource")
    assert own["SelfManagedEventSource"]["Endpoints"]["KafkaBootstrapServers"] == [
        "broker:9092",
        "kafka:9092",
    ]


def test_the_notifications_of_a_bucket_are_one_resource(tmp_path: Path) -> None:
    resources = rendered("rest", tmp_path)
    photos = properties(resources, "PhotosNotifications")
    assert photos["Bucket"] == "photos"
    assert [each["Id"] for each in photos["Notifications"]] == ["photo-s3event", "gone-s3event"]
    assert resources["PhotosNotifications"]["DependsOn"] == [
        "PhotoS3eventPermission",
        "GoneS3eventPermission",
    ]
    (policy,) = properties(resources, "BucketNotifierRole")["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Resource"] == ["arn:aws:s3:::films", "arn:aws:s3:::photos"]
    assert len(properties(resources, "BucketNotifier")["Code"]["ZipFile"]) < 4096


def test_the_root_of_a_domain_has_the_key_that_each_version_wants(tmp_path: Path) -> None:
    resources = rendered("regional", tmp_path)
    assert properties(resources, "ApiGatewayCustomDomainMapping")["BasePath"] == "(none)"
    assert "ApiMappingKey" not in properties(resources, "WebsocketApiCustomDomainMapping")
    http = rendered("http", tmp_path)
    assert properties(http, "ApiGatewayCustomDomainMapping")["ApiMappingKey"] == "v1/a"
    assert http["ApiGatewayCustomDomain"]["Type"] == "AWS::ApiGatewayV2::DomainName"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("rest", "https://${RestAPI}.execute-api.${AWS::Region}.${AWS::URLSuffix}/api/"),
        ("http", "https://${HttpAPI}.execute-api.${AWS::Region}.${AWS::URLSuffix}/"),
        (
            "http with a stage",
            "https://${HttpAPI}.execute-api.${AWS::Region}.${AWS::URLSuffix}/v1/",
        ),
    ],
)
def test_the_url_of_each_api_is_an_output(name: str, url: str, tmp_path: Path) -> None:
    outputs = sam.render(everything.stage(name, tmp_path))["Outputs"]
    assert outputs["EndpointURL"] == {"Value": {"Fn::Sub": url}}
    assert outputs["APIHandlerName"] == {"Value": {"Ref": "APIHandler"}}


def test_the_url_of_a_function_is_an_output(tmp_path: Path) -> None:
    template = sam.render(everything.stage("url", tmp_path))
    assert template["Outputs"]["EndpointURL"] == {
        "Value": {"Fn::GetAtt": ["FunctionUrl", "FunctionUrl"]}
    }
    resources = template["Resources"]
    assert properties(resources, "FunctionUrlPermission")["FunctionUrlAuthType"] == "NONE"
    assert properties(resources, "FunctionUrlInvokePermission")["InvokedViaFunctionUrl"] is True


def test_no_api_carries_the_tag_by_which_a_deploy_finds_its_own(tmp_path: Path) -> None:
    for name in everything.CONFIGS:
        assert "chalice-stage" not in str(sam.render(everything.stage(name, tmp_path)))


def test_two_names_with_one_id_are_refused(tmp_path: Path) -> None:
    app = Chalice("demo")
    for name in ("foo_bar", "foo-bar"):
        app.lambda_function(name=name)(lambda event, context: None)
    with pytest.raises(ToolError, match="SAM template: FooBar") as raised:
        sam.render(resources_of(app, tmp_path, {}))
    assert raised.value.hint is not None
    assert "`foo_bar`" in raised.value.hint


def test_two_buckets_with_one_id_are_refused(tmp_path: Path) -> None:
    app = Chalice("demo")
    for number, bucket in enumerate(("my.films", "my-films")):
        app.on_s3_event(bucket=bucket, name=f"film{number}")(lambda event: None)
    with pytest.raises(ToolError, match="MyFilmsNotifications"):
        sam.render(resources_of(app, tmp_path, {}))


def test_a_function_with_the_id_of_what_changes_buckets_is_refused(tmp_path: Path) -> None:
    app = Chalice("demo")
    app.lambda_function(name="bucket_notifier")(lambda event, context: None)
    app.on_s3_event(bucket="films", name="film")(lambda event: None)
    with pytest.raises(ToolError, match="SAM template: BucketNotifier"):
        sam.render(resources_of(app, tmp_path, {}))


def test_a_bucket_whose_name_is_a_token_is_called_by_its_handler(tmp_path: Path) -> None:
    app = Chalice("demo")
    app.on_s3_event(bucket="${Token[TOKEN.27]}", name="photo")(lambda event: None)
    resources = sam.render(resources_of(app, tmp_path, {}))["Resources"]
    bucket = properties(resources, "PhotoS3eventNotifications")["Bucket"]
    assert bucket == "${Token[TOKEN.27]}"


def test_a_parameter_that_sam_does_not_know_is_refused(tmp_path: Path) -> None:
    app = Chalice("demo")
    app.lambda_function(name="job")(lambda event, context: None)
    config: dict[str, Any] = {"lambda_config": {"RuntimeConfig": {}}}
    with pytest.raises(ToolError, match="RuntimeConfig"):
        sam.render(resources_of(app, tmp_path, config))


def test_a_capacity_provider_is_written_as_sam_has_it(tmp_path: Path) -> None:
    app = Chalice("demo")
    app.lambda_function(name="job")(lambda event, context: None)
    arn = "arn:aws:lambda:us-east-1:123456789012:capacity-provider:big"
    given = {"CapacityProviderArn": arn, "PerExecutionEnvironmentMaxConcurrency": 4}
    config = {
        "lambda_config": {
            "CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": given}
        }
    }
    job = properties(sam.render(resources_of(app, tmp_path, config))["Resources"], "Job")
    assert job["CapacityProviderConfig"] == {
        "Arn": arn,
        "PerExecutionEnvironmentMaxConcurrency": 4,
    }
