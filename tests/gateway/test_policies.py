from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice.gateway.policies import Policy
from chalice.iam.evaluation import Decision
from chalice.iam.evaluation_patterns import matches

ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc123/api/GET/users/7"
INVOKE = "execute-api:Invoke"
ALLOW = {"Effect": "Allow", "Action": INVOKE, "Resource": "*"}
DENY = {"Effect": "Deny", "Action": INVOKE, "Resource": "*/users/*"}
ALLOWED, DENIED, NOT_ALLOWED = Decision.ALLOWED, Decision.DENIED, Decision.NOT_ALLOWED

DECISIONS: dict[str, tuple[object, Decision]] = {
    "no statements": ([], NOT_ALLOWED),
    "one statement that is not in a list": (ALLOW, ALLOWED),
    "a denial after a permission": ([ALLOW, DENY], DENIED),
    "a denial before a permission": ([DENY, ALLOW], DENIED),
    "a denial of something else": (
        [ALLOW, {**DENY, "Resource": "*/POST/users/*"}],
        ALLOWED,
    ),
    "an action with a wildcard": ([{**ALLOW, "Action": "execute-api:*"}], ALLOWED),
    "every action": ([{**ALLOW, "Action": "*"}], ALLOWED),
    "a list of actions": ([{**ALLOW, "Action": ["s3:Get*", INVOKE]}], ALLOWED),
    "an action in another case": ([{**ALLOW, "Action": "EXECUTE-API:invoke"}], ALLOWED),
    "another action": ([{**ALLOW, "Action": "execute-api:ManageConnections"}], NOT_ALLOWED),
    "an action of which only a part fits": (
        [{**ALLOW, "Action": "xexecute-api:Invoke"}],
        NOT_ALLOWED,
    ),
    "the exact resource": ([{**ALLOW, "Resource": [ARN]}], ALLOWED),
    "a resource that is longer": ([{**ALLOW, "Resource": [ARN + "/x"]}], NOT_ALLOWED),
    "a resource that is a part": ([{**ALLOW, "Resource": [ARN[:-1]]}], NOT_ALLOWED),
    "a star that spans segments": ([{**ALLOW, "Resource": "arn:*/api/*"}], ALLOWED),
    "a question mark": ([{**ALLOW, "Resource": ARN[:-1] + "?"}], ALLOWED),
    "no resources": ([{**ALLOW, "Resource": []}], NOT_ALLOWED),
    "a permission with a condition": ([{**ALLOW, "Condition": {"Bool": {}}}], NOT_ALLOWED),
    "a denial with a condition": ([ALLOW, {**DENY, "Condition": {"Bool": {}}}], DENIED),
    "a permission for all but": (
        [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}],
        NOT_ALLOWED,
    ),
    "a denial of all but": (
        [ALLOW, {"Effect": "Deny", "Action": INVOKE, "NotResource": ARN}],
        DENIED,
    ),
}


@pytest.mark.parametrize(("statements", "decision"), DECISIONS.values(), ids=list(DECISIONS))
def test_a_policy_decides(statements: object, decision: Decision) -> None:
    assert Policy({"Statement": statements}).decide(INVOKE, ARN) is decision


@pytest.mark.parametrize(
    "document",
    [
        None,
        "text",
        {},
        {"Statement": "text"},
        {"Statement": ["text"]},
        {"Statement": [{**ALLOW, "Effect": "allow"}]},
        {"Statement": [{"Effect": "Allow", "Action": INVOKE}]},
        {"Statement": [{**ALLOW, "Action": None}]},
        {"Statement": [{**ALLOW, "Resource": [7]}]},
    ],
)
def test_what_is_no_policy_is_an_error(document: object) -> None:
    with pytest.raises(ValueError, match=r"policy document|statement"):
        Policy(document)


@given(st.text("ab/*?.", max_size=8), st.text("ab/*?.", max_size=10))
def test_patterns_match_as_the_same_regular_expressions(pattern: str, text: str) -> None:
    regex = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    assert matches(pattern, text) == (re.fullmatch(regex, text) is not None)
