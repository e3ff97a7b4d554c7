"""`lambda_config`: what of it is refused, where, and what to write instead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalice.aws.function_parameters import parameter_problems
from chalice.config import load
from chalice.errors import ToolError


def problems(project: Path, settings: object, *functions: str) -> list[ToolError]:
    folder = project / ".chalice"
    folder.mkdir(exist_ok=True)
    text = json.dumps({"version": "2.0", "app_name": "demo", "stages": settings}, indent=2)
    (folder / "config.json").write_text(text)
    return list(parameter_problems(load(project, "dev"), functions or ["api_handler"]))


def of_stage(parameters: object) -> object:
    return {"dev": {"lambda_config": parameters}}


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"Description": "x"},
        {"LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"}},
        {"FileSystemConfigs": [{"Arn": "arn:x", "LocalMountPath": "/mnt/x"}]},
        {"VpcConfig": {"Ipv6AllowedForDualStack": True}},
    ],
)
def test_what_aws_knows_is_taken(tmp_path: Path, parameters: object) -> None:
    assert problems(tmp_path, of_stage(parameters)) == []


@pytest.mark.parametrize(
    ("parameters", "summary", "hint"),
    [
        (
            {"Descripton": "x"},
            "CreateFunction of AWS Lambda has no parameter `Descripton`",
            "did you mean `Description`?",
        ),
        ({"Description": 3}, "`Description` must be a string, not `3`", None),
        (
            {"LoggingConfig": {"LogFormat": "json"}},
            '`LoggingConfig.LogFormat` cannot be `"json"`',
            "write one of JSON, Text",
        ),
        (
            {"LoggingConfig": {"LogGrup": "/x"}},
            "`LoggingConfig` has no member `LogGrup`",
            "did you mean `LogGroup`?",
        ),
        ({"LoggingConfig": "JSON"}, '`LoggingConfig` must be an object, not `"JSON"`', None),
        (
            {"FileSystemConfigs": [{"Arn": "arn:x"}]},
            "`FileSystemConfigs[0]` has no `LocalMountPath`",
            None,
        ),
        (
            {"VpcConfig": {"Ipv6AllowedForDualStack": 1}},
            "`VpcConfig.Ipv6AllowedForDualStack` must be true or false, not `1`",
            None,
        ),
        (
            {"VpcConfig": {"SubnetIds": ["subnet-1"]}},
            "`lambda_config` cannot set `VpcConfig.SubnetIds`",
            "use the key `subnet_ids`",
        ),
        (
            {"Timeout": 3},
            "`lambda_config` cannot set `Timeout`",
            "use the key `lambda_timeout`",
        ),
        ({"Tags": {}}, "`lambda_config` cannot set `Tags`", "use the key `tags`"),
        (
            {"FunctionName": "mine"},
            "`lambda_config` cannot set `FunctionName`",
            "it is made of `app_name`, the stage and the name of the handler",
        ),
    ],
)
def test_what_is_wrong_is_named_with_what_to_write(
    tmp_path: Path, parameters: object, summary: str, hint: str | None
) -> None:
    [problem] = problems(tmp_path, of_stage(parameters))
    assert (problem.summary, problem.hint) == (summary, hint)
    assert problem.where == ".chalice/config.json:7"


def test_parameters_of_a_function_add_to_those_of_the_stage(tmp_path: Path) -> None:
    settings = {
        "dev": {
            "lambda_config": {"Description": "all", "Timeout": 1},
            "lambda_functions": {"job": {"lambda_config": {"Description": None, "Layers": []}}},
        }
    }
    found = problems(tmp_path, settings, "api_handler", "job")
    assert [(each.summary, each.where) for each in found] == [
        ("`lambda_config` cannot set `Timeout`", ".chalice/config.json:8"),
        ("`lambda_config` cannot set `Layers`", ".chalice/config.json:14"),
    ]
    of_job = load(tmp_path, "dev").scope("dev", "job").lambda_config
    assert of_job == {"Timeout": 1, "Layers": []}
