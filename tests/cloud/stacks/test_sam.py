"""Templates of SAM: what they make serves traffic and gets events."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from websockets.sync.client import connect

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, unique
from tests.cloud.stacks.lab import StackLab, serverless, store_code
from tests.cloud.waiting import wait_until

VIEW = """
import json

def handler(event, context):
    path = event.get("path") or event.get("rawPath")
    return {{"statusCode": 200, "headers": {{"content-type": "application/json"}},
            "body": json.dumps({{"path": path, "version": {version}}})}}
"""
TELLS = """
import json

def handler(event, context):
    print("EVENT", json.dumps(event))
"""


@pytest.fixture
def lab(cloud: CloudStatus) -> StackLab:
    return StackLab(cloud)


def function(code: dict[str, str], handler: str = "app.handler", **more: Any) -> dict[str, Any]:
    own = {"CodeUri": code, "Handler": handler, "Runtime": "python3.12", "Timeout": 10, **more}
    return {"Type": "AWS::Serverless::Function", "Properties": own}


def api(function_id: str, *paths: str, title: str = "shop", **more: Any) -> dict[str, Any]:
    """Return an API as `chalice package` describes one: a document with references."""
    uri = (
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        f"${{{function_id}.Arn}}/invocations"
    )
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": {"Fn::Sub": uri}}
    get = {"get": {"responses": {}, "x-amazon-apigateway-integration": integration}}
    document = {"swagger": "2.0", "info": {"version": "1.0", "title": title}, "paths": {}}
    document["paths"] = dict.fromkeys(paths, get)
    own = {"StageName": "api", "EndpointConfiguration": "EDGE", "DefinitionBody": document}
    return {"Type": "AWS::Serverless::Api", "Properties": {**own, **more}}


def permission(function_id: str, api_id: str) -> dict[str, Any]:
    arn = (
        f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{api_id}}}/*"
    )
    own = {
        "FunctionName": {"Ref": function_id},
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {"Fn::Sub": arn},
    }
    return {"Type": "AWS::Lambda::Permission", "Properties": own}


def test_a_rest_api_is_served_updated_and_deleted(cloud: CloudStatus, lab: StackLab) -> None:
    code = store_code(cloud, VIEW.format(version=1))
    resources = {
        "Api": api("Fn", "/", "/things/{id}"),
        "Fn": function(code),
        "May": permission("Fn", "Api"),
    }
    url = "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/api/"
    outputs = {"Api": {"Value": {"Ref": "Api"}}, "EndpointURL": {"Value": {"Fn::Sub": url}}}
    assert lab.create(serverless(resources, Outputs=outputs)) == "CREATE_COMPLETE", lab.failures()
    api_id = lab.outputs()["Api"]
    assert (
        lab.outputs()["EndpointURL"] == f"https://{api_id}.execute-api.us-east-1.amazonaws.com/api/"
    )
    served = f"{cloud.gateway_url}/{api_id}/api"
    assert httpx.get(f"{served}/things/7").json() == {"path": "/things/7", "version": 1}
    assert httpx.get(f"{served}/stuff").status_code == 403

    resources["Api"] = api("Fn", "/", "/stuff")
    resources["Fn"] = function(store_code(cloud, VIEW.format(version=2)))
    assert lab.update(serverless(resources, Outputs=outputs)) == "UPDATE_COMPLETE", lab.failures()
    assert httpx.get(f"{served}/stuff").json() == {"path": "/stuff", "version": 2}
    assert httpx.get(f"{served}/things/7").status_code == 403
    assert len(client(cloud, "apigateway").get_deployments(restApiId=api_id)["items"]) == 1
    with pytest.raises(ClientError, match="No updates are to be performed"):
        lab.update(serverless(resources, Outputs=outputs))

    name = lab.physical("Fn")
    assert lab.delete() == "DELETE_COMPLETE"
    assert httpx.get(f"{served}/stuff").status_code in (403, 404)
    with pytest.raises(ClientError):
        client(cloud, "lambda").get_function(FunctionName=name)


def test_a_function_with_an_api_of_its_own_needs_nothing_else(
    cloud: CloudStatus, lab: StackLab
) -> None:
    code = store_code(cloud, VIEW.format(version=1))
    events = {
        "Rest": {"Type": "Api", "Properties": {"Path": "/rest", "Method": "get"}},
        "Http": {"Type": "HttpApi", "Properties": {"Path": "/http", "Method": "get"}},
    }
    resources = {
        "Fn": function(
            code,
            Events=events,
            AutoPublishAlias="live",
            FunctionUrlConfig={"AuthType": "NONE"},
            Policies=["AmazonS3ReadOnlyAccess", {"SQSPollerPolicy": {"QueueName": "x"}}],
        )
    }
    assert lab.create(serverless(resources)) == "CREATE_COMPLETE", lab.failures()
    rest, http = lab.physical("ServerlessRestApi"), lab.physical("ServerlessHttpApi")
    assert httpx.get(f"{cloud.gateway_url}/{rest}/Prod/rest").json()["path"] == "/rest"
    assert httpx.get(f"{cloud.gateway_url}/{http}/http").json()["path"] == "/http"
    name = lab.physical("Fn")
    aliases = client(cloud, "lambda").list_aliases(FunctionName=name)["Aliases"]
    assert [(each["Name"], each["FunctionVersion"]) for each in aliases] == [("live", "1")]
    resources["Fn"]["Properties"]["CodeUri"] = store_code(cloud, VIEW.format(version=2))
    assert lab.update(serverless(resources)) == "UPDATE_COMPLETE", lab.failures()
    assert httpx.get(f"{cloud.gateway_url}/{rest}/Prod/rest").json()["version"] == 2
    stack_id = lab.describe()["StackId"]
    assert lab.delete() == "DELETE_COMPLETE", lab.failures(stack_id)


def test_a_websocket_api_talks(cloud: CloudStatus, lab: StackLab) -> None:
    source = """
