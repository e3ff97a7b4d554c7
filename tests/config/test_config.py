"""Which of several values counts, for each stage and function."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import chalice
from chalice.config import Config, load
from chalice.config.python_version import lambda_runtime, runtime_warnings

PRECEDENCE = {
    "version": "2.0",
    "app_name": "demo",
    "lambda_timeout": 10,
    "lambda_functions": {"job": {"lambda_timeout": 20, "lambda_memory_size": 512}},
    "stages": {
        "dev": {"lambda_timeout": 30, "lambda_functions": {"job": {"lambda_timeout": 40}}},
        "beta": {"lambda_timeout": 31},
        "prod": {},
    },
}
RICH = {
    "version": "2.0",
    "app_name": "rich",
    "environment_variables": {"A": "top", "B": "top"},
    "tags": {"team": "core"},
    "lambda_functions": {"worker": {"lambda_timeout": 77, "environment_variables": {"D": "fn"}}},
    "stages": {
        "dev": {
            "environment_variables": {"B": "dev"},
            "lambda_memory_size": 256,
            "layers": ["arn:base"],
            "reserved_concurrency": 5,
            "lambda_functions": {
                "api_handler": {"lambda_timeout": 29, "xray": True},
                "worker": {
                    "environment_variables": {"C": "worker"},
                    "reserved_concurrency": 0,
                    "tags": {"role": "worker", "aws-chalice": "mine"},
                    "layers": [],
                },
            },
        }
    },
}


@pytest.mark.parametrize(
    ("stage", "function", "timeout", "memory"),
    [
        ("dev", "job", 40, 512),
        ("dev", "api_handler", 30, 128),
        ("beta", "job", 31, 512),
        ("prod", "job", 20, 512),
        ("prod", "api_handler", 10, 128),
        ("unheard-of", "job", 20, 512),
    ],
)
def test_the_nearest_value_counts(stage: str, function: str, timeout: int, memory: int) -> None:
    config = Config(stage, function, config_from_disk=PRECEDENCE)
    assert (config.lambda_timeout, config.lambda_memory_size) == (timeout, memory)


def test_the_command_line_beats_the_file_except_what_a_stage_says_of_one_function() -> None:
    given = {"lambda_timeout": 50, "lambda_memory_size": 1024}
    job = Config("dev", "job", given, PRECEDENCE)
    assert (job.lambda_timeout, job.lambda_memory_size) == (40, 1024)
    assert job.scope("dev", "api_handler").lambda_timeout == 50
    mine = Config("dev", "job", {"lambda_functions": {"job": {"lambda_timeout": 5}}}, PRECEDENCE)
    assert mine.lambda_timeout == 5
    assert mine.scope("dev", "other").lambda_timeout == 30


def test_values_that_are_false_or_empty_count_and_null_does_not() -> None:
    config = Config(config_from_disk=RICH, user_provided_params={"lambda_timeout": None})
    worker = config.scope("dev", "worker")
    assert config.lambda_timeout == 29
    assert (config.layers, worker.layers) == (["arn:base"], [])
    assert (config.reserved_concurrency, worker.reserved_concurrency) == (5, 0)
    assert (config.xray, worker.xray) == (True, False)


def test_environment_variables_and_tags_are_collected_from_all_layers() -> None:
    worker = Config("dev", "worker", {"tags": {"by": "cli"}}, RICH, {"tags": {"team": "none"}})
    assert worker.environment_variables == {"A": "top", "B": "dev", "C": "worker", "D": "fn"}
    assert worker.tags == {
        "team": "core",
        "role": "worker",
        "by": "cli",
        "aws-chalice": f"version={chalice.__version__}:stage=dev:app=rich",
    }


def test_an_empty_configuration_has_all_defaults() -> None:
    config = Config()
    assert (config.chalice_stage, config.function_name) == ("dev", "api_handler")
    assert config.api_gateway_stage == "api"
    assert config.api_gateway_endpoint_type == "EDGE"
    assert config.lambda_architecture == "x86_64"
    assert config.autogen_policy
    assert config.manage_iam_role
    assert config.reserved_concurrency is None
    assert config.environment_variables == {}


def test_parameters_alone_make_a_configuration() -> None:
    app = chalice.Chalice("demo", env={})
    config = Config.create("prod", app_name="demo", chalice_app=app, project_dir="here")
    assert (config.chalice_stage, config.app_name) == ("prod", "demo")
    assert config.chalice_app is app
    assert config.project_dir == "here"
    assert Config(user_provided_params={"chalice_app": lambda: app}).chalice_app is app
    assert Config(layers=["arn"]).layers == ["arn"]


def test_reserved_concurrency_has_another_name() -> None:
    file = {"lambda_functions": {"api_handler": {"reserved_concurrent_executions": 100}}}
    assert Config(config_from_disk=file).reserved_concurrency == 100


def test_a_value_knows_where_in_the_file_it_stands(tmp_path: Path) -> None:
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(RICH, indent=1))
    worker = load(tmp_path, "dev").scope("dev", "worker")
    lines = (tmp_path / ".chalice" / "config.json").read_text().split("\n")

    def line(name: str, entry: str | None = None) -> str:
        file, number = worker.where(name, entry).split(":")
        assert file == ".chalice/config.json"
        return lines[int(number) - 1].strip()

    assert line("lambda_timeout") == '"lambda_timeout": 77,'
    assert line("environment_variables", "B") == '"B": "dev"'
    assert line("environment_variables", "D") == '"D": "fn"'
    assert worker.where("xray") == ".chalice/config.json:1"
    assert Config().where("xray") == ".chalice/config.json"


def test_what_the_command_line_leaves_out_comes_from_the_file(tmp_path: Path) -> None:
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text('{"app_name": "x", "autogen_policy": false}')
    assert not load(tmp_path, "dev", autogen_policy=None).autogen_policy
    assert load(tmp_path, "dev", autogen_policy=True).autogen_policy
    assert load(tmp_path, "dev").project_dir == str(tmp_path)


@pytest.mark.parametrize(
    ("version", "runtime"),
    [
        ((3, 9), "python3.10"),
        ((3, 10), "python3.10"),
        ((3, 13), "python3.13"),
        ((3, 14), "python3.14"),
        ((3, 15), "python3.14"),
    ],
)
def test_each_python_has_a_runtime(version: tuple[int, int], runtime: str) -> None:
    assert lambda_runtime(version) == runtime
    assert bool(runtime_warnings(version)) == (f"python{version[0]}.{version[1]}" != runtime)
