"""Programs that call AWS in all the ways that Python has, and exactly what each needs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from chalice.aws.models import BotocoreModels
from chalice.config import Config
from chalice.iam.differences import pairs
from chalice.policy.arns import written
from chalice.policy.generation import from_source

PROGRAMS = Path(__file__).with_name("golden")
BUCKETS: Mapping[str, str] = {"s3:ListAllMyBuckets": "*"}
QUEUES: Mapping[str, str] = {"sqs:ListQueues": "*"}
HERE = "${AWS::Region}:${AWS::AccountId}"

NEEDED: Mapping[str, Mapping[str, str]] = {
    "01_direct": BUCKETS,
    "02_alias_client_fn": {"s3:ListBucket": "s3:::b"},
    "03_import_as": BUCKETS,
    "04_from_import": BUCKETS,
    "05_session": {**BUCKETS, **QUEUES},
    "06_resource": {"dynamodb:GetItem": f"dynamodb:{HERE}:table/t"},
    "07_kwarg_service": BUCKETS,
    "08_uncalled_function": {},
    "09_called_function": BUCKETS,
    "10_kwargs_call": BUCKETS,
    "11_view": {
        "dynamodb:DescribeTable": f"dynamodb:{HERE}:table/x",
        "ec2:DescribeInstances": "*",
        "iot:ListThings": "*",
        "ses:SendEmail": f"ses:{HERE}:identity/*",
        "sns:Publish": f"sns:{HERE}:*",
        "sqs:SendMessage": f"sqs:{HERE}:*",
        "ssm:GetParameter": f"ssm:{HERE}:parameter/*",
    },
    "12_async_view": BUCKETS,
    "13_class": BUCKETS,
    "14_lambda": BUCKETS,
    "15_paginator_waiter": {"s3:ListBucket": "s3:::*", "s3:GetObject": "s3:::*/*"},
    "16_transfer": {
        "s3:AbortMultipartUpload": "s3:::b/c",
        "s3:GetObject": "s3:::*/*",
        "s3:PutObject": "s3:::*/*",
    },
    "17_unknown_service": {},
    "18_unknown_method": {},
    "19_comprehension": {
        "s3:DeleteObject": "s3:::*/*",
        "s3:GetObject": "s3:::*/*",
        "s3:ListBucket": "s3:::*",
        "s3:PutObject": "s3:::*/*",
    },
    "20_annassign_walrus_with": {**BUCKETS, **QUEUES, "sns:Publish": f"sns:{HERE}:*"},
    "21_tuple_assign": {**BUCKETS, **QUEUES},
    "22_string_var_service": BUCKETS,
    "23_import_in_function": BUCKETS,
    "24_conditional_override": QUEUES,
    "25_blueprint": BUCKETS,
    "26_nested_def": BUCKETS,
    "27_star_service_actions": {
        "apigateway:GET": "apigateway:${AWS::Region}::/restapis",
        "bedrock:InvokeModel": "bedrock:${AWS::Region}::foundation-model/*",
        "events:PutEvents": f"events:{HERE}:event-bus/*",
        "lambda:InvokeFunction": f"lambda:{HERE}:function:*",
        "logs:PutLogEvents": f"logs:{HERE}:log-group:*:log-stream:*",
        "s3:GetObject": "s3:::*/*",
        "s3:ListBucket": "s3:::*",
        "s3:PutObject": "s3:::*/*",
        "states:StartExecution": f"states:{HERE}:stateMachine:*",
    },
}
WARNED: Mapping[str, str] = {
    "17_unknown_service": "boto3 knows no service `not-a-service`",
    "18_unknown_method": "the s3 client of boto3 has no method `no_such_method`",
    "24_conditional_override": "the sqs client of boto3 has no method `list_buckets`",
}


@pytest.fixture(scope="module")
def models() -> BotocoreModels:
    return BotocoreModels()


def test_no_program_is_left_out() -> None:
    assert {path.stem for path in PROGRAMS.glob("*.txt")} == set(NEEDED)


@pytest.mark.parametrize("name", NEEDED)
def test_a_program_gets_what_it_needs_and_no_more(
    name: str, models: BotocoreModels, tmp_path: Path
) -> None:
    shutil.copyfile(PROGRAMS / f"{name}.txt", tmp_path / "app.py")
    config = Config.create(project_dir=str(tmp_path), autogen_policy="scoped")
    found = from_source(config, lambda: models)
    granted = set(pairs(written(found.policy(list(found.grants)))))
    assert granted == {
        (action, each if each == "*" else "arn:${AWS::Partition}:" + each)
        for action, each in NEEDED[name].items()
    }
    warnings = [warning.summary for warning in found.warnings]
    assert warnings == [WARNED[name]] if name in WARNED else not warnings


@pytest.mark.parametrize("name", NEEDED)
def test_a_broad_policy_has_the_same_actions_on_anything(
    name: str, models: BotocoreModels, tmp_path: Path
) -> None:
    shutil.copyfile(PROGRAMS / f"{name}.txt", tmp_path / "app.py")
    found = from_source(Config.create(project_dir=str(tmp_path)), lambda: models)
    granted = set(pairs(written(found.policy(list(found.grants)))))
    assert granted == {(action, "*") for action in NEEDED[name]}
