"""What is asked when not everything is known, where calls go, and what the catalog refuses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalice.iam.catalog import (
    UNKNOWN,
    Need,
    Place,
    UndocumentedError,
    UnknownOperationError,
    access_level,
    actions_of,
    needs,
    operation_called,
    operations_of,
    prefix_of,
    services,
    standing,
)

HERE = Place(region="eu-west-1", account="123456789012", partition="aws")
AT = "eu-west-1:123456789012"


def perhaps(needed: tuple[Need, ...]) -> dict[str, str]:
    return {need.action: need.perhaps for need in needed if need.perhaps is not None}


def test_without_a_place_arns_hold_the_pseudo_parameters_of_cloudformation() -> None:
    assert needs("dynamodb", "GetItem", {"TableName": "orders"}) == (
        Need(
            "dynamodb:GetItem",
            ("arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/orders",),
        ),
    )


def test_another_partition_is_in_every_arn() -> None:
    china = Place(region="cn-north-1", account="123456789012", partition="aws-cn")
    assert needs("s3", "GetObject", {"Bucket": "b", "Key": "k"}, china) == (
        Need("s3:GetObject", ("arn:aws-cn:s3:::b/k",)),
    )


def test_nothing_known_of_a_call_means_any_resource_of_its_type() -> None:
    assert needs("dynamodb", "GetItem", place=HERE, complete=False) == (
        Need("dynamodb:GetItem", (f"arn:aws:dynamodb:{AT}:table/*",)),
    )


def test_a_parameter_that_may_be_passed_brings_a_need_that_says_so() -> None:
    found = needs("s3", "PutObject", {"Bucket": "b", "Key": "k"}, HERE, complete=False)
    assert perhaps(found) == {
        "s3:PutObjectTagging": "when `Tagging` is passed",
        "s3:PutObjectAcl": "when an ACL is passed",
        "s3:PutObjectRetention": "when `ObjectLockMode` is passed",
        "s3:PutObjectLegalHold": "when `ObjectLockLegalHoldStatus` is passed",
    }


def test_a_parameter_given_as_none_is_not_passed() -> None:
    parameters = {
        "Bucket": "b",
        "Key": "k",
        "Tagging": None,
        "ACL": None,
        "ObjectLockMode": None,
        "ObjectLockLegalHoldStatus": None,
        **dict.fromkeys(
            ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")
        ),
    }
    found = needs("s3", "PutObject", parameters, HERE, complete=False)
    assert found == (Need("s3:PutObject", ("arn:aws:s3:::b/k",)),)


def test_one_grant_is_enough_to_need_the_action_of_acls_for_certain() -> None:
    parameters = {"Bucket": "b", "Key": "k", "GrantRead": "id=1"}
    found = needs("s3", "PutObject", parameters, HERE, complete=False)
    assert Need("s3:PutObjectAcl", ("arn:aws:s3:::b/k",)) in found


def test_a_role_that_may_be_passed_is_any_role() -> None:
    found = needs("lambda", "CreateFunction", {"FunctionName": "f"}, HERE, complete=False)
    assert (
        Need("iam:PassRole", ("arn:aws:iam::123456789012:role/*",), "when `Role` is passed")
        in found
    )


def test_a_role_passed_by_name_is_looked_for_in_the_account() -> None:
    parameters = {"InstanceProfileName": "p", "RoleName": "r"}
    found = needs("ssm", "CreateActivation", {"IamRole": "fleet"}, HERE)
    assert Need("iam:PassRole", ("arn:aws:iam::123456789012:role/fleet",)) in found
    found = needs("iam", "AddRoleToInstanceProfile", parameters, HERE)
    assert Need("iam:PassRole", ("arn:aws:iam::123456789012:role/r",)) in found


def test_decryption_needs_the_key_only_when_the_key_is_the_accounts_own() -> None:
    plain = needs("ssm", "GetParameter", {"Name": "a"}, HERE)
    assert perhaps(plain) == {}
    decrypted = needs("ssm", "GetParameter", {"Name": "a", "WithDecryption": True}, HERE)
    assert perhaps(decrypted) == {
        "kms:Decrypt": "when a parameter is encrypted with a key of your own"
    }
    unknown = needs("ssm", "GetParameter", {"Name": "a"}, HERE, complete=False)
    assert "kms:Decrypt" in perhaps(unknown)


def test_a_query_that_may_name_an_index_is_of_the_table_and_perhaps_of_any_index() -> None:
    table = f"arn:aws:dynamodb:{AT}:table/orders"
    assert needs("dynamodb", "Query", {"TableName": "orders"}, HERE, complete=False) == (
        Need("dynamodb:Query", (table,)),
        Need("dynamodb:Query", (f"{table}/index/*",), "when `IndexName` is passed"),
    )


def test_objects_that_nobody_knows_may_be_deleted_by_version() -> None:
    found = needs("s3", "DeleteObjects", {"Bucket": "b", "Delete": UNKNOWN}, HERE)
    assert found == (
        Need("s3:DeleteObject", ("arn:aws:s3:::b/*",)),
        Need(
            "s3:DeleteObjectVersion",
            ("arn:aws:s3:::b/*",),
            "when an object's `VersionId` is passed",
        ),
    )


def test_a_statement_that_nobody_knows_may_need_every_verb() -> None:
    found = needs("dynamodb", "ExecuteStatement", {"Statement": UNKNOWN}, HERE)
    assert set(perhaps(found)) == {
        "dynamodb:PartiQLSelect",
        "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLUpdate",
        "dynamodb:PartiQLDelete",
    }


def test_a_transaction_with_an_unknown_item_keeps_what_is_known_of_the_others() -> None:
    items = [{"Put": {"TableName": "a"}}, UNKNOWN]
    found = needs("dynamodb", "TransactWriteItems", {"TransactItems": items}, HERE)
    assert found[0] == Need("dynamodb:PutItem", (f"arn:aws:dynamodb:{AT}:table/a",))
    assert perhaps(found) == {
        "dynamodb:PutItem": "when an item is a `Put`",
        "dynamodb:UpdateItem": "when an item is a `Update`",
        "dynamodb:DeleteItem": "when an item is a `Delete`",
        "dynamodb:ConditionCheckItem": "when an item is a `ConditionCheck`",
    }


def test_a_bus_that_may_be_named_is_any_bus() -> None:
    found = needs("events", "PutEvents", {"Entries": [UNKNOWN]}, HERE)
    assert found == (Need("events:PutEvents", (f"arn:aws:events:{AT}:event-bus/*",)),)


def test_the_bus_of_an_unnamed_rule_is_both_the_default_one_and_another() -> None:
    found = needs("events", "PutRule", {"Name": "r"}, HERE, complete=False)
    assert found[0].resources == (f"arn:aws:events:{AT}:rule/*/r",)


def test_an_operation_that_is_not_signed_needs_nothing() -> None:
    assert standing("cognito-idp", "InitiateAuth") == "open"
    assert needs("cognito-idp", "InitiateAuth") == ()


def test_a_service_without_documented_actions_is_refused_with_a_guess() -> None:
    with pytest.raises(UndocumentedError, match="iotthingsgraph DeleteNamespace") as refused:
        needs("iotthingsgraph", "DeleteNamespace")
    assert refused.value.action == "iotthingsgraph:DeleteNamespace"


@pytest.mark.parametrize(
    ("service", "operation"), [("nosuch", "GetItem"), ("dynamodb", "GetItems")]
)
def test_what_botocore_does_not_know_is_refused(service: str, operation: str) -> None:
    with pytest.raises(UnknownOperationError, match=r"no such (service|operation)"):
        needs(service, operation)


@pytest.mark.parametrize(
    ("service", "prefix"),
    [
        ("stepfunctions", "states"),
        ("cloudwatch", "cloudwatch"),
        ("sesv2", "ses"),
        ("dynamodbstreams", "dynamodb"),
        ("iot-data", "iot"),
        ("apigatewaymanagementapi", "execute-api"),
        ("bedrock-runtime", "bedrock"),
        ("elbv2", "elasticloadbalancing"),
        ("emr", "elasticmapreduce"),
        ("efs", "elasticfilesystem"),
        ("lexv2-runtime", "lex"),
        ("opensearch", "es"),
        ("resourcegroupstaggingapi", "tag"),
        ("docdb", "rds"),
        ("mturk", "mechanicalturk"),
        ("sso-admin", "sso"),
        ("pinpoint", "mobiletargeting"),
    ],
)
def test_a_service_is_under_its_prefix(service: str, prefix: str) -> None:
    assert prefix_of(service) == prefix


@pytest.mark.parametrize(
    ("service", "method", "operation"),
    [
        ("dynamodb", "get_item", "GetItem"),
        ("s3", "list_objects_v2", "ListObjectsV2"),
        ("rds", "describe_db_instances", "DescribeDBInstances"),
        ("storagegateway", "create_cached_iscsi_volume", "CreateCachediSCSIVolume"),
    ],
)
def test_a_method_of_a_client_has_its_operation(service: str, method: str, operation: str) -> None:
    assert operation_called(service, method) == operation


def test_a_method_that_is_no_operation_is_refused() -> None:
    with pytest.raises(UnknownOperationError, match="no such method: s3 upload_file"):
        operation_called("s3", "upload_file")


def test_actions_have_their_level_of_access() -> None:
    assert access_level("s3:GetObject") == "Read"
    assert access_level("s3:ListBucket") == "List"
    assert access_level("s3:PutObject") == "Write"
    assert access_level("s3:PutObjectTagging") == "Tagging"
    assert access_level("s3:PutBucketPolicy") == "Permissions management"
    assert access_level("s3:Nothing") is None
    assert "BatchGetItem" in actions_of("dynamodb")
    assert actions_of("nosuch") == ()


def test_every_operation_has_an_answer_whatever_is_known_of_it() -> None:
    for service in services():
        for operation in operations_of(service):
            if standing(service, operation) == "missing":
                continue
            known = needs(service, operation, {}, HERE)
            open_ended = needs(service, operation, {}, HERE, complete=False)
            assert all(need.resources for need in (*known, *open_ended))
            assert all(
                arn == "*" or (arn.startswith("arn:aws:") and "${" not in arn)
                for need in (*known, *open_ended)
                for arn in need.resources
            ), (service, operation)


NAMES = st.sampled_from(
    [
        "Bucket",
        "Key",
        "Tagging",
        "CopySource",
        "Delete",
        "VersionId",
        "TableName",
        "IndexName",
        "RequestItems",
        "Statement",
        "Statements",
        "TransactItems",
        "QueueUrl",
        "TopicArn",
        "TargetArn",
        "FunctionName",
        "Qualifier",
        "Name",
        "Names",
        "Path",
        "SecretId",
        "KeyId",
        "Entries",
        "EventBusName",
        "Rule",
        "logGroupName",
        "modelId",
        "Role",
        "RoleArn",
        "Targets",
        "ResourceArn",
        "WithDecryption",
        "Objects",
        "Put",
        "Image",
        "S3Object",
        "restApiId",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.just(UNKNOWN)
    | st.sampled_from(["arn:aws:s3:::b", "*", "alias/x", "b/k?versionId=1", "select", "arn:"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
SPECIAL = st.sampled_from(
    [
        (service, operation)
        for service in (
            *("s3", "dynamodb", "sqs", "sns", "lambda", "ssm", "secretsmanager", "kms", "events"),
            *("scheduler", "logs", "sts", "bedrock-runtime", "rekognition", "ecs", "apigateway"),
        )
        for operation in operations_of(service)
        if standing(service, operation) != "missing"
    ]
)


@settings(max_examples=400, deadline=None)
@given(SPECIAL, st.dictionaries(NAMES, VALUES, max_size=6), st.booleans())
def test_values_of_any_shape_have_an_answer(
    operation: tuple[str, str], parameters: dict[str, object], complete: bool
) -> None:
    for need in needs(*operation, parameters, HERE, complete=complete):
        assert need.resources
        assert need.action.count(":") == 1
