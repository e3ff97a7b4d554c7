from __future__ import annotations

from typing import Any

import pytest

from chalice.iam.evaluation import Decision, Policy, Question
from chalice.iam.evaluation_conditions import Context

CONTEXT = Context(
    {
        "aws:username": "ann",
        "aws:PrincipalTag/Team": "web",
        "aws:SourceIp": "127.0.0.1",
        "aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:news",
        "aws:CurrentTime": "2026-03-01T12:00:00Z",
        "aws:EpochTime": "1772366400",
        "aws:SecureTransport": "true",
        "s3:max-keys": "10",
        "data": "aGVsbG8=",
        "aws:TagKeys": ["team", "cost"],
    }
)

HOLD: list[tuple[str, str, object]] = [
    ("StringEquals", "aws:username", "ann"),
    ("StringEquals", "AWS:USERNAME", ["bob", "ann"]),
    ("StringEquals", "aws:principaltag/team", "web"),
    ("StringEquals", "aws:PrincipalTag/Team", "${aws:PrincipalTag/Team}"),
    ("StringNotEquals", "aws:username", "bob"),
    ("StringNotEquals", "missing", "bob"),
    ("StringEqualsIgnoreCase", "aws:username", "ANN"),
    ("StringNotEqualsIgnoreCase", "aws:username", "BOB"),
    ("StringLike", "aws:username", ["x*", "a?n"]),
    ("StringNotLike", "aws:username", ["x*", "b?n"]),
    ("StringEqualsIfExists", "missing", "x"),
    ("NumericEquals", "s3:max-keys", 10),
    ("NumericNotEquals", "s3:max-keys", "11"),
    ("NumericLessThan", "s3:max-keys", "10.5"),
    ("NumericLessThanEquals", "s3:max-keys", "10"),
    ("NumericGreaterThan", "s3:max-keys", "9"),
    ("NumericGreaterThanEquals", "s3:max-keys", "1e1"),
    ("NumericLessThanIfExists", "missing", "1"),
    ("DateLessThan", "aws:CurrentTime", "2026-03-02T00:00:00Z"),
    ("DateGreaterThan", "aws:CurrentTime", "2026-03-01T14:00:00+03:00"),
    ("DateEquals", "aws:CurrentTime", "1772366400"),
    ("DateGreaterThanEquals", "aws:EpochTime", "2026-03-01"),
    ("DateNotEquals", "aws:CurrentTime", "2026-03-02"),
    ("DateLessThanEquals", "aws:CurrentTime", "2026-03-01T12:00:00Z"),
    ("Bool", "aws:SecureTransport", True),
    ("Bool", "aws:SecureTransport", "True"),
    ("BoolIfExists", "aws:MultiFactorAuthPresent", "true"),
    ("BinaryEquals", "data", "aGVsbG8="),
    ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "127.0.0.0/8"]),
    ("IpAddress", "aws:SourceIp", "127.0.0.1"),
    ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"),
    ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:123456789012:n*"),
    ("ArnEquals", "aws:SourceArn", "arn:aws:sns:*:*:news"),
    ("ArnNotLike", "aws:SourceArn", "arn:aws:sqs:*:*:*"),
    ("ArnNotEquals", "aws:SourceArn", "arn:aws:sns:*:*"),
    ("Null", "missing", "true"),
    ("Null", "aws:username", False),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["team", "cost", "more"]),
    ("ForAllValues:StringEquals", "missing", "x"),
    ("ForAllValues:StringNotEquals", "aws:TagKeys", ["x"]),
    ("ForAnyValue:StringEquals", "aws:TagKeys", ["cost", "x"]),
    ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["cost"]),
    ("ForAnyValue:StringLike", "aws:TagKeys", "t*"),
    ("ForAllValues:StringLikeIfExists", "aws:TagKeys", "*"),
]
FAIL: list[tuple[str, str, object]] = [
    ("StringEquals", "aws:username", "Ann"),
    ("StringEquals", "aws:username", "a*"),
    ("StringEquals", "missing", ""),
    ("StringEquals", "aws:username", "${missing}"),
    ("StringNotEquals", "aws:username", ["bob", "ann"]),
    ("StringLike", "aws:username", "b*"),
    ("StringLike", "aws:username", []),
    ("StringNotLike", "aws:username", ["x", "a*"]),
    ("StringEqualsIfExists", "aws:username", "x"),
    ("NumericEquals", "s3:max-keys", "x"),
    ("NumericEquals", "aws:username", "1"),
    ("NumericLessThan", "s3:max-keys", "10"),
    ("DateLessThan", "aws:CurrentTime", "yesterday"),
    ("DateGreaterThan", "aws:CurrentTime", "2026-03-01T12:00:00Z"),
    ("Bool", "aws:SecureTransport", "false"),
    ("Bool", "aws:MultiFactorAuthPresent", "false"),
    ("BinaryEquals", "data", "*"),
    ("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
    ("IpAddress", "aws:SourceIp", "::1"),
    ("IpAddress", "aws:username", "0.0.0.0/0"),
    ("NotIpAddress", "aws:SourceIp", "127.0.0.0/8"),
    ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:news"),
    ("ArnLike", "aws:SourceArn", "*"),
    ("ArnNotEquals", "aws:SourceArn", "arn:aws:sns:*:*:news"),
    ("Null", "missing", "false"),
    ("Null", "aws:username", "true"),
    ("ForAllValues:StringEquals", "aws:TagKeys", "team"),
    ("ForAllValues:StringNotEquals", "aws:TagKeys", "team"),
    ("ForAnyValue:StringEquals", "aws:TagKeys", "x"),
    ("ForAnyValue:StringEquals", "missing", "x"),
    ("ForAnyValue:StringNotEquals", "missing", "x"),
    ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["cost", "team"]),
]


def decide(condition: dict[str, Any]) -> Decision:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    document = {"Version": "2012-10-17", "Statement": statement}
    return Policy(document).decide(Question("s3:GetObject", "*", context=CONTEXT))


@pytest.mark.parametrize(("operator", "key", "wanted"), HOLD)
def test_a_condition_that_is_met_lets_the_statement_apply(
    operator: str, key: str, wanted: object
) -> None:
    assert decide({operator: {key: wanted}}) is Decision.ALLOWED


@pytest.mark.parametrize(("operator", "key", "wanted"), FAIL)
def test_a_condition_that_is_not_met_keeps_it_from_applying(
    operator: str, key: str, wanted: object
) -> None:
    assert decide({operator: {key: wanted}}) is Decision.NOT_ALLOWED


def test_all_conditions_have_to_be_met() -> None:
    met = {"StringEquals": {"aws:username": "ann", "aws:PrincipalTag/Team": "web"}}
    assert decide({**met, "Bool": {"aws:SecureTransport": "true"}}) is Decision.ALLOWED
    assert decide({**met, "Bool": {"aws:SecureTransport": "false"}}) is Decision.NOT_ALLOWED
    one_not = {"StringEquals": {"aws:username": "ann", "aws:PrincipalTag/Team": "app"}}
    assert decide(one_not) is Decision.NOT_ALLOWED
