"""What cannot be seen is listed, with its place and what to do; declarations make up for it."""

from __future__ import annotations

import pytest

from chalice.policy.analysis import Declared, Place
from tests.policy.analysis.projects import findings, only, operations

HIDDEN = {
    "a service that is not known": (
        "boto3.client(unknown())",
        "a client is made of a service whose name is not known before it runs",
    ),
    "a service that does not exist": ("boto3.client('s33')", "boto3 knows no service `s33`"),
    "a method that does not exist": (
        "boto3.client('s3').no_such()",
        "the s3 client of boto3 has no method `no_such`",
    ),
    "a method of a name that is not known": (
        "getattr(boto3.client('s3'), unknown())()",
        "a method of s3 is chosen by a name that is not known before it runs",
    ),
    "a client that goes to a library": (
        "library.use(boto3.client('s3'))",
        "a client of s3 is passed to `library.use`, which is not read",
    ),
    "a client that cannot be found": (
        "unknown().put_item(TableName='t', Item={})",
        "`….put_item` looks like a call of AWS, of a client that is not known",
    ),
    "a paginator that is not known": (
        "boto3.client('s3').get_paginator(unknown())",
        "the name of a paginator of s3 is not known before it runs",
    ),
    "a waiter that does not exist": (
        "boto3.client('s3').get_waiter('nothing')",
        "the s3 client of boto3 has no waiter `nothing`",
    ),
    "a URL for a method that is not known": (
        "boto3.client('s3').generate_presigned_url(unknown())",
        "a URL is signed for a method that is not known before it runs",
    ),
    "a library that calls AWS": (
        "import pynamodb.models\npynamodb.models.Model('t').save()",
        "`pynamodb` calls AWS itself, and is not read",
    ),
    "a module that is not known": (
        "import importlib\nimportlib.import_module(unknown())",
        "`importlib.import_module` imports a module whose name is not known before it runs",
    ),
    "code in a string": ("exec(unknown())", "code is run by `exec`, which is not read"),
}


@pytest.mark.parametrize(("source", "expected"), HIDDEN.values(), ids=HIDDEN.keys())
def test_what_is_hidden_is_listed(source: str, expected: str) -> None:
    head = "import boto3\nfrom somewhere import library, unknown\n"
    found = only(head + source)
    assert [each.what for each in found.unresolved][:1] == [expected]
    assert found.unresolved[0].hint
    assert found.unresolved[0].place == Place("app.py", 3 + source.count("\n"))


def test_a_file_that_is_not_python_is_listed_and_the_rest_is_read() -> None:
    found = only(
        {
            "app.py": "import broken, boto3\nboto3.client('s3').list_buckets()",
            "broken.py": "x = 1\ndef (:\n",
        }
    )
    [problem] = found.unresolved
    assert problem.place == Place("broken.py", 2)
    assert operations(found) == {"s3:ListBuckets"}


def test_what_only_another_function_does_is_not_listed() -> None:
    found = findings(
        """
        import boto3
        from chalice import Chalice
        app = Chalice(app_name="x")
        @app.lambda_function()
        def one(event, context):
            boto3.client(event["service"])
        @app.lambda_function()
        def two(event, context): ...
        """
    )
    assert len(found["one"].unresolved) == 1
    assert found["two"].unresolved == ()


def test_needs_are_declared_in_code_and_in_comments() -> None:
    found = findings(
        """\
        import os
        from chalice import Chalice
        # chalice: needs sts:GetCallerIdentity

        app = Chalice(app_name="x")

        # chalice: needs s3:GetObject, s3:PutObject on bucket/*
        @app.lambda_function()
        def one(event, context):
            app.needs("dynamodb:Query", "table-" + os.environ["STAGE"])

        @app.lambda_function()
        def two(event, context):
            text = "# chalice: needs iam:PassRole"
            # chalice: needs sqs:SendMessage on a, b
        """,
        {"STAGE": "dev"},
    )
    shared = Declared("sts:GetCallerIdentity", None, Place("app.py", 3))
    assert found["one"].declared == (
        shared,
        Declared("s3:GetObject", "bucket/*", Place("app.py", 7)),
        Declared("s3:PutObject", "bucket/*", Place("app.py", 7)),
        Declared("dynamodb:Query", "table-dev", Place("app.py", 10)),
    )
    assert found["two"].declared == (
        shared,
        Declared("sqs:SendMessage", "a", Place("app.py", 15)),
        Declared("sqs:SendMessage", "b", Place("app.py", 15)),
    )


def test_a_declaration_that_names_no_action_is_listed() -> None:
    found = only("# chalice: needs everything\n")
    [problem] = found.unresolved
    assert problem.what == "the declaration names no action: `# chalice: needs everything`"
