"""Grants become few statements, the same ones for the same grants."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice.iam.differences import difference, pairs
from chalice.model.values import Arn
from chalice.policy.arns import covers, placed, text_of, value_of, written
from chalice.policy.declared import resources_declared
from chalice.policy.grants import Grant, Reason
from chalice.policy.statements import broad, combined, least, scoped

TABLE = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table"
QUEUE = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:q"


def grant(action: str, resource: str = "*") -> Grant:
    return Grant(action, resource, Reason("f", "a call"))


def said(statements: object) -> list[tuple[list[str], list[str]]]:
    document = written({"Statement": statements})  # type: ignore[dict-item]
    assert isinstance(document, dict)
    return [(each["Action"], each["Resource"]) for each in document["Statement"]]


def test_actions_of_a_service_on_the_same_resources_share_a_statement() -> None:
    grants = [
        grant("sqs:SendMessage", QUEUE),
        grant("dynamodb:PutItem", f"{TABLE}/b"),
        grant("dynamodb:GetItem", f"{TABLE}/a"),
        grant("dynamodb:GetItem", f"{TABLE}/b"),
        grant("dynamodb:PutItem", f"{TABLE}/a"),
        grant("dynamodb:Scan", f"{TABLE}/a"),
        grant("sqs:SendMessage", QUEUE),
    ]
    found = scoped(grants)
    assert said(found) == [
        (["dynamodb:Scan"], [f"{TABLE}/a"]),
        (["dynamodb:GetItem", "dynamodb:PutItem"], [f"{TABLE}/a", f"{TABLE}/b"]),
        (["sqs:SendMessage"], [QUEUE]),
    ]
    assert scoped(reversed(grants)) == found
    sids = [each["Sid"] for each in found if isinstance(each, dict)]
    assert len(set(sids)) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9]+", str(sid)) for sid in sids)


def test_a_resource_that_another_covers_is_not_said() -> None:
    assert least([f"{TABLE}/a", f"{TABLE}/*", QUEUE]) == (f"{TABLE}/*", QUEUE)
    assert least(["*", QUEUE]) == ("*",)
    assert least(["a*", "a**"]) == ("a*",)


def test_a_broad_policy_names_only_the_roles_that_are_passed() -> None:
    role = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/r"
    found = broad(
        [grant("lambda:CreateFunction", "arn:x"), grant("iam:PassRole", role), grant("ec2:A")]
    )
    assert said(found) == [
        (["ec2:A"], ["*"]),
        (["iam:PassRole"], [role]),
        (["lambda:CreateFunction"], ["*"]),
    ]


def test_policies_are_combined_into_one_that_allows_what_any_does() -> None:
    odd = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    one = {"Version": "2012-10-17", "Statement": scoped([grant("sqs:A", QUEUE)])}
    two = {"Version": "2012-10-17", "Statement": [*scoped([grant("sqs:B", QUEUE)]), odd]}
    assert set(pairs(written(combined([one, two, two])))) == {
        ("sqs:A", QUEUE),
        ("sqs:B", QUEUE),
        ("!s3:*", "*"),
    }
    assert combined([one]) is one


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (QUEUE, Arn("sqs", ("q",))),
        ("arn:${AWS::Partition}:s3:::b/*", Arn("s3", ("b/*",), region="", account="")),
        ("arn:${AWS::Partition}:sqs:us-east-1:1:q", Arn("sqs", ("q",), "us-east-1", "1")),
        ("arn:aws:sqs:${AWS::Region}:1:q", Arn("sqs", ("q",), None, "1")),
        ("arn:aws:sqs:us-east-1:1:q", "arn:aws:sqs:us-east-1:1:q"),
        (
            "arn:${AWS::Partition}:s3:::logs-${AWS::Region}",
            Arn("s3", ("logs-*",), region="", account=""),
        ),
        ("*", "*"),
    ],
)
def test_an_arn_leaves_its_place_to_the_deploy(text: str, value: object) -> None:
    assert value_of(text) == value


def test_a_policy_is_the_same_after_it_was_written_and_read() -> None:
    policy = {"Version": "2012-10-17", "Statement": scoped([grant("sqs:A", QUEUE), grant("s3:B")])}
    assert placed(written(policy)) == policy
    assert text_of(Arn("sqs", ("q",))) == QUEUE


@given(st.text("ab*?", max_size=6), st.text("ab", max_size=6))
def test_what_covers_a_pattern_covers_all_that_it_matches(pattern: str, text: str) -> None:
    assert covers(pattern, pattern) or "?" in pattern
    if covers(pattern, text):
        assert covers("*", pattern)
        assert covers(f"{pattern}*", text)


@pytest.mark.parametrize(
    ("action", "name", "ends"),
    [
        ("dynamodb:Query", "orders", ("table/orders", "table/orders/index/*")),
        ("dynamodb:GetItem", "table/orders", ("table/orders",)),
        ("dynamodb:Query", "orders/index/by-date", ("table/orders/index/by-date",)),
        ("s3:GetObject", "reports", ("reports/*",)),
        ("s3:GetObject", "reports/2024/*", ("reports/2024/*",)),
        ("s3:ListBucket", "reports", ("reports",)),
        ("s3:*", "reports", ("reports", "reports/*")),
        ("sqs:SendMessage", "https://sqs.us-east-1.amazonaws.com/123456789012/q", ("q",)),
        ("secretsmanager:GetSecretValue", "db", ("secret:db-??????",)),
        ("ssm:GetParameter", "/shop/key", ("parameter/shop/key",)),
        ("kms:Decrypt", "alias/mine", ("key/*",)),
        ("lambda:InvokeFunction", "f", ("function:f",)),
        ("events:PutEvents", "orders", ("event-bus/orders",)),
    ],
)
def test_a_declaration_may_use_the_bare_name_of_a_resource(
    action: str, name: str, ends: tuple[str, ...]
) -> None:
    found = resources_declared(action, name)
    assert len(found) == len(ends)
    for arn, end in zip(found, ends, strict=True):
        assert arn.startswith("arn:${AWS::Partition}:")
        assert str(value_of(arn).resource[0]) == end  # type: ignore[union-attr]


def test_a_declaration_without_a_name_or_of_an_action_without_resources_is_of_anything() -> None:
    assert resources_declared("dynamodb:Query", None) == ("*",)
    assert resources_declared("xray:PutTraceSegments", "x") == ("*",)
    assert resources_declared("sqs:SendMessage", QUEUE) == (QUEUE,)


def test_policies_are_compared_by_what_they_allow() -> None:
    before = {"Statement": {"Effect": "Allow", "Action": "s3:A", "Resource": ["x", "y"]}}
    after = {
        "Statement": [
            {"Effect": "Allow", "Action": ["s3:A"], "Resource": "x", "Sid": "S"},
            {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*", "Condition": {"a": "b"}},
        ]
    }
    found = difference(before, after)
    assert found.added == (("not iam:*", "* when {'a': 'b'}"),)
    assert found.removed == (("s3:A", "y"),)
    assert not difference(before, before)
    assert difference({}, before).added == (("s3:A", "x"), ("s3:A", "y"))
