"""The policies of a stage: what each role gets, for each way to configure it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from chalice import graph
from chalice.assembly import code_of
from chalice.aws.models import BotocoreModels
from chalice.config import Config, load
from chalice.errors import ToolError
from chalice.iam.differences import pairs
from chalice.model.functions import Alias, Code, Function, Role
from chalice.model.values import Place, resolve_document
from chalice.policy import StagePolicies
from chalice.policy.arns import written
from chalice.policy.deployer import deployer_policy
from chalice.policy.generation import from_source

APP = """
import os

import boto3
from chalice import Chalice

app = Chalice(app_name="shop")
app.experimental_feature_flags.update(["WEBSOCKETS"])
sns = boto3.client("sns", region_name="eu-west-1")


@app.on_sqs_message(queue="orders")
def work(event):
    app.needs("dynamodb:Query", "orders")
    boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SECRET"])


@app.on_ws_connect()
def connect(event):
    pass


@app.on_ws_message()
def message(event):
    app.websocket_api.send(event.connection_id, event.body)


@app.schedule("rate(1 hour)")
def tick(event):
    boto3.client("s3").get_object(Bucket="b", Key="k", **event.to_dict())


@app.lambda_function()
def typo(event, context):
    app.needs("dynamodb:Qeury", "orders")
    app.needs("dynamodb:GetItem", resource=os.environ["NOWHERE"])
