"""Programs that keep things in AWS's services, by boto3, on the embedded cloud."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalice import BadRequestError, Chalice, ChaliceViewError, NotFoundError, Response
from chalice.app import S3Event
from chalice.cloud import CloudStatus
from chalice.test import Client
from tests.cloud.aws import unique
from tests.programs.conftest import Ask
from tests.programs.doors import CONTEXT, JSON


@pytest.fixture
def aws(cloud: CloudStatus, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A session whose clients find the embedded cloud as programs do: in the environment."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint_url)
    return boto3.Session("test", "test", region_name="us-east-1")


@pytest.fixture
def s3(aws: Any) -> Any:
    return aws.client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = unique("bucket")
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def table(aws: Any) -> Any:
    return aws.resource("dynamodb").create_table(
        TableName=unique("table"),
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def test_documents_are_kept_in_a_bucket(app: Chalice, ask: Ask, s3: Any, bucket: str) -> None:
    @app.route("/recipes/{name}", methods=["GET", "PUT"])
    def recipe(name: str) -> Any:
        request = app.current_request
        if request.method == "PUT":
            s3.put_object(Bucket=bucket, Key=name, Body=json.dumps(request.json_body))
        elif request.method == "GET":
            try:
                response = s3.get_object(Bucket=bucket, Key=name)
                return json.loads(response["Body"].read())
            except ClientError:
                raise NotFoundError(name) from None
        return None

    missing = ask("GET", "/recipes/soup")
    assert (missing.status, missing.data) == (404, {"Code": "NotFoundError", "Message": "soup"})
    assert ask("PUT", "/recipes/soup", headers=JSON, body=b'{"leeks": 3}').status == 200
    assert ask("GET", "/recipes/soup").data == {"leeks": 3}


def test_files_come_back_with_their_type(app: Chalice, ask: Ask, s3: Any, bucket: str) -> None:
    @app.route("/files/{key}")
    def download(key: str) -> Response:
        try:
            found = s3.get_object(Bucket=bucket, Key=key)
            return Response(
                body=found["Body"].read(),
                status_code=200,
                headers={"Content-Type": found["ContentType"]},
            )
        except s3.exceptions.NoSuchKey:
            raise NotFoundError(f"No file {key}") from None

    @app.route("/files", methods=["POST"], content_types=["application/json", "image/png"])
    def upload() -> Any:
        request: Any = app.current_request
        key = request.query_params.get("key")
        if not key:
            raise BadRequestError("Which key?")
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=request.raw_body,
            ContentType=request.headers.get("content-type", "application/octet-stream"),
        )
        return {"key": key, "stored": True}

    picture = {"Content-Type": "image/png"}
    assert ask("GET", "/files/a.json").data["Message"] == "No file a.json"
    stored = ask("POST", "/files?key=a.json", headers=JSON, body=b'{"a": 1}')
    assert stored.data == {"key": "a.json", "stored": True}
    assert ask("POST", "/files?key=b.png", headers=picture, body=b"\x89PNG\xff").status == 200
    assert ask("POST", "/files?name=c", headers=JSON, body=b"{}").data["Message"] == "Which key?"
    found = ask("GET", "/files/a.json")
    assert (found.body, found.headers["Content-Type"]) == (b'{"a": 1}', "application/json")
    found = ask("GET", "/files/b.png", headers={"Accept": "image/png"})
    assert (found.body, found.headers["Content-Type"]) == (b"\x89PNG\xff", "image/png")


def test_a_file_that_arrives_is_worked_on(app: Chalice, s3: Any, bucket: str) -> None:
    @app.on_s3_event(bucket, events=["s3:ObjectCreated:Put"], prefix="in/", suffix=".txt")
    def shout(event: S3Event) -> None:
        with tempfile.NamedTemporaryFile("w") as file:
            s3.download_file(event.bucket, event.key, file.name)
            text = Path(file.name).read_text(encoding="utf-8")
            Path(file.name).write_text(text.upper(), encoding="utf-8")
            s3.upload_file(file.name, event.bucket, f"out/{event.key}")

    s3.put_object(Bucket=bucket, Key="in/a b.txt", Body=b"hello")
    shout(Client(app).events.generate_s3_event(bucket, "in/a b.txt"), CONTEXT)
    assert s3.get_object(Bucket=bucket, Key="out/in/a b.txt")["Body"].read() == b"HELLO"


def test_items_are_kept_in_a_table(app: Chalice, ask: Ask, table: Any) -> None:
    @app.route("/tools/{tool_id}")
    def tool(tool_id: str) -> Any:
        try:
            item = table.get_item(Key={"id": tool_id}).get("Item")
            if not item:
                raise NotFoundError(f"No tool {tool_id}")
            return item
        except ClientError as error:
            app.log.error(f"Table: {error}")
            raise ChaliceViewError("The table failed") from error

    @app.route("/tools", methods=["POST"])
    def add() -> Any:
        item = app.current_request.json_body
        try:
            table.put_item(Item=item)
            return item
        except ClientError as error:
            app.log.error(f"Table: {error}")
            raise ChaliceViewError("The tool was not stored") from error

    missing = ask("GET", "/tools/saw")
    assert (missing.status, missing.data["Message"]) == (404, "No tool saw")
    added = ask("POST", "/tools", headers=JSON, body=b'{"id": "saw", "teeth": 24}')
    assert added.data == {"id": "saw", "teeth": 24}
    assert ask("GET", "/tools/saw").data == {"id": "saw", "teeth": 24}
    failed = ask("POST", "/tools", headers=JSON, body=b'{"teeth": 1}')
    assert failed.status == 500
    assert failed.data == {"Code": "ChaliceViewError", "Message": "The tool was not stored"}


class Tools:
    """What a program keeps in a module of its own: it raises the app's errors, and knows no app."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def find(self, tool_id: str) -> Any:
        item = self.table.get_item(Key={"id": tool_id}).get("Item")
        if not item:
            raise NotFoundError(f"No tool {tool_id}")
        return item

    def add(self, item: Any) -> Any:
        if "id" not in item:
            raise BadRequestError("A tool needs an id")
        self.table.put_item(Item=item)
        return item


