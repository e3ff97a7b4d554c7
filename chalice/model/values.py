"""Values inside resources: known now, or known once another resource exists."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Ref:
    """The output called ``output`` of the resource called ``resource``."""

    resource: str
    output: str


@dataclass(frozen=True, slots=True)
class Arn:
    """An ARN in the partition, region and account being deployed to.

    ``resource`` is everything after the account, in parts, since some parts may be references.
    ``region`` and ``account`` are None for the ones being deployed to.
    """

    service: str
    resource: tuple[str | Ref, ...]
    region: str | None = None
    account: str | None = None


Value: TypeAlias = str | Ref | Arn
Document: TypeAlias = (
    "bool | int | float | Value | Mapping[str, Document] | Sequence[Document] | None"
)
"""JSON whose strings may be values: a policy, an API document."""

Outputs: TypeAlias = Mapping[str, str]
"""What AWS gave back for a resource: ``{"role_arn": "arn:aws:iam::…"}``."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stage is deployed: ``Place("aws", "eu-west-1", "123456789012")``."""

    partition: str
    region: str
    account: str


def resolve(value: Value, place: Place, known: Mapping[str, Outputs]) -> Value:
    """Return the string that ``value`` stands for, or ``value`` itself while it is not known."""
    match value:
        case str():
            return value
        case Ref(resource, output):
            return known.get(resource, {}).get(output, value)
        case Arn(service, parts, region, account):
            texts = [resolve(part, place, known) for part in parts]
            if not all(isinstance(text, str) for text in texts):
                return value
            region = place.region if region is None else region
            account = place.account if account is None else account
            tail = "".join(str(text) for text in texts)
            return f"arn:{place.partition}:{service}:{region}:{account}:{tail}"


def resolve_document(document: Document, place: Place, known: Mapping[str, Outputs]) -> Document:
    """Return ``document`` with every known value replaced by its string."""
    if isinstance(document, (str, Ref, Arn)):
        return resolve(document, place, known)
    if isinstance(document, Mapping):
        return {key: resolve_document(item, place, known) for key, item in document.items()}
    if isinstance(document, Sequence):
        return [resolve_document(item, place, known) for item in document]
    return document


def refs(document: Document) -> frozenset[str]:
    """Return the names of the resources that ``document`` refers to."""
    match document:
        case Ref(resource, _):
            return frozenset({resource})
        case Arn(_, parts):
            return frozenset(part.resource for part in parts if isinstance(part, Ref))
        case Mapping():
            return frozenset[str]().union(*(refs(item) for item in document.values()))
        case Sequence() if not isinstance(document, str):
            return frozenset[str]().union(*(refs(item) for item in document))
        case _:
            return frozenset()


def digest(document: Document) -> str:
    """Return the SHA-256, in hex, of a fully resolved document as canonical JSON."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def leaves(document: Mapping[str, object], above: str = "") -> Iterator[str]:
    """Yield the way to each value in nested objects: ``LoggingConfig.LogGroup``."""
    for key, value in document.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}"
