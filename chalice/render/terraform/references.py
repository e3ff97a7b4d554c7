"""Values of resources as Terraform writes them: references in ``${…}``, all else literal.

https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from chalice.model.values import Arn, Document, Ref

PARTITION = "${data.aws_partition.chalice.partition}"
REGION = "${data.aws_region.chalice.id}"
ACCOUNT = "${data.aws_caller_identity.chalice.account_id}"
ATTRIBUTES: Mapping[str, str] = {
    "role_arn": "aws_iam_role.{}.arn",
    "lambda_arn": "aws_lambda_function.{}.arn",
    "invoke_arn": "aws_lambda_alias.{}.arn",
    "layer_version_arn": "aws_lambda_layer_version.{}.arn",
    "rest_api_id": "aws_api_gateway_rest_api.{}.id",
    "http_api_id": "aws_apigatewayv2_api.{}.id",
    "websocket_api_id": "aws_apigatewayv2_api.{}.id",
    "api_key_id": "aws_api_gateway_api_key.{}.id",
}
"""Where each output is found, with the key of the resource left open."""
_REFERENCE = re.compile(
    r"""\$\{
    (?: (?:var|local|module) | data\.[a-z]\w* | [a-z][a-z0-9]*_\w+ )  # a type, or what has none
    \. [A-Za-z_] [\w.\-\[\]"*]*
    \}""",
    re.VERBOSE,
)
_MARKS = re.compile(r"([$%])\{")


def key_of(name: str) -> str:
    """Return the key of a resource in Terraform: its name, as far as that is an identifier."""
    key = re.sub(r"[^A-Za-z0-9_-]", "-", name)
    return key if re.match("[A-Za-z_]", key) else f"_{key}"


def escaped(text: str) -> str:
    """Return what Terraform reads as just this text."""
    return _MARKS.sub(r"\1\1{", text)


def literal(text: str) -> str:
    """Return what Terraform reads as this text, except that references in it are references.

    An app that is deployed with Terraform may name what other files of the module make:
    ``${aws_s3_bucket.photos.id}``. Policy variables (``${aws:username}``) are no references.
    """
    parts, end = [], 0
    for found in _REFERENCE.finditer(text):
        parts += [escaped(text[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*parts, escaped(text[end:])])


def expression(document: Document, prose: Collection[str] = ()) -> Any:
    """Return ``document`` as JSON. What stands under a key in ``prose`` is just text."""
    match document:
        case str():
            return literal(document)
        case Ref():
            return f"${{{address(document)}}}"
        case Arn():
            return _arn(document)
        case Mapping():
            return {
                escaped(key): escaped(item)
                if key in prose and isinstance(item, str)
                else expression(item, prose)
                for key, item in document.items()
            }
        case Sequence():
            return [expression(item, prose) for item in document]
        case _:
            return document


def text(document: Document, prose: Collection[str] = ()) -> str:
    """Return ``document`` as JSON in a string."""
    return json.dumps(expression(document, prose))


def address(ref: Ref) -> str:
    """Return where Terraform finds an output: ``aws_iam_role.default-role.arn``."""
    return ATTRIBUTES[ref.output].format(key_of(ref.resource))


def _arn(arn: Arn) -> str:
    if arn.service == "apigateway":  # the URI by which API Gateway invokes a function
        invoked = next(part for part in arn.resource if isinstance(part, Ref))
        return f"${{{address(invoked).removesuffix('arn')}invoke_arn}}"
    region = REGION if arn.region is None else arn.region
    account = ACCOUNT if arn.account is None else arn.account
    tail = "".join(expression(part) for part in arn.resource)
    return f"arn:{PARTITION}:{arn.service}:{region}:{account}:{tail}"