"""
LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
HERE = "eu-west-1:1"


def policies(
    project: Path, config: str, app: str = APP
) -> tuple[Mapping[str, set[tuple[str, str]]], list[str]]:
    """Return what each role allows besides its log, and the warnings."""
    (project / "app.py").write_text(app)
    (project / ".chalice").mkdir()
    (project / ".chalice" / "config.json").write_text(
        f'{{"app_name": "shop", "environment_variables": {{"SECRET": "db"}}, {config}}}'
    )
    settings = load(project, "dev")
    made = StagePolicies(project, code_of(settings))
    resources = graph.build(settings.chalice_app, settings, Code("", Path()), made)
    place = Place("aws", "eu-west-1", "1")
    roles = {
        each.role_name: set(pairs(resolve_document(each.policy, place, {})))
        for each in resources
        if isinstance(each, Role)
    }
    return roles, [warning.summary for warning in made.warnings]


def logs(function: str) -> set[tuple[str, str]]:
    group = f"arn:aws:logs:{HERE}:log-group:/aws/lambda/{function}:*"
    return {(action, group) for action in LOGS}


def test_each_scoped_role_has_what_its_function_needs(tmp_path: Path) -> None:
    roles, warnings = policies(
        tmp_path, '"autogen_policy": "scoped", "iam_role_per_function": true'
    )
    table = f"arn:aws:dynamodb:{HERE}:table/orders"
    assert roles["shop-dev-work"] == logs("shop-dev-work") | {
        ("dynamodb:Query", table),
        ("dynamodb:Query", f"{table}/index/*"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{HERE}:secret:db-??????"),
        *(
            (f"sqs:{name}", f"arn:aws:sqs:{HERE}:orders")
            for name in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
        ),
    }
    assert roles["shop-dev-websocket_connect"] == logs("shop-dev-websocket_connect")
    assert roles["shop-dev-websocket_message"] == logs("shop-dev-websocket_message") | {
        (
            "execute-api:ManageConnections",
            f"arn:aws:execute-api:{HERE}:*/api/POST/@connections/*",
        )
    }
    assert ("s3:GetObject", "arn:aws:s3:::b/k") in roles["shop-dev-tick"]
    assert "AWS has no action `dynamodb:Qeury`" in warnings


def test_a_parameter_that_may_be_passed_is_allowed_for(tmp_path: Path) -> None:
    roles, _ = policies(tmp_path, '"autogen_policy": "scoped", "iam_role_per_function": true')
    actions = {action for action, _ in roles["shop-dev-tick"]} - {*LOGS}
    assert actions == {"s3:GetObject", "s3:GetObjectVersion"}


@pytest.mark.parametrize("mode", ["true", '"broad"'])
def test_a_shared_broad_role_has_the_actions_on_anything(tmp_path: Path, mode: str) -> None:
    roles, _ = policies(tmp_path, f'"autogen_policy": {mode}')
    assert set(roles) == {"shop-dev"}
    assert {("s3:GetObject", "*"), ("secretsmanager:GetSecretValue", "*")} <= roles["shop-dev"]
    assert ("logs:PutLogEvents", "arn:*:logs:*:*:*") in roles["shop-dev"]


def test_one_function_may_have_a_role_of_its_own(tmp_path: Path) -> None:
    own = (
        '"lambda_functions": {"tick": {"autogen_policy": "scoped", "iam_role_per_function": true}}'
    )
    roles, _ = policies(tmp_path, own)
    assert set(roles) == {"shop-dev", "shop-dev-tick"}
    assert ("s3:GetObject", "*") not in roles["shop-dev"]
    assert ("s3:GetObject", "arn:aws:s3:::b/k") in roles["shop-dev-tick"]


def test_settings_give_a_role_what_they_need(tmp_path: Path) -> None:
    roles, _ = policies(
        tmp_path,
        '"autogen_policy": "scoped", "iam_role_per_function": true, "lambda_functions": {"tick": '
        '{"xray": true, "subnet_ids": ["s"], "security_group_ids": ["g"]}}',
    )
    tick = {action for action, _ in roles["shop-dev-tick"]}
    assert {"xray:PutTraceSegments", "ec2:CreateNetworkInterface"} <= tick
    assert not any(action.startswith(("xray:", "ec2:")) for action, _ in roles["shop-dev-work"])


def test_source_alone_tells_what_the_app_needs_of_what_it_calls(tmp_path: Path) -> None:
    policies(tmp_path, '"autogen_policy": "scoped"')
    found = from_source(load(tmp_path, "dev"), BotocoreModels)
    assert {"work", "tick", "typo", "websocket_connect", "websocket_message"} == set(found.grants)
    left_out = {grant.action for grant in found.left_out["work"]}
    assert left_out == {"kms:Decrypt"}


def test_the_deployer_of_a_function_without_a_vpc_needs_no_network() -> None:
    function = Function(
        name="f",
        function_name="f",
        runtime="python3.12",
        handler="app.f",
        role="arn:aws:iam::1:role/r",
        code=Code("", Path()),
        timeout=1,
        memory_size=128,
    )
    actions = {action for action, _ in pairs(deployer_policy([function]))}
    assert "lambda:CreateFunction" in actions
    assert not any(action.startswith("ec2:") for action in actions)


def test_the_deployer_of_an_alias_may_publish_versions_and_delete_old_ones() -> None:
    name = "arn:aws:lambda:eu-west-1:1:function:f"
    alias = Alias(name="f-live", function=name, alias_name="live", content={})
    allowed = set(pairs(written(deployer_policy([alias]))))
    assert {
        ("lambda:PublishVersion", name),
        ("lambda:CreateAlias", name),
        ("lambda:DeleteFunction", f"{name}:*"),
    } <= allowed


def test_a_policy_that_is_too_long_for_iam_is_refused_with_a_way_out(tmp_path: Path) -> None:
    needs = "".join(f'    app.needs("s3:GetObject", "{n:0>60}/*")\n' for n in range(150))
    app = APP.replace("def typo(event, context):\n", f"def typo(event, context):\n{needs}")
    with pytest.raises(ToolError, match=r"characters; IAM takes 10,240") as caught:
        policies(tmp_path, '"autogen_policy": "scoped"', app)
    assert "iam_role_per_function" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("code", "needed"),
    [
        (
            """
            options = {}
            if event:
                options["VersionId"] = event
            boto3.client("s3").get_object(Bucket="b", Key="k", **options)
            """,
            {("s3:GetObject", "s3:::b/k"), ("s3:GetObjectVersion", "s3:::b/k")},
        ),
        (
            """
            options = {"TableName": "t"}
            if event:
                options["IndexName"] = "i"
            boto3.client("dynamodb").query(**options)
            """,
            {("dynamodb:Query", "table/t"), ("dynamodb:Query", "table/t/index/i")},
        ),
        (
            """
            options = {}
            options["TableName"] = "t"
            options["Limit"] = 1
            boto3.client("dynamodb").scan(**options)
            """,
            {("dynamodb:Scan", "table/t")},
        ),
        (
            """
            options = {"TableName": "t", "IndexName": "i"}
            boto3.client("dynamodb").query(**options)
            """,
            {("dynamodb:Query", "table/t/index/i")},
        ),
        (
            """
            options = {"IndexName": "i"} if event else {}
            boto3.resource("dynamodb").Table("t").query(**options)
            """,
            {("dynamodb:Query", "table/t"), ("dynamodb:Query", "table/t/index/i")},
        ),
    ],
)
def test_parameters_that_code_collects_may_be_passed_or_not(
    tmp_path: Path, code: str, needed: set[tuple[str, str]]
) -> None:
    body = textwrap.indent(textwrap.dedent(code), "    ")
    (tmp_path / "app.py").write_text(f"import boto3\n\n\ndef f(event):{body}\n\nf(input())\n")
    config = Config.create(project_dir=str(tmp_path), autogen_policy="scoped")
    found = from_source(config, BotocoreModels)
    granted = pairs(written(found.policy(list(found.grants))))
    assert {(action, re.sub(r"^.*}:(?=table|s3)", "", arn)) for action, arn in granted} == needed
