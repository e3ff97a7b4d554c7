"""Values become what CloudFormation resolves to the same strings."""

from __future__ import annotations

import pytest

from chalice.model.values import Arn, Document, Ref
from chalice.render.intrinsics import intrinsic

IDS = {
    "default-role": "DefaultRole",
    "worker": "Worker",
    "rest_api": "RestAPI",
    "worker-live": "Worker.Alias",
}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("plain ${text}", "plain ${text}"),
        (None, None),
        (Ref("default-role", "role_arn"), {"Fn::GetAtt": ["DefaultRole", "Arn"]}),
        (Ref("rest_api", "rest_api_id"), {"Ref": "RestAPI"}),
        (
            Arn("execute-api", (Ref("rest_api", "rest_api_id"), "/*")),
            {
                "Fn::Sub": "arn:${AWS::Partition}:execute-api:"
                "${AWS::Region}:${AWS::AccountId}:${RestAPI}/*"
            },
        ),
        (
            Arn("apigateway", ("x/", Ref("worker", "lambda_arn"), "/y"), account="lambda"),
            {"Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:x/${Worker.Arn}/y"},
        ),
        (Ref("worker-live", "invoke_arn"), {"Ref": "Worker.Alias"}),
        (
            Arn("apigateway", ("x/", Ref("worker-live", "invoke_arn")), account="lambda"),
            {
                "Fn::Sub": [
                    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:x/${WorkerAlias}",
                    {"WorkerAlias": {"Ref": "Worker.Alias"}},
                ]
            },
        ),
        (
            Arn("s3", ("bucket/${key}",), region="", account=""),
            {"Fn::Sub": ["arn:${AWS::Partition}:s3:::${Text0}", {"Text0": "bucket/${key}"}]},
        ),
        (
            {"a": [Ref("rest_api", "rest_api_id"), 1, True]},
            {"a": [{"Ref": "RestAPI"}, 1, True]},
        ),
    ],
)
def test_a_value_becomes_an_intrinsic_function(document: Document, expected: object) -> None:
    assert intrinsic(document, IDS) == expected
