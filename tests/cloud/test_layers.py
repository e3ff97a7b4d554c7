"""Layers in the embedded cloud: published, looked up, and on the path of functions."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, make_function, unique

SITE = "python/lib/python3.12/site-packages"
FOREIGN = "arn:aws:lambda:us-east-1:999999999999:layer:theirs:7"
IMPORTS = """
def handler(event, context):
    import shared
    return shared.VALUE
"""


@pytest.fixture
def functions(cloud: CloudStatus) -> Any:
    return client(cloud, "lambda")


def zipped(files: Mapping[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def publish(functions: Any, name: str, files: Mapping[str, str]) -> str:
    made = functions.publish_layer_version(
        LayerName=name,
        Description="what it is",
        Content={"ZipFile": zipped(files)},
        CompatibleRuntimes=["python3.12"],
    )
    arn: str = made["LayerVersionArn"]
    return arn


def invoke(functions: Any, name: str) -> Any:
    answer = functions.invoke(FunctionName=name)
    return json.loads(answer["Payload"].read())


def test_versions_are_numbered_found_and_deleted(functions: Any) -> None:
    name = unique("layer")
    first = publish(functions, name, {"python/a.py": ""})
    second = publish(functions, name, {"python/b.py": ""})
    assert [first[-2:], second[-2:]] == [":1", ":2"]
    found = functions.get_layer_version_by_arn(Arn=first)
    assert (found["Version"], found["Description"]) == (1, "what it is")
    assert (
        found["Content"]["CodeSha256"]
        == (functions.get_layer_version(LayerName=name, VersionNumber=1)["Content"]["CodeSha256"])
    )
    functions.delete_layer_version(LayerName=name, VersionNumber=2)
    assert publish(functions, name, {"python/c.py": ""}).endswith(":3")
    listed = functions.list_layer_versions(LayerName=name)["LayerVersions"]
    assert [each["Version"] for each in listed] == [3, 1]
    assert name in {each["LayerName"] for each in functions.list_layers()["Layers"]}
    with pytest.raises(ClientError) as missing:
        functions.get_layer_version_by_arn(Arn=second)
    assert error_of(missing.value) == (404, "ResourceNotFoundException")


def test_a_layer_must_be_a_zip(functions: Any) -> None:
    with pytest.raises(ClientError) as refused:
        functions.publish_layer_version(LayerName=unique("l"), Content={"ZipFile": b"no zip"})
    assert error_of(refused.value) == (400, "InvalidParameterValueException")


def test_what_a_layer_holds_can_be_imported_and_later_layers_win(
    cloud: CloudStatus, functions: Any
) -> None:
    name = unique("fn")
    one = publish(functions, unique("one"), {f"{SITE}/shared.py": "VALUE = 1", "lib/x.so": ""})
    two = publish(functions, unique("two"), {f"{SITE}/shared.py": "VALUE = 2"})
    plain = publish(functions, unique("plain"), {"python/shared.py": "VALUE = 3"})
    make_function(cloud, name, IMPORTS, Layers=[one, two, plain])
    assert invoke(functions, name) == 2
    functions.update_function_configuration(FunctionName=name, Layers=[two, one])
    assert invoke(functions, name) == 1
    functions.update_function_configuration(FunctionName=name, Layers=[plain])
    assert invoke(functions, name) == 3
    functions.update_function_configuration(FunctionName=name, Layers=[])
    assert invoke(functions, name)["errorType"] == "ModuleNotFoundError"


def test_a_function_wins_over_its_layers_and_keeps_one_that_is_deleted(
    cloud: CloudStatus, functions: Any
) -> None:
    name, layer = unique("fn"), unique("layer")
    arn = publish(
        functions, layer, {"python/app.py": "", "python/shared.py": "VALUE = 4", "bin/tool": ""}
    )
    make_function(cloud, name, IMPORTS, Layers=[arn])
    functions.delete_layer_version(LayerName=layer, VersionNumber=1)
    assert invoke(functions, name) == 4


@pytest.mark.parametrize(
    ("arn", "sentence"),
    [
        ("arn:aws:lambda:us-east-1:123456789012:layer:none:1", "does not exist"),
        ("arn:aws:lambda:eu-west-1:123456789012:layer:none:1", "in the same region"),
        ("arn:aws:lambda:us-east-1:123456789012:layer:none", "Invalid layer version ARN"),
    ],
)
def test_a_layer_that_cannot_be_is_refused(
    cloud: CloudStatus, functions: Any, arn: str, sentence: str
) -> None:
    with pytest.raises(ClientError, match=sentence) as refused:
        make_function(cloud, unique("fn"), Layers=[arn])
    assert error_of(refused.value) == (400, "InvalidParameterValueException")


def test_a_layer_of_another_account_is_taken_and_its_absence_logged(
    cloud: CloudStatus, functions: Any
) -> None:
    name = unique("fn")
    make_function(cloud, name, IMPORTS, Layers=[FOREIGN])
    found = functions.get_function_configuration(FunctionName=name)
    assert [each["Arn"] for each in found["Layers"]] == [FOREIGN]
    answer = functions.invoke(FunctionName=name, LogType="Tail")
    assert answer["FunctionError"] == "Unhandled"
    log = base64.b64decode(answer["LogResult"]).decode()
    assert f"[WARNING] the layer {FOREIGN} belongs to another account" in log