def test_a_service_of_its_own_raises_the_errors(app: Chalice, ask: Ask, table: Any) -> None:
    tools = Tools(table)

    @app.route("/tools/{tool_id}")
    def tool(tool_id: str) -> Any:
        return tools.find(tool_id)

    @app.route("/tools", methods=["POST"])
    def add() -> Any:
        return tools.add(app.current_request.json_body)

    assert ask("GET", "/tools/axe").status == 404
    assert ask("POST", "/tools", headers=JSON, body=b"{}").status == 400
    assert ask("POST", "/tools", headers=JSON, body=b'{"id": "axe"}').data == {"id": "axe"}
    assert ask("GET", "/tools/axe").data == {"id": "axe"}


def test_a_long_list_comes_in_pages(app: Chalice, ask: Ask, table: Any) -> None:
    for name in ("axe", "file", "saw"):
        table.put_item(Item={"id": name})

    @app.route("/tools")
    def tools() -> Any:
        asked = app.current_request.query_params or {}
        options: dict[str, Any] = {"Limit": int(asked.get("limit", 50))}
        cursor = asked.get("cursor")
        if cursor:
            options["ExclusiveStartKey"] = {"id": cursor}
        page = table.scan(**options)
        result = {"tools": page.get("Items", []), "count": page.get("Count", 0)}
        if "LastEvaluatedKey" in page:
            result["next"] = page["LastEvaluatedKey"]["id"]
        return result

    first = ask("GET", "/tools?limit=2").data
    assert first["count"] == 2
    second = ask("GET", f"/tools?limit=2&cursor={first['next']}").data
    names = {tool["id"] for tool in (*first["tools"], *second["tools"])}
    assert names == {"axe", "file", "saw"}
    assert second.keys() == {"tools", "count"}


def test_a_posted_message_is_queued(app: Chalice, ask: Ask, aws: Any) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]

    @app.route("/orders", methods=["POST"])
    def order() -> Any:
        message = app.current_request.json_body
        response = sqs.send_message(
            QueueUrl=url,
            MessageBody=json.dumps(message),
            MessageAttributes={
                "Kind": {"StringValue": message.get("kind", "usual"), "DataType": "String"}
            },
        )
        return {"order": response["MessageId"], "status": "queued"}

    queued = ask("POST", "/orders", headers=JSON, body=b'{"kind": "rush"}').data
    assert queued["status"] == "queued"
    received = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert [message["MessageId"] for message in received] == [queued["order"]]
    assert received[0]["MessageAttributes"]["Kind"]["StringValue"] == "rush"


def test_settings_are_kept_as_secret_parameters(app: Chalice, ask: Ask, aws: Any) -> None:
    ssm = aws.client("ssm")
    path = f"/{unique('hotel')}/"
    for name, value in {"ROOMS": "12", "POOL": "yes"}.items():
        ssm.put_parameter(Name=path + name, Value=value, Type="SecureString")

    def parameter(name: str) -> Any:
        response = ssm.get_parameters(Names=[path + name], WithDecryption=True)
        return response["Parameters"][0]["Value"]

    found = ssm.get_parameters_by_path(Path=path, Recursive=True, WithDecryption=True)
    settings = {item["Name"].removeprefix(path): item["Value"] for item in found["Parameters"]}

    @app.route("/settings")
    def show() -> Any:
        return {"rooms": parameter("ROOMS"), "all": settings}

    assert ask("GET", "/settings").data == {"rooms": "12", "all": {"ROOMS": "12", "POOL": "yes"}}
