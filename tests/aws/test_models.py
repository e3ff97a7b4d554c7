"""AWS's descriptions of its services, as the analysis asks for them."""

from __future__ import annotations

import boto3
import pytest

from chalice.aws.models import BotocoreModels

MODELS = BotocoreModels()


def test_methods_lead_to_operations() -> None:
    operations = MODELS.operations("s3")
    assert operations is not None
    assert operations["list_objects_v2"] == "ListObjectsV2"
    assert MODELS.operations("no-such-service") is None


def test_waiters_lead_to_the_operations_that_they_poll() -> None:
    assert MODELS.waiter("s3", "bucket_exists") == "HeadBucket"
    assert MODELS.waiter("s3", "nothing") is None
    assert MODELS.waiter("sts", "nothing") is None


def test_services_without_resources_have_none() -> None:
    assert MODELS.resource("kms", None) is None
    assert MODELS.resource("s3", "Nothing") is None


@pytest.mark.parametrize("service", boto3.Session().get_available_resources())
def test_resources_have_the_methods_that_boto3_gives_them(service: str) -> None:
    resource = boto3.resource(service, region_name="us-east-1")
    model = MODELS.resource(service, None)
    assert model is not None
    names = {*model.actions, *model.makers, *model.collections, *model.references}
    assert {name for name in names if not hasattr(resource, name)} == set()
    own = {name for name in dir(resource) if not name.startswith("_")}
    assert own - names <= {"meta", "get_available_subresources", "create_tags", "delete_tags"}
