"""Functions, roles, layers and aliases as they are deployed: each change with just its calls."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalice.aws.aliases import VERSIONS_KEPT
from chalice.aws.session import Session
from chalice.cloud import CloudStatus
from chalice.errors import ToolError
from chalice.model.functions import Alias, Code, Function, Layer, LogGroup, Permission, Role
from chalice.model.resources import Resource
from chalice.model.values import Document, Ref
from tests.aws.account import Account, without_dates
from tests.cloud.aws import TRUST, make_zip, unique
from tests.e2e.proxy import StrikingProxy

CONFIGURE, UPLOAD = "PUT /configuration", "PUT /code"
OTHER_LAYER = "arn:aws:lambda:us-east-1:999999999999:layer:other:3"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:failures"
TOPIC = "arn:aws:sns:us-east-1:123456789012:failures"
KEY = "arn:aws:kms:us-east-1:123456789012:key/abc"
POLICY: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}],
}
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"


@pytest.fixture(scope="module")
def proxy(cloud: CloudStatus) -> Iterator[StrikingProxy]:
    with StrikingProxy(cloud.endpoint_url) as running:
        yield running


@pytest.fixture(scope="module")
def session(cloud: CloudStatus, proxy: StrikingProxy) -> Session:
    return Session(endpoint_url=proxy.url, gateway_url=cloud.gateway_url)


@pytest.fixture
def account(cloud: CloudStatus, proxy: StrikingProxy, session: Session) -> Account:
    return Account(cloud, proxy, session)


def packed(folder: Path, content: bytes) -> Code:
    path = folder / f"{hashlib.sha256(content).hexdigest()}.zip"
    path.write_bytes(content)
    return Code(base64.b64encode(hashlib.sha256(content).digest()).decode(), path)


def code(folder: Path, answer: str = "1") -> Code:
    return packed(folder, make_zip(f"def handler(event, context): return {answer}"))


@pytest.fixture
def role() -> Role:
    name = unique("role")
    return Role(
        name="default-role",
        role_name=name,
        trust_policy=json.loads(TRUST),
        policy=POLICY,
    )


@pytest.fixture
def function(tmp_path: Path) -> Function:
    return Function(
        name="job",
        function_name=unique("fn"),
        runtime="python3.12",
        handler="app.handler",
        role=Ref("default-role", "role_arn"),
        code=code(tmp_path),
        timeout=60,
        memory_size=128,
        tags={"aws-chalice": "ours"},
    )


def configuration(account: Account, name: str) -> Any:
    return account.client("lambda").get_function_configuration(FunctionName=name)


CHANGES: dict[str, tuple[dict[str, Any], list[str], dict[str, object]]] = {
    "timeout": ({"timeout": 9}, [CONFIGURE], {"Timeout": 9}),
    "memory": ({"memory_size": 512}, [CONFIGURE], {"MemorySize": 512}),
    "handler": ({"handler": "app.other"}, [CONFIGURE], {"Handler": "app.other"}),
    "runtime": ({"runtime": "python3.13"}, [CONFIGURE], {"Runtime": "python3.13"}),
    "X-Ray": ({"tracing": True}, [CONFIGURE], {"TracingConfig": {"Mode": "Active"}}),
    "environment": (
        {"environment": {"A": "1"}},
        [CONFIGURE],
        {"Environment": {"Variables": {"A": "1"}}},
    ),
    "network": (
        {"subnet_ids": ("subnet-1",), "security_group_ids": ("sg-1",)},
        [CONFIGURE],
        {},
    ),
    "layers": ({"layers": (OTHER_LAYER,)}, [CONFIGURE], {}),
    "architecture": ({"architecture": "arm64"}, [UPLOAD], {"Architectures": ["arm64"]}),
    "storage": ({"ephemeral_storage": 1024}, [CONFIGURE], {"EphemeralStorage": {"Size": 1024}}),
    "queue": ({"dead_letter": QUEUE}, [CONFIGURE], {"DeadLetterConfig": {"TargetArn": QUEUE}}),
    "topic": ({"dead_letter": TOPIC}, [CONFIGURE], {"DeadLetterConfig": {"TargetArn": TOPIC}}),
    "key": ({"kms_key_arn": KEY}, [CONFIGURE], {"KMSKeyArn": KEY}),
    "description": (
        {"more": {"Description": "counts"}},
        [CONFIGURE],
        {"Description": "counts"},
    ),
    "logging": (
        {"more": {"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/mine"}}},
        [CONFIGURE],
        {"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/mine"}},
    ),
    "files": (
        {"more": {"FileSystemConfigs": [{"Arn": "arn:x", "LocalMountPath": "/mnt/x"}]}},
        [CONFIGURE],
        {"FileSystemConfigs": [{"Arn": "arn:x", "LocalMountPath": "/mnt/x"}]},
    ),
    "IPv6": (
        {
            "subnet_ids": ("subnet-1",),
            "security_group_ids": ("sg-1",),
            "more": {"VpcConfig": {"Ipv6AllowedForDualStack": True}},
        },
        [CONFIGURE],
        {},
    ),
}


@pytest.mark.parametrize(("change", "calls", "seen"), CHANGES.values(), ids=CHANGES)
def test_a_setting_is_made_and_unmade_by_one_call(
    account: Account,
    role: Role,
    function: Function,
    change: dict[str, Any],
    calls: list[str],
    seen: dict[str, object],
) -> None:
    created = account.deploy(role, function)
    assert created == ["CreateRole", "POST /functions", "PutRolePolicy"]
    before = configuration(account, function.function_name)
    assert account.deploy(role, replace(function, **change)) == calls
    now = configuration(account, function.function_name)
    assert {key: now[key] for key in seen} == seen
    assert without_dates(now) != without_dates(before)
    assert account.deploy(role, function) == calls
    after = without_dates(configuration(account, function.function_name))
    if change.keys() & {"dead_letter", "subnet_ids", "more"}:  # an empty value is kept as one
        emptied = {"DeadLetterConfig", "FileSystemConfigs", "VpcConfig"}
        assert not any(flatten(after.pop(key, None)) for key in emptied)
        before = {key: value for key, value in before.items() if key not in emptied}
    assert after == without_dates(before)


def flatten(value: object) -> list[object]:
    """Return what is not empty in nested values."""
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in flatten(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in flatten(item)]
    return [value] if value else []


def test_a_function_is_created_with_all_its_settings(
    account: Account, role: Role, function: Function
) -> None:
    fields: dict[str, Any] = {}
    expected: dict[str, object] = {}
    more: dict[str, object] = {}
    for change, _, seen in CHANGES.values():
        more |= change.get("more", {})
        fields |= change
        expected |= seen
    created = account.deploy(role, replace(function, **{**fields, "more": more}))
    assert created == ["CreateRole", "POST /functions", "PutRolePolicy"]
    now = configuration(account, function.function_name)
    assert {key: now[key] for key in expected} == expected


def test_concurrency_is_reserved_stopped_and_released(
    account: Account, role: Role, function: Function
) -> None:
    account.deploy(role, replace(function, reserved_concurrency=0))
    get = account.client("lambda").get_function_concurrency
    assert get(FunctionName=function.function_name)["ReservedConcurrentExecutions"] == 0
    assert account.deploy(role, replace(function, reserved_concurrency=2)) == ["PUT /concurrency"]
    assert account.deploy(role, function) == ["DELETE /concurrency"]
    assert "ReservedConcurrentExecutions" not in get(FunctionName=function.function_name)


def test_tags_of_others_stay(account: Account, role: Role, function: Function) -> None:
    account.deploy(role, replace(function, tags={**function.tags, "team": "a"}))
    arn = account.outputs("job")["lambda_arn"]
    aws = account.client("lambda")
    aws.tag_resource(Resource=arn, Tags={"cost": "theirs"})
    changed = account.deploy(role, function)
    assert [write.partition(" ")[0] for write in changed] == ["DELETE", "POST"]
    assert aws.list_tags(Resource=arn)["Tags"] == {"aws-chalice": "ours", "cost": "theirs"}


def test_one_part_of_a_parameter_is_removed(
    account: Account, role: Role, function: Function
) -> None:
    logging = {"LogFormat": "JSON", "LogGroup": "/mine"}
    account.deploy(role, replace(function, more={"LoggingConfig": logging}))
    fewer = replace(function, more={"LoggingConfig": {"LogFormat": "JSON"}})
    assert account.deploy(role, fewer) == [CONFIGURE]
    group = f"/aws/lambda/{function.function_name}"
    now = configuration(account, function.function_name)
    assert now["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": group}


def test_what_somebody_else_set_is_left_alone(
    account: Account, role: Role, function: Function
) -> None:
    account.deploy(role, function)
    account.client("lambda").update_function_configuration(
        FunctionName=function.function_name, Description="by hand"
    )
    assert account.deploy(role, function) == []
    described = replace(function, more={"Description": "by chalice"})
    assert account.deploy(role, described) == [CONFIGURE]


def test_a_parameter_of_new_functions_alone_cannot_change(
    account: Account, role: Role, function: Function
) -> None:
    apart = {"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}}
    account.deploy(role, replace(function, more=apart))
    more = {**apart, "Description": "still alone"}
    assert account.deploy(role, replace(function, more=more)) == [CONFIGURE]
    with pytest.raises(ToolError, match=r"`TenancyConfig` of Lambda function .* cannot change"):
        account.deploy(role, function)


def test_a_role_is_bounded_and_freed(account: Account, role: Role, function: Function) -> None:
    account.client("iam").create_policy(PolicyName="boundary", PolicyDocument=json.dumps(POLICY))
    bounded = replace(role, permissions_boundary=BOUNDARY)
    assert account.deploy(bounded) == ["CreateRole", "PutRolePolicy"]
    get = account.client("iam").get_role
    found = get(RoleName=role.role_name)["Role"]["PermissionsBoundary"]
    assert found["PermissionsBoundaryArn"] == BOUNDARY
    assert account.deploy(role) == ["DeleteRolePermissionsBoundary"]
    assert "PermissionsBoundary" not in get(RoleName=role.role_name)["Role"]
    assert account.deploy(bounded) == ["PutRolePermissionsBoundary"]
    account.deploy()


def layer(folder: Path, name: str, text: str) -> Layer:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("python/lib/python3.12/site-packages/shared.py", text)
    zipped = packed(folder, content.getvalue())
    return Layer(
        name="managed-layer",
        layer_name=name,
        content=zipped.sha256,
        runtime="python3.12",
        code=zipped,
    )


def test_a_layer_is_published_when_it_changes_and_its_old_version_deleted_last(
    account: Account, role: Role, function: Function, tmp_path: Path
) -> None:
    name = unique("layer")
    function = replace(function, layers=(Ref("managed-layer", "layer_version_arn"),))
    publish, version = (
        f"POST /layers/{name}/versions",
        f"/layers/arn:aws:lambda:us-east-1:123456789012:layer:{name}/versions/",
    )
    assert publish in account.deploy(role, layer(tmp_path, name, "A = 1"), function)
    first = account.outputs("managed-layer")["layer_version_arn"]
    changed = account.deploy(role, layer(tmp_path, name, "A = 2"), function)
    assert changed == [f"DELETE {version}1", publish, CONFIGURE]
    second = account.outputs("managed-layer")["layer_version_arn"]
    assert (first[-2:], second[-2:]) == (":1", ":2")
    listed = account.client("lambda").list_layer_versions(LayerName=name)["LayerVersions"]
    assert [each["Version"] for each in listed] == [2]
    assert account.deploy(role, replace(function, layers=())) == [f"DELETE {version}2", CONFIGURE]
    assert "Layers" not in configuration(account, function.function_name) or not configuration(
        account, function.function_name
    ).get("Layers")


def test_a_layer_published_by_a_deploy_that_was_killed_is_found(
    account: Account, tmp_path: Path
) -> None:
    wanted = layer(tmp_path, unique("layer"), "A = 1")
    account.deploy(wanted)
    account.save(type(account.state)())
    assert account.deploy(wanted) == []
    account.deploy()
    listed = account.client("lambda").list_layer_versions(LayerName=wanted.layer_name)
    assert listed["LayerVersions"] == []


def released(function: Function) -> tuple[Resource, ...]:
    """Return a function with an alias for its versions, and who may invoke that."""
    snapshot = replace(function, snap_start=True)
    return (
        snapshot,
        Alias(
            name="job-live",
            function=Ref("job", "lambda_arn"),
            alias_name="live",
            content={"code": function.code.sha256, "timeout": function.timeout},
        ),
        permission(Ref("job-live", "invoke_arn")),
    )


def permission(function: Ref) -> Permission:
    return Permission(
        name="job-permission",
        function=function,
        principal="events.amazonaws.com",
        source_arn="arn:aws:events:us-east-1:123456789012:rule/r",
    )


def answer_of(account: Account, arn: str) -> tuple[str, str]:
    answer = account.client("lambda").invoke(FunctionName=arn)
    return answer["Payload"].read().decode(), answer["ExecutedVersion"]


def versions(account: Account, name: str) -> list[str]:
    found = account.client("lambda").list_versions_by_function(FunctionName=name)["Versions"]
    return [each["Version"] for each in found]


def test_each_change_of_a_published_function_is_a_version_that_the_alias_moves_to(
    account: Account, role: Role, function: Function, tmp_path: Path
) -> None:
    name = function.function_name
    made = account.deploy(role, *released(function))
    assert [each for each in made if "aliases" in each or "versions" in each] == [
        "POST /aliases",
        "POST /versions",
    ]
    live = account.outputs("job-live")["invoke_arn"]
    assert live == f"{account.outputs('job')['lambda_arn']}:live"
    assert answer_of(account, live) == ("1", "1")
    policy = account.client("lambda").get_policy(FunctionName=name, Qualifier="live")["Policy"]
    assert [each["Resource"] for each in json.loads(policy)["Statement"]] == [live]
    published = configuration(account, live)
    assert published["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
    for number in range(2, VERSIONS_KEPT + 3):
        changed = replace(function, code=code(tmp_path, str(number)))
        writes = account.deploy(role, *released(changed))
        assert writes[-3:] == ["POST /versions", "PUT /aliases/live", UPLOAD]
    assert answer_of(account, live) == ("5", "5")
    assert versions(account, name) == ["$LATEST", "3", "4", "5"]
    slower = replace(changed, timeout=61)
    writes = account.deploy(role, *released(slower))
    assert writes[-3:] == ["POST /versions", "PUT /aliases/live", CONFIGURE]
    tagged = replace(slower, tags={**slower.tags, "team": "a"}, reserved_concurrency=5)
    assert not any("versions" in each for each in account.deploy(role, *released(tagged)))


def test_without_snapshots_callers_are_back_at_the_function_and_the_versions_gone(
    account: Account, role: Role, function: Function
) -> None:
    name = function.function_name
    account.deploy(role, *released(function))
    account.deploy(role, function, permission(Ref("job", "lambda_arn")))
    aws = account.client("lambda")
    assert aws.list_aliases(FunctionName=name)["Aliases"] == []
    assert versions(account, name) == ["$LATEST"]
    assert configuration(account, name)["SnapStart"]["ApplyOn"] == "None"
    [statement] = json.loads(aws.get_policy(FunctionName=name)["Policy"])["Statement"]
    assert statement["Resource"] == account.outputs("job")["lambda_arn"]


def test_versions_that_an_alias_of_others_means_are_kept(
    account: Account, role: Role, function: Function
) -> None:
    account.deploy(role, *released(function))
    aws = account.client("lambda")
    aws.create_alias(FunctionName=function.function_name, Name="theirs", FunctionVersion="1")
    account.deploy(role, function)
    assert versions(account, function.function_name) == ["$LATEST", "1"]


def test_a_change_that_was_made_and_not_published_is_published_next(
    account: Account, role: Role, function: Function, tmp_path: Path
) -> None:
    account.deploy(role, *released(function))
    changed = replace(function, code=code(tmp_path, "2"))
    account.deploy(role, *released(changed)[:1], *released(function)[1:])
    live = account.outputs("job-live")["invoke_arn"]
    assert answer_of(account, live)[0] == "1"
    assert account.deploy(role, *released(changed)) == ["POST /versions", "PUT /aliases/live"]
    assert answer_of(account, live)[0] == "2"


def test_the_retention_of_a_group_goes_and_the_group_stays(account: Account) -> None:
    name = unique("group")
    logs = account.client("logs")
    logs.create_log_group(logGroupName=f"{name}bar")
    group = LogGroup(name="g", log_group_name=name, retention_in_days=7)
    assert account.deploy(group) == ["CreateLogGroup", "PutRetentionPolicy"]
    [found, other] = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert (found["retentionInDays"], "retentionInDays" in other) == (7, False)
    assert account.deploy(replace(group, retention_in_days=14)) == ["PutRetentionPolicy"]
    assert account.deploy() == ["DeleteRetentionPolicy"]
    [found, _] = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert "retentionInDays" not in found


def test_what_is_gone_already_is_deleted_without_complaint(
    account: Account, role: Role, function: Function, tmp_path: Path
) -> None:
    shared = layer(tmp_path, unique("layer"), "A = 1")
    account.deploy(role, shared, *released(function))
    account.client("lambda").delete_function(FunctionName=function.function_name)
    account.client("lambda").delete_layer_version(LayerName=shared.layer_name, VersionNumber=1)
    account.deploy()
    assert account.state.empty


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Code:
    """A zip that a request cannot hold."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return 'large'")
        archive.writestr("blob", os.urandom(51 * 1024 * 1024))
    return packed(tmp_path_factory.mktemp("large"), content.getvalue())


def test_a_zip_too_large_for_a_request_goes_through_a_bucket(
    account: Account, role: Role, function: Function, large: Code
) -> None:
    bucket = unique("bucket")
    account.client("s3").create_bucket(Bucket=bucket)
    account.deploy(role, function)
    big = replace(function, code=replace(large, bucket=bucket))
    key = base64.b64decode(large.sha256).hex()
    assert account.deploy(role, big) == [f"PUT /{bucket}/chalice/{key}.zip", UPLOAD]
    again = replace(big, name="again", function_name=unique("fn"))
    assert account.deploy(role, big, again) == ["POST /functions"]
    assert answer_of(account, again.function_name)[0] == '"large"'


def test_a_zip_too_large_for_a_request_without_a_bucket_is_refused(
    account: Account, role: Role, function: Function, large: Code
) -> None:
    with pytest.raises(ToolError) as refused:
        account.deploy(role, replace(function, code=large))
    assert refused.value.summary == "the zip has 51.0 MiB; a request to Lambda takes 50"
    assert "set `deployment_bucket`" in str(refused.value.hint)
