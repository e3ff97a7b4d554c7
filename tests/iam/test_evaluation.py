from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice.iam.evaluation import (
    Caller,
    Decision,
    Kind,
    Policies,
    Policy,
    Question,
    Verdict,
    evaluate,
)
from chalice.iam.evaluation_conditions import Context
from chalice.iam.evaluation_patterns import matches, matches_resource, overlaps, split_arn

ACCOUNT = "123456789012"
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = Caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/app/fn", ACCOUNT, ROLE)
USER = Caller(f"arn:aws:iam::{ACCOUNT}:user/ann", ACCOUNT)
ALLOWED, DENIED, NOT_ALLOWED = Decision.ALLOWED, Decision.DENIED, Decision.NOT_ALLOWED
PUT = Question("dynamodb:PutItem", TABLE, SESSION)


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> Policy:
    return Policy({"Version": version, "Statement": list(statements)})


def allow(action: object = "dynamodb:PutItem", resource: object = "*", **more: object) -> Any:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object = "dynamodb:PutItem", resource: object = "*", **more: object) -> Any:
    return {**allow(action, resource, **more), "Effect": "Deny"}


DECISIONS: dict[str, tuple[Sequence[dict[str, Any]], Decision]] = {
    "nothing": ([], NOT_ALLOWED),
    "the action": ([allow()], ALLOWED),
    "another action": ([allow("dynamodb:GetItem")], NOT_ALLOWED),
    "an action in another case": ([allow("DynamoDB:putitem")], ALLOWED),
    "actions with wildcards": ([allow(["s3:*", "dynamodb:P?t*"])], ALLOWED),
    "every action": ([allow("*")], ALLOWED),
    "the resource": ([allow(resource=TABLE)], ALLOWED),
    "a longer resource": ([allow(resource=f"{TABLE}/index/a")], NOT_ALLOWED),
    "a resource in another case": ([allow(resource=TABLE.upper())], NOT_ALLOWED),
    "a star for the end": ([allow(resource=TABLE.replace("orders", "*"))], ALLOWED),
    "a star for a part": (
        [allow(resource=f"arn:aws:dynamodb:*:{ACCOUNT}:table/orders")],
        ALLOWED,
    ),
    "a star does not reach past a colon": (
        [allow(resource="arn:aws:dynamodb:*:table/orders:*")],
        NOT_ALLOWED,
    ),
    "missing parts are stars": ([allow(resource="arn:aws:dynamodb")], ALLOWED),
    "all but other actions": (
        [{"Effect": "Allow", "NotAction": ["s3:*"], "Resource": "*"}],
        ALLOWED,
    ),
    "all but this action": (
        [{"Effect": "Allow", "NotAction": ["dynamodb:*"], "Resource": "*"}],
        NOT_ALLOWED,
    ),
    "all but this resource": (
        [{"Effect": "Allow", "Action": "dynamodb:*", "NotResource": TABLE}],
        NOT_ALLOWED,
    ),
    "all but another resource": (
        [{"Effect": "Allow", "Action": "dynamodb:*", "NotResource": f"{TABLE}s"}],
        ALLOWED,
    ),
    "a denial before": ([deny(), allow()], DENIED),
    "a denial after": ([allow(), deny(resource=TABLE)], DENIED),
    "a denial of something else": ([allow(), deny("dynamodb:GetItem")], ALLOWED),
    "a denial of all but": (
        [allow(), {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::*"}],
        DENIED,
    ),
}


@pytest.mark.parametrize(("statements", "decision"), DECISIONS.values(), ids=list(DECISIONS))
def test_a_policy_decides(statements: Sequence[dict[str, Any]], decision: Decision) -> None:
    assert policy(*statements).decide(PUT) is decision


def test_what_is_not_known_only_a_star_fits() -> None:
    question = Question("s3:ListAllMyBuckets", "*")
    assert policy(allow("s3:*", "arn:aws:s3:::*")).decide(question) is NOT_ALLOWED
    assert policy(allow("s3:*", "*")).decide(question) is ALLOWED


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {"Statement": "text"},
        {"Statement": [{**allow(), "Effect": "allow"}]},
        {"Statement": [{"Effect": "Allow", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": "*"}]},
        {"Statement": [allow(7)]},
        {"Statement": [allow(Condition={"StringLooksLike": {"a": "b"}})]},
        {"Statement": [allow(Condition={"ForNoValue:StringLike": {"a": "b"}})]},
        {"Statement": [allow(Condition={"StringLike": "text"})]},
        {"Statement": [allow(Condition={"StringLike": {"a": {}}})]},
        {"Statement": [allow(Principal="someone")]},
    ],
)
def test_what_is_no_policy_is_an_error(document: object) -> None:
    with pytest.raises(ValueError, match=r"policy document|statement|condition"):
        Policy(document)


# Policy variables.

HOMES = "arn:aws:s3:::home/${aws:username}/*"


def reads(resource: str, pattern: str, version: str = "2012-10-17", **context: str) -> bool:
    values = {key.replace("_", ":"): value for key, value in context.items()}
    question = Question("s3:GetObject", resource, USER, Context(values))
    return policy(allow("s3:*", pattern), version=version).decide(question) is ALLOWED


def test_variables_take_the_values_of_the_request() -> None:
    assert reads("arn:aws:s3:::home/ann/a", HOMES, aws_username="ann")
    assert reads("arn:aws:s3:::home/ann/a", HOMES, AWS_UserName="ann")
    assert not reads("arn:aws:s3:::home/bob/a", HOMES, aws_username="ann")


def test_a_variable_without_a_value_fits_nothing_but_may_have_a_default() -> None:
    assert not reads("arn:aws:s3:::home//a", HOMES)
    assert not reads("arn:aws:s3:::home/${aws:username}/a", HOMES)
    with_default = HOMES.replace("username", "username, 'all'")
    assert reads("arn:aws:s3:::home/all/a", with_default)
    assert reads("arn:aws:s3:::home/ann/a", with_default, aws_username="ann")


def test_wildcards_in_the_value_of_a_variable_are_not_wildcards() -> None:
    assert not reads("arn:aws:s3:::home/bob/a", HOMES, aws_username="*")
    assert reads("arn:aws:s3:::home/*/a", HOMES, aws_username="*")


def test_special_characters_are_written_as_variables() -> None:
    assert reads("arn:aws:s3:::a*b?c$", "arn:aws:s3:::a${*}b${?}c${$}")
    assert not reads("arn:aws:s3:::axb?c$", "arn:aws:s3:::a${*}b${?}c${$}")


def test_policies_of_the_old_version_have_no_variables() -> None:
    old = "2008-10-17"
    assert not reads("arn:aws:s3:::home/ann/a", HOMES, version=old, aws_username="ann")
    assert reads("arn:aws:s3:::home/${aws:username}/a", HOMES, version=old)


# Several policies.

ALLOW, DENY = policy(allow()), policy(deny())
NOTHING = policy()


def trust(principal: object, effect: str = "Allow", key: str = "Principal") -> Policy:
    return policy({"Effect": effect, "Action": "dynamodb:*", key: principal})


COMBINATIONS: dict[str, tuple[Policies, Verdict]] = {
    "none": (Policies(), Verdict(NOT_ALLOWED, Kind.IDENTITY)),
    "one of two": (Policies([NOTHING, ALLOW]), Verdict(ALLOWED, Kind.IDENTITY)),
    "one denies": (Policies([ALLOW, DENY]), Verdict(DENIED, Kind.IDENTITY)),
    "a boundary that allows": (Policies([ALLOW], ALLOW), Verdict(ALLOWED, Kind.IDENTITY)),
    "a boundary that says nothing": (
        Policies([ALLOW], NOTHING),
        Verdict(NOT_ALLOWED, Kind.BOUNDARY),
    ),
    "a boundary grants nothing": (Policies([], ALLOW), Verdict(NOT_ALLOWED, Kind.IDENTITY)),
    "a boundary that denies": (Policies([ALLOW], DENY), Verdict(DENIED, Kind.BOUNDARY)),
    "a session that says nothing": (
        Policies([ALLOW], session=[NOTHING]),
        Verdict(NOT_ALLOWED, Kind.SESSION),
    ),
    "a session policy of several": (
        Policies([ALLOW], session=[NOTHING, ALLOW]),
        Verdict(ALLOWED, Kind.IDENTITY),
    ),
    "the resource allows the role": (
        Policies(resource=[trust({"AWS": ROLE})]),
        Verdict(ALLOWED, Kind.RESOURCE),
    ),
    "the resource allows the role, its boundary does not": (
        Policies([], NOTHING, resource=[trust({"AWS": [ROLE]})]),
        Verdict(NOT_ALLOWED, Kind.BOUNDARY),
    ),
    "the resource allows the session itself": (
        Policies([], NOTHING, resource=[trust({"AWS": SESSION.arn})]),
        Verdict(ALLOWED, Kind.RESOURCE),
    ),
    "the resource allows everybody": (
        Policies(resource=[trust("*")]),
        Verdict(ALLOWED, Kind.RESOURCE),
    ),
    "the resource leaves it to the account": (
        Policies(resource=[trust({"AWS": ACCOUNT})]),
        Verdict(NOT_ALLOWED, Kind.IDENTITY),
    ),
    "the resource leaves it to another account": (
        Policies(resource=[trust({"AWS": "arn:aws:iam::999999999999:root"})]),
        Verdict(NOT_ALLOWED, Kind.IDENTITY),
    ),
    "the resource denies the account": (
        Policies([ALLOW], resource=[trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Deny")]),
        Verdict(DENIED, Kind.RESOURCE),
    ),
    "the resource allows a service": (
        Policies(resource=[trust({"Service": "lambda.amazonaws.com"})]),
        Verdict(NOT_ALLOWED, Kind.IDENTITY),
    ),
    "the resource denies all but the role": (
        Policies([ALLOW], resource=[trust({"AWS": ROLE}, "Deny", "NotPrincipal")]),
        Verdict(ALLOWED, Kind.IDENTITY),
    ),
    "the resource denies all but another": (
        Policies([ALLOW], resource=[trust({"AWS": f"{ROLE}2"}, "Deny", "NotPrincipal")]),
        Verdict(DENIED, Kind.RESOURCE),
    ),
    "the resource decides and says nothing": (
        Policies([ALLOW], resource_decides=True),
        Verdict(NOT_ALLOWED, Kind.RESOURCE),
    ),
    "the resource decides and leaves it to the account": (
        Policies([ALLOW], resource=[trust({"AWS": ACCOUNT})], resource_decides=True),
        Verdict(ALLOWED, Kind.IDENTITY),
    ),
}


@pytest.mark.parametrize(("policies", "verdict"), COMBINATIONS.values(), ids=list(COMBINATIONS))
def test_policies_together_decide(policies: Policies, verdict: Verdict) -> None:
    assert evaluate(PUT, policies) == verdict


def test_a_user_named_by_a_resource_is_not_held_back_by_a_boundary() -> None:
    question = Question("dynamodb:PutItem", TABLE, USER)
    policies = Policies([], NOTHING, resource=[trust({"AWS": USER.arn})])
    assert evaluate(question, policies).is_allowed


def test_a_service_needs_the_resource_alone() -> None:
    question = Question("dynamodb:PutItem", TABLE, Caller(service="events.amazonaws.com"))
    named = Policies(resource=[trust({"Service": "events.amazonaws.com"})])
    other = Policies(resource=[trust({"Service": ["sns.amazonaws.com"]})])
    assert evaluate(question, named).is_allowed
    assert not evaluate(question, other).is_allowed


def test_refusals_have_the_words_of_aws() -> None:
    action = "s3:GetObject"
    assert Verdict(NOT_ALLOWED, Kind.IDENTITY).because(action) == (
        "because no identity-based policy allows the s3:GetObject action"
    )
    assert Verdict(NOT_ALLOWED, Kind.BOUNDARY).because(action) == (
        "because no permissions boundary allows the s3:GetObject action"
    )
    assert Verdict(DENIED, Kind.IDENTITY).because(action) == (
        "with an explicit deny in an identity-based policy"
    )
    assert Verdict(DENIED, Kind.RESOURCE).because(action) == (
        "with an explicit deny in a resource-based policy"
    )


# Patterns.

PARTS = st.text("ab/*?", max_size=4)


@given(st.lists(PARTS, min_size=6, max_size=8))
def test_every_arn_fits_itself_and_stars_for_its_parts(parts: list[str]) -> None:
    arn = ":".join(["arn", *parts[1:]])
    assert matches_resource(arn, arn)
    assert matches_resource("arn:*", arn)
    assert matches_resource(":".join(["arn", "*", *parts[2:]]), arn)
    assert not matches_resource(arn + "x", arn) or arn.endswith("*")


@pytest.mark.parametrize(
    ("one", "other", "is_shared"),
    [
        ("arn:aws:s3:::a*", "arn:aws:s3:::*b", True),
        ("arn:aws:s3:::a*c", "arn:aws:s3:::*b", False),
        ("arn:aws:s3:::a?c", "arn:aws:s3:::?b?", True),
        ("arn:aws:s3:::a", "arn:aws:s3:::a", True),
        ("arn:aws:s3:::a", "arn:aws:s3", True),
        ("arn:aws:s3:::a", "arn:aws:sqs", False),
        ("arn:aws:execute-api:*:1:*/*/POST/@c/*", "arn:aws:execute-api:*:*:a1/api/*", True),
        ("arn:aws:execute-api:*:1:*/*/POST/@c/*", "arn:aws:execute-api:*:*:a1/api/GET/*", True),
        ("arn:aws:execute-api:*:1:*/POST/x", "arn:aws:execute-api:*:*:a1/GET/?", False),
        ("*", "arn:aws:s3:::a", True),
    ],
)
def test_patterns_overlap_when_some_arn_fits_both(one: str, other: str, is_shared: bool) -> None:
    assert overlaps(one, other) is is_shared
    assert overlaps(other, one) is is_shared


@given(PARTS, PARTS, PARTS)
def test_patterns_that_fit_one_text_overlap(one: str, other: str, text: str) -> None:
    if matches(one, text) and matches(other, text):
        assert overlaps(one, other)


@given(st.text("a:${}*", max_size=20))
def test_an_arn_is_split_without_loss(text: str) -> None:
    assert ":".join(split_arn(text)) == text
    assert len(split_arn(text)) <= 6
