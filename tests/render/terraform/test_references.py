"""Values become what Terraform evaluates to the same strings."""

from __future__ import annotations

import pytest

from chalice.model.values import Arn, Document, Ref
from chalice.openapi.rest import invocation_uri
from chalice.render.terraform.references import expression, key_of, text

PLACE = "${data.aws_region.chalice.id}:${data.aws_caller_identity.chalice.account_id}"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("plain", "plain"),
        ("costs $5 or ${price}", "costs $5 or $${price}"),
        ("50%{of}", "50%%{of}"),
        ("${aws:username}", "$${aws:username}"),
        ("${stageVariables.alias}", "$${stageVariables.alias}"),
        ("${HOME}/${var.folder}", "$${HOME}/${var.folder}"),
        ("${aws_s3_bucket.photos.id}", "${aws_s3_bucket.photos.id}"),
        ("${data.aws_vpc.main.id}", "${data.aws_vpc.main.id}"),
        ("${module.queues.arns[0]}-${local.a}", "${module.queues.arns[0]}-${local.a}"),
        ({"${key}": [1, True, None, "${x}"]}, {"$${key}": [1, True, None, "$${x}"]}),
        (Ref("default-role", "role_arn"), "${aws_iam_role.default-role.arn}"),
        (Ref("work-live", "invoke_arn"), "${aws_lambda_alias.work-live.arn}"),
        (
            Arn("execute-api", (Ref("rest_api", "rest_api_id"), "/*")),
            "arn:${data.aws_partition.chalice.partition}:execute-api:"
            f"{PLACE}:${{aws_api_gateway_rest_api.rest_api.id}}/*",
        ),
        (
            Arn("s3", ("${aws_s3_bucket.b.id}",), region="", account=""),
            "arn:${data.aws_partition.chalice.partition}:s3:::${aws_s3_bucket.b.id}",
        ),
        (
            invocation_uri(Ref("work", "lambda_arn")),
            "${aws_lambda_function.work.invoke_arn}",
        ),
        (
            invocation_uri(Ref("work-live", "invoke_arn")),
            "${aws_lambda_alias.work-live.invoke_arn}",
        ),
    ],
)
def test_a_value_becomes_an_expression(document: Document, expected: object) -> None:
    assert expression(document) == expected


def test_what_people_are_told_has_no_references() -> None:
    document: Document = {"summary": "${var.x}", "uri": "${var.x}"}
    assert text(document, ("summary",)) == '{"summary": "$${var.x}", "uri": "${var.x}"}'


@pytest.mark.parametrize(
    ("name", "key"),
    [("second-auth", "second-auth"), ("my.bucket", "my-bucket"), ("1st", "_1st"), ("a b", "a-b")],
)
def test_a_key_is_an_identifier(name: str, key: str) -> None:
    assert key_of(name) == key
