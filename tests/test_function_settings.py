"""The settings of functions, from the configuration to resources, and what contradicts itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import pytest

from chalice import Chalice
from chalice.config import Config
from chalice.config.function_checks import function_problems
from chalice.graph import build
from chalice.model.functions import Alias, Code, Function, Layer, LogGroup, Permission, Role
from chalice.model.resources import Resource
from chalice.model.triggers import Rule
from chalice.model.values import Ref
from chalice.policy import StagePolicies

R = TypeVar("R")
QUEUE = "arn:aws:sqs:us-east-1:123456789012:failures"
TOPIC = "arn:aws:sns:us-east-1:123456789012:failures"
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"


def app() -> Chalice:
    made = Chalice("demo", env={})

    @made.route("/")
    def index() -> str:
        return ""

    @made.lambda_function()
    def job(event: object, context: object) -> None: ...

    @made.schedule("rate(1 day)")
    def tick(event: object) -> None: ...

    return made


def config(settings: Mapping[str, object], **of_functions: object) -> Config:
    functions = {"lambda_functions": of_functions}
    return Config("dev", config_from_disk={"app_name": "demo", **functions, **settings})


def resources(
    settings: Mapping[str, object] | None = None, layer: Code | None = None, **of_functions: object
) -> tuple[Resource, ...]:
    code = Code("sha", Path("deployment.zip"))
    found = config(settings or {}, **of_functions)
    return build(app(), found, code, StagePolicies(Path()), layer)


def named(kind: type[R], found: tuple[Resource, ...]) -> dict[str, R]:
    return {each.name: each for each in found if isinstance(each, kind)}


def test_the_settings_of_a_function_are_those_of_its_section() -> None:
    found = named(
        Function,
        resources(
            {"ephemeral_storage": 600, "lambda_config": {"Description": "all"}},
            job={"dead_letter": TOPIC, "kms_key_arn": "k", "lambda_config": {"X": {"Y": 1}}},
        ),
    )
    job, other = found["job"], found["api_handler"]
    assert (job.ephemeral_storage, job.dead_letter, job.kms_key_arn) == (600, TOPIC, "k")
    assert job.more == {"Description": "all", "X": {"Y": 1}}
    assert (other.dead_letter, other.kms_key_arn, other.more) == ("", "", {"Description": "all"})


def test_the_role_may_send_what_was_lost() -> None:
    roles = named(Role, resources({"dead_letter": QUEUE}, job={"dead_letter": TOPIC}))
    policy = json.loads(json.dumps(roles["default-role"].policy))
    found = [(each["Action"], each["Resource"]) for each in policy["Statement"]]
    assert found.count((["sqs:SendMessage"], [QUEUE])) == 1
    assert found.count((["sns:Publish"], [TOPIC])) == 1


def test_a_boundary_of_its_own_gives_a_function_a_role_of_its_own() -> None:
    found = resources({"permissions_boundary": BOUNDARY}, job={"permissions_boundary": "other"})
    roles = named(Role, found)
    assert {name: each.permissions_boundary for name, each in roles.items()} == {
        "default-role": BOUNDARY,
        "job_role": "other",
    }
    assert roles["job_role"].role_name == "demo-dev-job"
    functions = named(Function, found)
    assert functions["job"].role == Ref("job_role", "role_arn")
    assert functions["tick"].role == Ref("default-role", "role_arn")


def test_callers_of_a_published_function_use_its_alias() -> None:
    found = resources({"snap_start": True}, job={"snap_start": False})
    assert set(named(Alias, found)) == {"api_handler-live", "tick-live"}
    assert {name: each.snap_start for name, each in named(Function, found).items()} == {
        "api_handler": True,
        "job": False,
        "tick": True,
    }
    [rule] = named(Rule, found).values()
    assert rule.function == Ref("tick-live", "invoke_arn")
    permissions = {each.function for each in named(Permission, found).values()}
    assert permissions == {Ref("tick-live", "invoke_arn"), Ref("api_handler-live", "invoke_arn")}
    assert "'api_handler'" not in str([each for each in found if each.name == "rest_api"])


def test_a_version_is_another_when_what_runs_is_and_not_when_its_tags_are() -> None:
    def content(**settings: object) -> object:
        return named(Alias, resources({"snap_start": True, **settings}))["tick-live"].content

    assert content() == content(tags={"a": "b"}) == content(reserved_concurrency=3)
    assert content() != content(lambda_timeout=61)
    assert content() != content(lambda_config={"Description": "x"})


def test_the_layer_of_requirements_comes_first() -> None:
    found = resources({"layers": ["arn:given"]}, Code("sha", Path("l.zip")), job={"layers": []})
    [layer] = named(Layer, found).values()
    assert (layer.name, layer.layer_name) == ("managed-layer", "demo-dev-managed-layer")
    own = Ref("managed-layer", "layer_version_arn")
    functions = named(Function, found)
    assert functions["tick"].layers == (own, "arn:given")
    assert functions["job"].layers == (own,)


def test_the_retention_is_that_of_the_group_the_function_writes_to() -> None:
    found = named(
        LogGroup,
        resources(
            {"log_retention_in_days": 7},
            job={"lambda_config": {"LoggingConfig": {"LogGroup": "/shared"}}},
            tick={"lambda_config": {"LoggingConfig": {"LogGroup": "/shared"}}},
        ),
    )
    assert {name: each.log_group_name for name, each in found.items()} == {
        "/shared-log-group": "/shared",
        "api_handler-log-group": "/aws/lambda/demo-dev",
    }


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"dead_letter": "failures"}, "`dead_letter` is not the ARN of a queue or a topic"),
        ({"dead_letter": f"{QUEUE}.fifo"}, "`dead_letter` is not the ARN of a queue or a topic"),
        ({"permissions_boundary": "b"}, "`permissions_boundary` is not the ARN of a policy"),
        ({"snap_start": True, "ephemeral_storage": 513}, "SnapStart and more than 512 MiB"),
        (
            {"snap_start": True, "lambda_config": {"FileSystemConfigs": [{}]}},
            "SnapStart and a file system",
        ),
    ],
)
def test_what_contradicts_itself_is_pointed_out(
    settings: Mapping[str, object], problem: str
) -> None:
    found = [each.summary for each in function_problems(config(settings))]
    assert any(problem in summary for summary in found), found


def test_what_fits_together_is_fine() -> None:
    settings = {"dead_letter": QUEUE, "permissions_boundary": BOUNDARY, "ephemeral_storage": 1024}
    assert list(function_problems(config(settings))) == []


def test_snapshots_need_a_python_that_has_them() -> None:
    found = [each.summary for each in function_problems(config({"snap_start": True}))]
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    needed = f"SnapStart needs Python 3.12 or newer, and functions run on {version}"
    assert found == ([] if sys.version_info >= (3, 12) else [needed])
