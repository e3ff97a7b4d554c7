"""What is known of the parameters of a call."""

from __future__ import annotations

import pytest

from chalice.policy.analysis import UNKNOWN
from tests.policy.analysis.projects import only, parameter

NAMES = {
    "a literal": ("'orders'", "orders"),
    "an f-string": ("f'{STAGE}-orders'", "prod-orders"),
    "a sum": ("'a-' + STAGE", "a-prod"),
    "format": ("'{}-{name}-{0}'.format(STAGE, name='x')", "prod-x-prod"),
    "percent": ("'%s-%%-%s' % (STAGE, 'b')", "prod-%-b"),
    "percent by name": ("'%(s)s-x' % {'s': STAGE}", "prod-x"),
    "join": ("'-'.join(['a', STAGE, 'b'])", "a-prod-b"),
    "an environment variable": ("os.environ['TABLE']", "from-env"),
    "environ.get": ("os.environ.get('TABLE', 'other')", "from-env"),
    "getenv with a default": ("os.getenv('MISSING', 'fallback')", "fallback"),
    "a default that is another variable": ("os.getenv('MISSING', os.environ['TABLE'])", "from-env"),
    "or": ("os.getenv('MISSING') or 'fallback'", "fallback"),
    "a part that is not known": ("'orders-' + unknown()", "orders-*"),
    "number format": ("f'orders-{1:03d}'", "orders-*"),
    "lower": ("'ORDERS'.lower()", "orders"),
    "replace": ("'a_b'.replace('_', '-')", "a-b"),
    "a slice": ("'abc'[1:]", UNKNOWN),
    "nothing known": ("unknown()", UNKNOWN),
    "a path": ("'/'.join(('', 'app', STAGE))", "/app/prod"),
    "a dictionary": ("{'a': 'orders', 'b': 'users'}['a']", "orders"),
    "an attribute of a class": ("Names.orders", "orders"),
    "an enumeration": ("Kinds.ORDERS.value", "orders"),
}


@pytest.mark.parametrize(("expression", "expected"), NAMES.values(), ids=NAMES.keys())
def test_a_name_is_known_as_far_as_the_source_says(expression: str, expected: object) -> None:
    found = only(
        f"""
        import os, enum, boto3
        from somewhere import unknown
        STAGE = os.environ["STAGE"]
        class Names:
            orders = "orders"
        class Kinds(enum.Enum):
            ORDERS = "orders"
        boto3.client("dynamodb").scan(TableName={expression})
        """,
        {"TABLE": "from-env", "STAGE": "prod"},
    )
    values = parameter(found, "Scan", "TableName")
    assert [value for value in values if value is not UNKNOWN or expected is UNKNOWN] == [expected]


def test_one_of_several_names_makes_several_calls() -> None:
    found = only(
        """
        import boto3
        for name in ("a", "b"):
            boto3.client("dynamodb").scan(TableName=name)
        """
    )
    assert parameter(found, "Scan", "TableName") == ["a", "b"]


def test_structures_are_passed_as_botocore_takes_them() -> None:
    found = only(
        """
        import boto3, os
        client = boto3.client("dynamodb")
        client.transact_write_items(
            TransactItems=[{"Put": {"TableName": "a"}}, {"Delete": {"TableName": "b"}}]
        )
        client.batch_get_item(RequestItems={os.environ["TABLE"]: {"Keys": []}, "fixed": {}})
        """,
        {"TABLE": "t"},
    )
    assert parameter(found, "TransactWriteItems", "TransactItems") == [
        [{"Put": {"TableName": "a"}}, {"Delete": {"TableName": "b"}}]
    ]
    [items] = parameter(found, "BatchGetItem", "RequestItems")
    assert isinstance(items, dict)
    assert list(items) == ["t", "fixed"]


def test_keyword_arguments_in_a_dictionary_are_parameters() -> None:
    found = only(
        """
        import boto3
        from somewhere import more
        given = {"Bucket": "b"}
        given["Key"] = "k"
        boto3.client("s3").get_object(**given)
        boto3.client("s3").put_object(**given, **more)
        """
    )
    [get, put] = found.calls
    assert (get.parameters, get.complete) == ({"Bucket": "b", "Key": "k"}, True)
    assert (put.parameters, put.complete) == ({"Bucket": "b", "Key": "k"}, False)


def test_a_queue_is_known_by_the_name_that_its_url_was_asked_for_with() -> None:
    found = only(
        """
        import boto3
        sqs = boto3.client("sqs")
        sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="jobs")["QueueUrl"], MessageBody="")
        boto3.resource("sqs").get_queue_by_name(QueueName="more").purge()
        """
    )
    assert parameter(found, "SendMessage", "QueueUrl") == ["jobs"]
    assert parameter(found, "PurgeQueue", "QueueUrl") == ["more"]


def test_the_region_of_a_client_is_told_when_it_is_not_the_functions_own() -> None:
    found = only(
        """
        import boto3, os
        boto3.client("s3", region_name="eu-west-1").list_buckets()
        boto3.client("sqs", region_name=os.environ["AWS_REGION"]).list_queues()
        boto3.Session(region_name=os.environ["X"]).client("sns").list_topics()
        """
    )
    regions = {call.service: call.region for call in found.calls}
    assert regions == {"s3": "eu-west-1", "sqs": None, "sns": "*"}


def test_a_variable_without_a_value_is_reported() -> None:
    found = only("import boto3, os\nboto3.client('dynamodb').scan(TableName=os.environ['T'])")
    [problem] = found.unresolved
    assert problem.what.startswith("the environment variable `T` has no value in this stage")
    assert parameter(found, "Scan", "TableName") == [UNKNOWN]
