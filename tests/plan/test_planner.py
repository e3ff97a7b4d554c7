"""The planner, as a table: what is wanted, what is there, what is to be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from chalice.model.apis import RestApi
from chalice.model.functions import Function
from chalice.model.resources import Resource, kind_of, resolved
from chalice.model.state import Found, Record
from chalice.model.triggers import BucketNotification
from chalice.model.values import Outputs, digest
from chalice.plan.actions import Create, Replace, Update
from chalice.plan.planner import plan
from chalice.plan.wording import lines, progress
from tests.plan.stages import PLACE, api_stage

OUTPUTS: Mapping[str, Outputs] = {
    "default-role": {"role_arn": "arn:aws:iam::1:role/demo-dev", "role_name": "demo-dev"},
    "api_handler": {"lambda_arn": "arn:aws:lambda:us-east-1:1:function:demo-dev"},
    "rest_api": {"rest_api_id": "abc", "rest_api_url": "https://abc/api/"},
    "api_handler-log-group": {"log_group_name": "/aws/lambda/demo-dev"},
    "api_handler-rest_api-permission": {
        "function": "arn:aws:lambda:us-east-1:1:function:demo-dev",
        "statement_id": "sid",
    },
}


def recorded(resources: Sequence[Resource]) -> dict[str, Record]:
    return {r.name: Record(r.name, kind_of(r), OUTPUTS[r.name]) for r in resources}


def actual(resources: Sequence[Resource]) -> dict[str, Found]:
    found = {}
    for resource in resources:
        have = resolved(resource, PLACE, OUTPUTS)
        if isinstance(have, RestApi):
            have = replace(have, document=digest(have.document))
        found[resource.name] = Found(have, OUTPUTS[resource.name])
    return found


CASES: Mapping[str, tuple[Sequence[Resource], Sequence[Resource], Sequence[str]]] = {
    "nothing wanted, nothing there": ((), (), ()),
    "a first deploy creates in dependency order": (
        (),
        api_stage(),
        (
            "+ create IAM role: demo-dev",
            "+ create lambda function: demo-dev",
            "+ create Rest API: demo",
            "+ create permission to invoke: api_handler",
        ),
    ),
    "an unchanged stage is kept": (
        api_stage(),
        api_stage(),
        (
            "  keep IAM role: demo-dev",
            "  keep function: arn:aws:lambda:us-east-1:1:function:demo-dev",
            "  keep Rest API: abc",
            "  keep permission to invoke: demo-dev",
        ),
    ),
    "a change names its fields": (
        api_stage(),
        api_stage(timeout=5, paths="v2"),
        (
            "  keep IAM role: demo-dev",
            "~ update lambda function: demo-dev",
            "    timeout: 60 -> 5",
            "~ update Rest API: demo",
            "    document: changed",
            "  keep permission to invoke: demo-dev",
        ),
    ),
    "what is no longer wanted is deleted last": (
        api_stage(retention=7),
        api_stage(),
        (
            "  keep IAM role: demo-dev",
            "  keep function: arn:aws:lambda:us-east-1:1:function:demo-dev",
            "  keep Rest API: abc",
            "  keep permission to invoke: demo-dev",
            "- delete retention policy for log group: /aws/lambda/demo-dev",
        ),
    ),
    "a rename replaces the role and the function, and what hangs on them": (
        api_stage(),
        api_stage("new"),
        (
            "± replace IAM role: new-dev",
            "    role_name: demo-dev -> new-dev",
            "± replace lambda function: new-dev",
            "    function_name: demo-dev -> new-dev",
            "    role: arn:aws:iam::1:role/demo-dev -> default-role",
            "~ update Rest API: new",
            "    title: demo -> new",
            "    stage_key: demo/dev -> new/dev",
            "    document: changed",
            "± replace permission to invoke: api_handler",
            "    function: demo-dev -> api_handler",
            "- delete permission to invoke: demo-dev",
            "- delete function: arn:aws:lambda:us-east-1:1:function:demo-dev",
            "- delete IAM role: demo-dev",
        ),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_plans(case: str) -> None:
    before, after, expected = CASES[case]
    actions = plan(after, recorded(before), (), actual(before), PLACE)
    assert list(lines(actions)) == list(expected)


def test_a_recorded_resource_that_is_gone_is_created_again() -> None:
    stage = api_stage()
    there = actual(stage)
    del there["api_handler"]
    actions = plan(stage, recorded(stage), (), there, PLACE)
    assert [progress(action) for action in actions][:2] == [
        "Keeping IAM role: demo-dev",
        "Creating lambda function: demo-dev",
    ]


def test_a_record_of_another_kind_under_the_same_name_is_replaced() -> None:
    stage = api_stage()
    records = {**recorded(stage), "rest_api": Record("rest_api", "Role", OUTPUTS["default-role"])}
    assert "± replace Rest API: demo" in list(lines(plan(stage, records, (), {}, PLACE)))


def test_values_of_environment_variables_never_show() -> None:
    stage = api_stage()
    function = next(resource for resource in stage if isinstance(resource, Function))
    new = replace(function, environment={"KEY": "secret", "NEW": "secret"})
    wanted = [new if resource is function else resource for resource in stage]
    there = actual([replace(function, environment={"KEY": "old", "GONE": "secret"})])
    actions = plan(wanted, recorded(stage), (), {**actual(stage), **there}, PLACE)
    assert "    environment: -GONE, ~KEY, +NEW" in list(lines(actions))
    assert any(isinstance(action, Update) for action in actions)
    assert "secret" not in "\n".join(lines(actions))


LOGGING = {"LogFormat": "JSON", "LogGroup": "/mine"}
DEFAULTS = {"Description": "", "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/x"}}


@pytest.mark.parametrize(
    ("there", "recorded_keys", "wanted", "line"),
    [
        (DEFAULTS, (), {}, None),
        (DEFAULTS, (), {"Description": ""}, None),
        (DEFAULTS, (), {"FileSystemConfigs": []}, None),
        (DEFAULTS, (), {"LoggingConfig": {"LogFormat": "Text"}}, None),
        ({"Description": "by hand"}, (), {}, None),
        (DEFAULTS, (), {"Description": "new"}, "~Description"),
        (DEFAULTS, (), {"RuntimeConfig": {"A": 1}, "Description": ""}, "+RuntimeConfig"),
        ({"Files": [{"Arn": "a", "More": 1}]}, (), {"Files": [{"Arn": "a"}]}, None),
        ({"Files": [{"Arn": "a"}]}, (), {"Files": [{"Arn": "a"}, {"Arn": "b"}]}, "~Files"),
        ({"Description": "old"}, ("Description",), {}, "-Description"),
        (
            {"LoggingConfig": LOGGING},
            ("LoggingConfig.LogFormat", "LoggingConfig.LogGroup"),
            {"LoggingConfig": {"LogFormat": "JSON"}},
            "~LoggingConfig",
        ),
        (
            {"LoggingConfig": LOGGING},
            ("LoggingConfig.LogFormat",),
            {"LoggingConfig": LOGGING},
            None,
        ),
    ],
)
def test_of_further_parameters_only_ours_are_compared(
    there: Mapping[str, object],
    recorded_keys: tuple[str, ...],
    wanted: Mapping[str, object],
    line: str | None,
) -> None:
    stage = api_stage()
    function = next(resource for resource in stage if isinstance(resource, Function))
    records = recorded(stage)
    records["api_handler"] = replace(records["api_handler"], parameter_keys=recorded_keys)
    seen = {**actual(stage), **actual([replace(function, more=there)])}
    new = [replace(each, more=wanted) if each is function else each for each in stage]
    changes = [
        text for text in lines(plan(new, records, (), seen, PLACE)) if text.startswith("    ")
    ]
    assert changes == ([] if line is None else [f"    lambda_config: {line}"])


def notification(name: str, prefix: str) -> BucketNotification:
    return BucketNotification(
        name=name, bucket="films", function=f"arn:{name}", events=("s3:x",), prefix=prefix
    )


def test_a_notification_takes_the_place_of_the_one_for_the_same_objects() -> None:
    renamed = notification("renamed", "third/")
    outputs = {"bucket": "films", "lambda_arn": "arn:renamed"}
    records = {"renamed": Record("renamed", "BucketNotification", outputs)}
    wanted = [notification("first", "first/"), notification("third", "third/")]

    actions = plan(wanted, records, (), {"renamed": Found(renamed, outputs)}, PLACE)

    first, third = actions
    assert isinstance(first, Create)
    assert isinstance(third, Replace)
    assert third.record.name == "renamed"
    assert third.deleted_first
