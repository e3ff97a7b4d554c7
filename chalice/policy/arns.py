"""ARNs as text with CloudFormation's pseudo parameters, and as values that a deploy resolves."""

from __future__ import annotations

import re

from chalice.model.values import Arn, Document, Ref, Value

PARTITION, REGION, ACCOUNT = "${AWS::Partition}", "${AWS::Region}", "${AWS::AccountId}"
_PSEUDO = re.compile(r"\$\{AWS::\w+\}")
_FIELD = r"((?:\$\{AWS::\w+\}|[^:])*)"
_ARN = re.compile(rf"arn:{_FIELD}:{_FIELD}:{_FIELD}:{_FIELD}:(.*)", re.DOTALL)


def value_of(text: str) -> Value:
    """Return what the text stands for: an ``Arn`` where it leaves the place to the deploy.

    Pseudo parameters elsewhere in it become ``*``.
    """
    found = _ARN.fullmatch(text)
    if found is None or not {PARTITION, REGION, ACCOUNT} & {found[1], found[3], found[4]}:
        return anywhere(text)
    region, account = found[3], found[4]
    return Arn(
        found[2],
        (anywhere(found[5]),),
        None if region == REGION else anywhere(region),
        None if account == ACCOUNT else anywhere(account),
    )


def text_of(value: object) -> str | None:
    """Return the text of a value; None for one that refers to another resource."""
    match value:
        case str():
            return value
        case Arn(service, parts, region, account) if not any(isinstance(p, Ref) for p in parts):
            region = REGION if region is None else region
            account = ACCOUNT if account is None else account
            resource = "".join(str(part) for part in parts)
            return f"arn:{PARTITION}:{service}:{region}:{account}:{resource}"
    return None


def placed(document: Document) -> Document:
    """Return a document with the texts in it that leave the place open as values."""
    match document:
        case str():
            return value_of(document) if document.startswith(f"arn:{PARTITION}:") else document
        case dict():
            return {key: placed(item) for key, item in document.items()}
        case list():
            return [placed(item) for item in document]
    return document


def written(document: Document) -> Document:
    """Return a document with its values as text, as ``placed`` reads them."""
    text = text_of(document)
    if text is not None:
        return text
    match document:
        case dict():
            return {key: written(item) for key, item in document.items()}
        case list() | tuple():
            return [written(item) for item in document]
    return document


def anywhere(text: str) -> str:
    """Return an ARN with ``*`` where the place is left to the deploy: what IAM takes as it is."""
    return _PSEUDO.sub("*", text)


def covers(pattern: str, other: str) -> bool:
    """Return whether every resource that ``other`` stands for is one of those of ``pattern``."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "[^*]")
    return re.fullmatch(expression, other, re.DOTALL) is not None
