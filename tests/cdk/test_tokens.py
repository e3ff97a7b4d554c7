"""Tokens of the CDK are out of sight while an app is packaged."""

from __future__ import annotations

from chalice.cdk.tokens import Tokens


def test_tokens_have_stand_ins_that_do_not_depend_on_their_numbers() -> None:
    tokens = Tokens()
    config = {
        "environment_variables": {"TABLE": "${Token[TOKEN.18]}", "URL": "s3://${Token[A.1]}/x"},
        "subnet_ids": ["#{Token[TOKEN.5]}"],
        "lambda_timeout": 7,
    }

    hidden = tokens.hidden(config)

    assert hidden == {
        "environment_variables": {"TABLE": "${chalice.0}", "URL": "s3://${chalice.1}/x"},
        "subnet_ids": ["${chalice.2}"],
        "lambda_timeout": 7,
    }
    assert tokens.shown("a ${chalice.1} b ${chalice.0}") == "a ${Token[A.1]} b ${Token[TOKEN.18]}"


def test_equal_tokens_have_one_stand_in() -> None:
    assert Tokens().hidden(["${Token[T.1]}", "${Token[T.1]}"]) == ["${chalice.0}", "${chalice.0}"]
