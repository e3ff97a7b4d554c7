"""Each type of resource: made, changed, made anew, and deleted, as its own API shows it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, unique
from tests.cloud.stacks.lab import StackLab, inline, role, template

HELLO = "def handler(event, context):\n    return 1\n"
OPEN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}


def allow(action: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


LOGS = "arn:aws:logs:us-east-1:123456789012:log-group:access"
REF, ATT = "Ref", "Fn::GetAtt"


def of(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def method(function: str = "Fn") -> dict[str, Any]:
    uri = (
        "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        f"${{{function}.Arn}}/invocations"
    )
    return {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": {"Fn::Sub": uri}}


FUNCTION = {"Role": role("sqs:*", "sns:*", "kinesis:*", "dynamodb:*"), "Fn": inline(HELLO)}
REST = {
    **FUNCTION,
    "Api": of("AWS::ApiGateway::RestApi", Name="parts"),
    "Path": of(
        "AWS::ApiGateway::Resource",
        RestApiId={REF: "Api"},
        ParentId={ATT: ["Api", "RootResourceId"]},
        PathPart="things",
    ),
    "Get": of(
        "AWS::ApiGateway::Method",
        RestApiId={REF: "Api"},
        ResourceId={REF: "Path"},
        HttpMethod="GET",
        AuthorizationType="NONE",
        Integration=method(),
    ),
    "Judge": of(
        "AWS::ApiGateway::Authorizer",
        RestApiId={REF: "Api"},
        Name="judge",
        Type="TOKEN",
        AuthorizerUri=method()["Uri"],
        IdentitySource="method.request.header.Authorization",
    ),
    "Answer": of(
        "AWS::ApiGateway::GatewayResponse",
        RestApiId={REF: "Api"},
        ResponseType="DEFAULT_4XX",
        ResponseParameters={"gatewayresponse.header.X-A": "'1'"},
    ),
    "Deployed": of("AWS::ApiGateway::Deployment", RestApiId={REF: "Api"}, Description="one"),
    "Stage": of(
        "AWS::ApiGateway::Stage",
        RestApiId={REF: "Api"},
        DeploymentId={REF: "Deployed"},
        StageName="v1",
        Variables={"a": "1", "b": "2"},
        TracingEnabled=True,
        MethodSettings=[{"HttpMethod": "*", "ResourcePath": "/*", "ThrottlingRateLimit": 7}],
    ),
    "Key": of("AWS::ApiGateway::ApiKey", Enabled=True, Value="k" * 24),
    "Plan": of(
        "AWS::ApiGateway::UsagePlan",
        ApiStages=[{"ApiId": {REF: "Api"}, "Stage": {REF: "Stage"}}],
        Quota={"Limit": 5, "Period": "DAY"},
    ),
    "PlanKey": of(
        "AWS::ApiGateway::UsagePlanKey",
        KeyId={REF: "Key"},
        KeyType="API_KEY",
        UsagePlanId={REF: "Plan"},
    ),
    "Domain": of(
        "AWS::ApiGateway::DomainName",
        DomainName="rest.example.com",
        RegionalCertificateArn="arn:aws:acm:us-east-1:123456789012:certificate/abc",
        EndpointConfiguration={"Types": ["REGIONAL"]},
        SecurityPolicy="TLS_1_2",
    ),
    "Mapping": of(
        "AWS::ApiGateway::BasePathMapping",
        DomainName={REF: "Domain"},
        RestApiId={REF: "Api"},
        Stage="v1",
        BasePath="shop",
    ),
    "Account": of("AWS::ApiGateway::Account", CloudWatchRoleArn={ATT: ["Role", "Arn"]}),
}
HTTP = {
    **FUNCTION,
    "Api": of("AWS::ApiGatewayV2::Api", Name="http", ProtocolType="HTTP", Tags={"a": "1"}),
    "To": of(
        "AWS::ApiGatewayV2::Integration",
        ApiId={REF: "Api"},
        IntegrationType="AWS_PROXY",
        IntegrationUri={ATT: ["Fn", "Arn"]},
        PayloadFormatVersion="2.0",
    ),
    "Judge": of(
        "AWS::ApiGatewayV2::Authorizer",
        ApiId={REF: "Api"},
        Name="judge",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": ["me"], "Issuer": "https://issuer.example.com"},
    ),
    "Get": of(
        "AWS::ApiGatewayV2::Route",
        ApiId={REF: "Api"},
        RouteKey="GET /things",
        Target={"Fn::Sub": "integrations/${To}"},
    ),
    "Stage": of(
        "AWS::ApiGatewayV2::Stage",
        ApiId={REF: "Api"},
        StageName="$default",
        AutoDeploy="true",
        StageVariables={"a": "1", "b": "2"},
    ),
    "Domain": of(
        "AWS::ApiGatewayV2::DomainName",
        DomainName="http.example.com",
        DomainNameConfigurations=[
            {
                "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/abc",
                "EndpointType": "REGIONAL",
            }
        ],
    ),
    "Mapping": of(
        "AWS::ApiGatewayV2::ApiMapping",
        ApiId={REF: "Api"},
        DomainName={REF: "Domain"},
        Stage={REF: "Stage"},
        ApiMappingKey="shop",
    ),
}
SOCKETS = {
    **FUNCTION,
    "Api": of(
        "AWS::ApiGatewayV2::Api",
        Name="sockets",
        ProtocolType="WEBSOCKET",
        RouteSelectionExpression="$request.body.action",
    ),
    "To": of(
        "AWS::ApiGatewayV2::Integration",
        ApiId={REF: "Api"},
        IntegrationType="AWS_PROXY",
        IntegrationUri=method()["Uri"],
    ),
    "Route": of(
        "AWS::ApiGatewayV2::Route",
        ApiId={REF: "Api"},
        RouteKey="$default",
        Target={"Fn::Sub": "integrations/${To}"},
        RouteResponseSelectionExpression="$default",
    ),
    "Answer": of(
        "AWS::ApiGatewayV2::RouteResponse",
        ApiId={REF: "Api"},
        RouteId={REF: "Route"},
        RouteResponseKey="$default",
    ),
    "Deployed": of("AWS::ApiGatewayV2::Deployment", ApiId={REF: "Api"}),
    "Stage": of(
        "AWS::ApiGatewayV2::Stage",
        ApiId={REF: "Api"},
        StageName="v1",
        DeploymentId={REF: "Deployed"},
    ),
}
LAMBDA = {
    **FUNCTION,
    "Queue": of("AWS::SQS::Queue"),
    "Fn": inline(
        HELLO,
        Timeout="20",
        MemorySize=256,
        Environment={"Variables": {"A": "1"}},
        ReservedConcurrentExecutions=3,
        Tags=[{"Key": "a", "Value": "1"}],
        Description="first",
    ),
    "V1": of("AWS::Lambda::Version", FunctionName={REF: "Fn"}),
    "Live": of(
        "AWS::Lambda::Alias",
        FunctionName={REF: "Fn"},
        FunctionVersion={ATT: ["V1", "Version"]},
        Name="live",
    ),
    "Url": of(
        "AWS::Lambda::Url",
        TargetFunctionArn={REF: "Fn"},
        AuthType="NONE",
        Cors={"AllowOrigins": ["*"]},
    ),
    "May": of(
        "AWS::Lambda::Permission",
        FunctionName={REF: "Fn"},
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    ),
    "Reads": of(
        "AWS::Lambda::EventSourceMapping",
        FunctionName={REF: "Fn"},
        EventSourceArn={ATT: ["Queue", "Arn"]},
        BatchSize="5",
        FilterCriteria={"Filters": [{"Pattern": '{"body": {"a": [1]}}'}]},
    ),
    "Async": of(
        "AWS::Lambda::EventInvokeConfig",
        FunctionName={REF: "Fn"},
        Qualifier="$LATEST",
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": {ATT: ["Queue", "Arn"]}}},
    ),
}
IAM = {
    "Role": role("s3:GetObject"),
    "Own": of(
        "AWS::IAM::Policy",
        PolicyName="more",
        PolicyDocument=allow("s3:ListBucket"),
        Roles=[{REF: "Role"}],
    ),
    "Shared": of(
        "AWS::IAM::ManagedPolicy",
        PolicyDocument=allow("s3:ListBucket"),
        Roles=[{REF: "Role"}],
    ),
    "Ann": of(
        "AWS::IAM::User",
        ManagedPolicyArns=["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", {REF: "Shared"}],
    ),
}
MESSAGES = {
    **FUNCTION,
    "Dead": of("AWS::SQS::Queue", FifoQueue=True),
    "Queue": of(
        "AWS::SQS::Queue",
        FifoQueue=True,
        ContentBasedDeduplication=True,
        VisibilityTimeout=40,
        RedrivePolicy={"deadLetterTargetArn": {ATT: ["Dead", "Arn"]}, "maxReceiveCount": 2},
        Tags=[{"Key": "a", "Value": "1"}],
    ),
    "Plain": of("AWS::SQS::Queue"),
    "MaySend": of("AWS::SQS::QueuePolicy", Queues=[{REF: "Plain"}], PolicyDocument=OPEN),
    "Topic": of(
        "AWS::SNS::Topic",
        DisplayName="news",
        Subscription=[{"Protocol": "sqs", "Endpoint": {ATT: ["Plain", "Arn"]}}],
    ),
    "MayPublish": of("AWS::SNS::TopicPolicy", Topics=[{REF: "Topic"}], PolicyDocument=OPEN),
    "Reads": of(
        "AWS::SNS::Subscription",
        TopicArn={REF: "Topic"},
        Protocol="lambda",
        Endpoint={ATT: ["Fn", "Arn"]},
        FilterPolicy={"kind": ["a"]},
    ),
    "Bus": of("AWS::Events::EventBus", Name="orders-bus"),
    "Rule": of(
        "AWS::Events::Rule",
        EventBusName={REF: "Bus"},
        EventPattern={"source": ["me"]},
        Targets=[{"Id": "fn", "Arn": {ATT: ["Fn", "Arn"]}}],
    ),
    "Tick": of(
        "AWS::Events::Rule",
        ScheduleExpression="rate(1 hour)",
        State="DISABLED",
        Targets=[{"Id": "fn", "Arn": {ATT: ["Fn", "Arn"]}, "Input": "{}"}],
    ),
    "Group": of("AWS::Scheduler::ScheduleGroup"),
    "Later": of(
        "AWS::Scheduler::Schedule",
        GroupName={REF: "Group"},
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": {ATT: ["Fn", "Arn"]}, "RoleArn": {ATT: ["Role", "Arn"]}},
    ),
}
DATA = {
    **FUNCTION,
    "Bucket": of(
        "AWS::S3::Bucket",
        Tags=[{"Key": "a", "Value": "1"}],
        VersioningConfiguration={"Status": "Enabled"},
        CorsConfiguration={"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
        LifecycleConfiguration={"Rules": [{"Status": "Enabled", "ExpirationInDays": 3}]},
        PublicAccessBlockConfiguration={"BlockPublicAcls": True},
        BucketEncryption={
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            ]
        },
        NotificationConfiguration={
            "LambdaConfigurations": [
                {
                    "Event": "s3:ObjectCreated:*",
                    "Function": {ATT: ["Fn", "Arn"]},
                    "Filter": {"S3Key": {"Rules": [{"Name": "suffix", "Value": ".txt"}]}},
                }
            ]
        },
    ),
    "MayInvoke": of(
        "AWS::Lambda::Permission",
        FunctionName={REF: "Fn"},
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
    ),
    "Site": of("AWS::S3::Bucket", WebsiteConfiguration={"IndexDocument": "index.html"}),
    "Read": of("AWS::S3::BucketPolicy", Bucket={REF: "Site"}, PolicyDocument=OPEN),
    "Table": of(
        "AWS::DynamoDB::Table",
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": "N"},
        ],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamViewType": "NEW_IMAGE"},
        TimeToLiveSpecification={"AttributeName": "end", "Enabled": True},
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-time",
                "KeySchema": [{"AttributeName": "at", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    ),
    "Stream": of("AWS::Kinesis::Stream", ShardCount=1, RetentionPeriodHours=48),
    "Logs": of("AWS::Logs::LogGroup", RetentionInDays=7, Tags=[{"Key": "a", "Value": "1"}]),
    "Setting": of("AWS::SSM::Parameter", Type="String", Value="one", Tags={"a": "1"}),
    "Secret": of(
        "AWS::SecretsManager::Secret",
        GenerateSecretString={
            "SecretStringTemplate": '{"user": "ann"}',
            "GenerateStringKey": "password",
            "PasswordLength": 20,
        },
    ),
    "Pool": of("AWS::Cognito::UserPool", AutoVerifiedAttributes=["email"]),
    "Web": of(
        "AWS::Cognito::UserPoolClient",
        UserPoolId={REF: "Pool"},
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    ),
    "Login": of("AWS::Cognito::UserPoolDomain", UserPoolId={REF: "Pool"}, Domain="my-login"),
    "Made": of("AWS::CDK::Metadata", Analytics="v2"),
}
FAMILIES = {
    "rest": REST,
    "http": HTTP,
    "sockets": SOCKETS,
    "lambda": LAMBDA,
    "iam": IAM,
    "messages": MESSAGES,
    "data": DATA,
}
# What an update sets: family, logical id, properties (None takes one away), and whether the
# resource is made anew.
CHANGES: list[tuple[str, str, dict[str, Any], bool]] = [
    ("rest", "Api", {"Name": "renamed", "BinaryMediaTypes": ["image/png"]}, False),
    ("rest", "Path", {"PathPart": "stuff"}, True),
    ("rest", "Get", {"ApiKeyRequired": True}, False),
    ("rest", "Judge", {"Name": "other"}, True),
    ("rest", "Answer", {"ResponseParameters": {"gatewayresponse.header.X-A": "'2'"}}, False),
    ("rest", "Deployed", {"Description": "two"}, False),
    ("rest", "Stage", {"Variables": {"a": "3"}, "TracingEnabled": None}, False),
    ("rest", "Stage", {"AccessLogSetting": {"Format": "x", "DestinationArn": LOGS}}, False),
    ("rest", "Key", {"Enabled": False, "Description": "off"}, False),
    ("rest", "Plan", {"Quota": {"Limit": 6, "Period": "DAY"}, "Throttle": {"RateLimit": 2}}, False),
    ("rest", "Domain", {"SecurityPolicy": "TLS_1_0"}, False),
    ("rest", "Mapping", {"BasePath": "store"}, True),
    ("http", "Api", {"Name": "renamed", "Tags": {"b": "2"}}, False),
    ("http", "Api", {"CorsConfiguration": {"AllowOrigins": ["*"]}}, False),
    ("http", "To", {"TimeoutInMillis": 5000}, False),
    ("http", "Judge", {"Name": "other"}, False),
    ("http", "Get", {"AuthorizationType": "JWT", "AuthorizerId": {REF: "Judge"}}, False),
    ("http", "Get", {"RouteKey": "GET /stuff"}, False),
    ("http", "Stage", {"StageVariables": {"a": "3"}, "Description": "first"}, False),
    ("http", "Mapping", {"ApiMappingKey": "store"}, False),
    ("sockets", "Api", {"RouteSelectionExpression": "$request.body.kind"}, False),
    ("sockets", "Answer", {"RouteResponseKey": "$default", "ModelSelectionExpression": "x"}, True),
    ("lambda", "Fn", {"Timeout": 5, "Description": None, "Environment": None}, False),
    ("lambda", "Fn", {"ReservedConcurrentExecutions": None, "Tags": None}, False),
    ("lambda", "Fn", {"Code": {"ZipFile": "def handler(event, context):\n    return 2\n"}}, False),
    ("lambda", "Live", {"Description": "the one"}, False),
    ("lambda", "Url", {"Cors": None, "AuthType": "AWS_IAM"}, False),
    ("lambda", "May", {"Principal": "sns.amazonaws.com"}, True),
    ("lambda", "Reads", {"BatchSize": 3, "FilterCriteria": None}, False),
    ("lambda", "Async", {"MaximumRetryAttempts": 0, "DestinationConfig": None}, False),
    ("iam", "Role", {"Policies": None, "Description": "a role", "MaxSessionDuration": 7200}, False),
    ("iam", "Role", {"Path": "/team/"}, True),
    ("iam", "Own", {"Roles": [], "Users": [{REF: "Ann"}]}, False),
    ("iam", "Shared", {"PolicyDocument": allow("s3:GetObject")}, False),
    ("iam", "Ann", {"ManagedPolicyArns": []}, False),
    ("messages", "Queue", {"VisibilityTimeout": None, "Tags": None}, False),
    ("messages", "Plain", {"DelaySeconds": "3"}, False),
    ("messages", "Topic", {"DisplayName": "olds", "Subscription": []}, False),
    ("messages", "Reads", {"FilterPolicy": {"kind": ["b"]}}, False),
    ("messages", "Rule", {"EventPattern": {"source": ["you"]}, "Description": "yours"}, False),
    ("messages", "Rule", {"Targets": []}, False),
    ("messages", "Tick", {"State": None, "ScheduleExpression": "rate(2 hours)"}, False),
    ("messages", "Later", {"ScheduleExpression": "rate(3 hours)"}, False),
    ("data", "Bucket", {"Tags": None, "CorsConfiguration": None}, False),
    ("data", "Bucket", {"NotificationConfiguration": None, "LifecycleConfiguration": None}, False),
    ("data", "Bucket", {"VersioningConfiguration": None, "BucketEncryption": None}, False),
    ("data", "Table", {"StreamSpecification": None, "TimeToLiveSpecification": None}, False),
    ("data", "Table", {"TableName": "things"}, True),
    ("data", "Stream", {"RetentionPeriodHours": None}, False),
    ("data", "Logs", {"RetentionInDays": None, "Tags": None}, False),
    ("data", "Setting", {"Value": "two", "Tags": None}, False),
    ("data", "Secret", {"Description": "of ann"}, False),
    ("data", "Pool", {"AutoVerifiedAttributes": []}, False),
    ("data", "Web", {"ClientName": "site"}, False),
]


def after(family: dict[str, Any], changes: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    resources = copy.deepcopy(family)
    for logical_id, properties in changes:
        own = resources[logical_id]["Properties"]
        for name, value in properties.items():
            if value is None:
                del own[name]
            else:
                own[name] = value
    return resources


@pytest.mark.parametrize("name", FAMILIES)
def test_resources_are_made_changed_and_deleted(cloud: CloudStatus, name: str) -> None:
    lab, family = StackLab(cloud), FAMILIES[name]
    assert lab.create(template(family)) == "CREATE_COMPLETE", lab.failures()
    before = {logical_id: lab.physical(logical_id) for logical_id in family}
    changes = [(each[1], each[2]) for each in CHANGES if each[0] == name]
    assert lab.update(template(after(family, changes))) == "UPDATE_COMPLETE", lab.failures()
    replaced = {each[1] for each in CHANGES if each[0] == name and each[3]}
    now = {logical_id: lab.physical(logical_id) for logical_id in family}
    told = {
        logical_id for logical_id, _, reason in lab.story() if reason.startswith("Requested update")
    }
    assert replaced <= told
    assert {logical_id for logical_id in family if now[logical_id] != before[logical_id]} <= told
    assert lab.update(template(family)) == "UPDATE_COMPLETE", lab.failures()
    stack_id = lab.describe()["StackId"]
    assert lab.delete() == "DELETE_COMPLETE", lab.failures(stack_id)
    assert lab.failures(stack_id) == ""


def test_what_a_template_says_no_more_is_the_default_again(cloud: CloudStatus) -> None:
    lab, functions = StackLab(cloud), client(cloud, "lambda")
    lab.create(template(LAMBDA))
    name = lab.physical("Fn")
    before = functions.get_function_configuration(FunctionName=name)
    assert (before["Timeout"], before["Description"]) == (20, "first")
    assert functions.get_function_concurrency(FunctionName=name) != {}
    family = {**LAMBDA, "Fn": inline(HELLO), "Reads": copy.deepcopy(LAMBDA["Reads"])}
    for property_name in ("BatchSize", "FilterCriteria"):
        del family["Reads"]["Properties"][property_name]
    assert lab.update(template(family)) == "UPDATE_COMPLETE", lab.failures()
    after_update = functions.get_function_configuration(FunctionName=name)
    assert (after_update["Timeout"], after_update["MemorySize"]) == (3, 128)
    assert (after_update["Description"], after_update.get("Environment")) == ("", None)
    tags = functions.list_tags(Resource=after_update["FunctionArn"])["Tags"]
    assert tags == {}
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(
        FunctionName=name
    )
    mapping = functions.get_event_source_mapping(UUID=lab.physical("Reads"))
    assert (mapping["BatchSize"], "FilterCriteria" in mapping) == (10, False)
    lab.delete()


def test_what_cannot_be_taken_away_is_an_error(cloud: CloudStatus) -> None:
    lab = StackLab(cloud)
    secret = of("AWS::SecretsManager::Secret", SecretString="a")
    lab.create(template({"Secret": secret}))
    gone = template({"Secret": of("AWS::SecretsManager::Secret", Description="none")})
    assert lab.update(gone) == "UPDATE_ROLLBACK_COMPLETE"
    assert "cannot take SecretString away again" in lab.reason("Secret")


def test_a_topic_may_be_in_another_region(cloud: CloudStatus) -> None:
    there, lab = client(cloud, "sns", "eu-west-1"), StackLab(cloud)
    arn = there.create_topic(Name=unique("far"))["TopicArn"]
    own = {"TopicArn": arn, "Protocol": "sqs", "Endpoint": {ATT: ["Queue", "Arn"]}}
    near = {"Queue": of("AWS::SQS::Queue"), "Reads": of("AWS::SNS::Subscription", **own)}
    assert StackLab(cloud).create(template(near)) == "ROLLBACK_COMPLETE"
    near["Reads"]["Properties"]["Region"] = "eu-west-1"
    assert lab.create(template(near)) == "CREATE_COMPLETE", lab.failures()
    found = there.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert [each["SubscriptionArn"] for each in found] == [lab.physical("Reads")]
    assert lab.delete() == "DELETE_COMPLETE"
    assert there.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"] == []