import boto3

def handler(event, context):
    about = event["requestContext"]
    if about["routeKey"] == "$default":
        client = boto3.client("apigatewaymanagementapi")
        client.post_to_connection(ConnectionId=about["connectionId"], Data=event["body"].upper())
    return {"statusCode": 200}
"""
    uri = (
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${F}/invocations"
    )
    statement = {"Effect": "Allow", "Action": "execute-api:ManageConnections", "Resource": "*"}
    resources: dict[str, Any] = {
        "Fn": function(store_code(cloud, source), Policies=[{"Statement": [statement]}]),
        "Api": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": "talk",
                "ProtocolType": "WEBSOCKET",
                "RouteSelectionExpression": "$request.body.action",
            },
        },
        "To": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "ConnectionType": "INTERNET",
                "ContentHandlingStrategy": "CONVERT_TO_TEXT",
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": {"Fn::Sub": [uri, {"F": {"Ref": "Fn"}}]},
            },
        },
        "May": permission("Fn", "Api"),
        "Deployment": {
            "Type": "AWS::ApiGatewayV2::Deployment",
            "DependsOn": ["Connect", "Default"],
            "Properties": {"ApiId": {"Ref": "Api"}},
        },
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "DeploymentId": {"Ref": "Deployment"},
                "StageName": "api",
            },
        },
    }
    for name in ("Connect", "Default"):
        target = {"Fn::Join": ["/", ["integrations", {"Ref": "To"}]]}
        own = {"ApiId": {"Ref": "Api"}, "RouteKey": f"${name.lower()}", "Target": target}
        resources[name] = {"Type": "AWS::ApiGatewayV2::Route", "Properties": own}
    assert lab.create(serverless(resources)) == "CREATE_COMPLETE", lab.failures()
    url = f"{cloud.gateway_url}/{lab.physical('Api')}/api".replace("http", "ws", 1)
    with connect(url) as socket:
        socket.send("hello")
        assert socket.recv(timeout=20) == "HELLO"
    assert lab.delete() == "DELETE_COMPLETE"


def test_events_reach_functions(cloud: CloudStatus, lab: StackLab) -> None:
    code, outside = store_code(cloud, TELLS), unique("outside")
    topic = client(cloud, "sns").create_topic(Name=outside)["TopicArn"]
    there = f"arn:${{AWS::Partition}}:sns:${{AWS::Region}}:${{AWS::AccountId}}:{outside}"
    sources: dict[str, tuple[str, dict[str, Any]]] = {
        "Bucket": ("S3", {"Bucket": {"Ref": "Files"}, "Events": ["s3:ObjectCreated:*"]}),
        "Topic": ("SNS", {"Topic": {"Fn::Sub": there}}),
        "Queue": ("SQS", {"Queue": {"Fn::GetAtt": ["Jobs", "Arn"]}, "BatchSize": 1}),
        "Bus": ("EventBridgeRule", {"Pattern": {"source": ["shop"]}}),
        "Tick": ("Schedule", {"Schedule": "rate(1 hour)"}),
        "Stream": (
            "Kinesis",
            {"Stream": {"Fn::GetAtt": ["Clicks", "Arn"]}, "StartingPosition": "TRIM_HORIZON"},
        ),
        "Table": (
            "DynamoDB",
            {"Stream": {"Fn::GetAtt": ["Orders", "StreamArn"]}, "StartingPosition": "TRIM_HORIZON"},
        ),
        "Later": ("ScheduleV2", {"ScheduleExpression": "rate(1 hour)", "State": "DISABLED"}),
    }
    resources: dict[str, Any] = {
        f"On{name}": function(code, Events={name: {"Type": kind, "Properties": properties}})
        for name, (kind, properties) in sources.items()
    }
    resources["Files"] = {"Type": "AWS::S3::Bucket"}
    resources["Jobs"] = {"Type": "AWS::SQS::Queue"}
    resources["Clicks"] = {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": 1}}
    resources["Orders"] = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        },
    }
    assert lab.create(serverless(resources)) == "CREATE_COMPLETE", lab.failures()
    client(cloud, "s3").put_object(Bucket=lab.physical("Files"), Key="a.txt", Body=b"1")
    client(cloud, "sns").publish(TopicArn=topic, Message="news")
    client(cloud, "sqs").send_message(QueueUrl=lab.physical("Jobs"), MessageBody="job")
    entry = {"Source": "shop", "DetailType": "sold", "Detail": "{}"}
    client(cloud, "events").put_events(Entries=[entry])
    stream = lab.physical("Clicks")
    client(cloud, "kinesis").put_record(StreamName=stream, Data=b"click", PartitionKey="a")
    orders = lab.physical("Orders")
    client(cloud, "dynamodb").put_item(TableName=orders, Item={"id": {"S": "7"}})
    tick = lab.physical("OnTickTick")
    assert httpx.post(f"{cloud.endpoint_url}/_chalice/fire?rule={tick}").status_code == 200

    def first_event(name: str) -> Any:
        group = f"/aws/lambda/{lab.physical(f'On{name}')}"
        logs, found = client(cloud, "logs"), list[Any]()

        def came() -> bool:
            try:
                events = logs.filter_log_events(logGroupName=group)["events"]
            except logs.exceptions.ResourceNotFoundException:
                return False
            found.extend(each["message"] for each in events if each["message"][:5] == "EVENT")
            return bool(found)

        wait_until(came)
        return json.loads(found[0][6:])

    assert first_event("Bucket")["Records"][0]["s3"]["object"]["key"] == "a.txt"
    assert first_event("Topic")["Records"][0]["Sns"]["Message"] == "news"
    assert first_event("Queue")["Records"][0]["body"] == "job"
    assert first_event("Bus")["source"] == "shop"
    assert first_event("Tick")["detail-type"] == "Scheduled Event"
    data = first_event("Stream")["Records"][0]["kinesis"]["data"]
    assert base64.b64decode(data) == b"click"
    assert first_event("Table")["Records"][0]["dynamodb"]["NewImage"] == {"id": {"S": "7"}}
    client(cloud, "s3").delete_object(Bucket=lab.physical("Files"), Key="a.txt")
    stack_id = lab.describe()["StackId"]
    assert lab.delete() == "DELETE_COMPLETE", lab.failures(stack_id)
    subscribed = client(cloud, "sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert subscribed == []


def test_a_layer_is_under_the_functions(cloud: CloudStatus, lab: StackLab) -> None:
    place = store_code(cloud, "")
    s3 = client(cloud, "s3")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("python/shared.py", "VALUE = 7")
    s3.put_object(Bucket=place["Bucket"], Key="layer.zip", Body=content.getvalue())
    layer = {"Bucket": place["Bucket"], "Key": "layer.zip"}
    resources = {
        "Managed": {
            "Type": "AWS::Serverless::LayerVersion",
            "Properties": {"ContentUri": layer, "CompatibleRuntimes": ["python3.12"]},
        },
        "Fn": function(
            store_code(cloud, "import shared\ndef handler(event, context): return shared.VALUE"),
            Layers=[{"Ref": "Managed"}],
        ),
    }
    assert lab.create(serverless(resources)) == "CREATE_COMPLETE", lab.failures()
    answer = client(cloud, "lambda").invoke(FunctionName=lab.physical("Fn"))
    assert answer["Payload"].read() == b"7"
    assert lab.delete() == "DELETE_COMPLETE"


def test_templates_of_sam_need_the_right_to_expand(cloud: CloudStatus, lab: StackLab) -> None:
    body = serverless({"Fn": function({"Bucket": "b", "Key": "k"})})
    with pytest.raises(ClientError, match="CAPABILITY_AUTO_EXPAND") as refused:
        lab.create(body, Capabilities=["CAPABILITY_IAM"])
    assert error_of(refused.value) == (400, "InsufficientCapabilitiesException")
    local = serverless({"Fn": function({"Bucket": "b"})})
    with pytest.raises(ClientError, match=r"Transform AWS::Serverless-2016-10-31 failed with"):
        lab.create(local)
    other = json.dumps({**json.loads(body), "Transform": ["AWS::LanguageExtensions"]})
    with pytest.raises(ClientError, match="does not know the transform AWS::LanguageExtensions"):
        lab.create(other)


def test_the_processed_template_can_be_seen(cloud: CloudStatus, lab: StackLab) -> None:
    resources = {"Fn": function(store_code(cloud, VIEW.format(version=1)))}
    lab.create(serverless(resources))
    cloudformation = lab.cloudformation
    original = cloudformation.get_template(StackName=lab.name)["TemplateBody"]
    processed = cloudformation.get_template(StackName=lab.name, TemplateStage="Processed")
    types = {each["Type"] for each in processed["TemplateBody"]["Resources"].values()}
    assert original["Resources"] == resources
    assert types == {"AWS::Lambda::Function", "AWS::IAM::Role"}
    roles = client(cloud, "iam").list_attached_role_policies(RoleName=lab.physical("FnRole"))
    assert [each["PolicyName"] for each in roles["AttachedPolicies"]] == [
        "AWSLambdaBasicExecutionRole"
    ]
