"""Policies that a person wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from chalice.errors import ToolError
from chalice.model.values import Document
from chalice.policy.written import from_file


def read_role_policy(project_dir: Path, stage: str, configured: str | None) -> Document:
    """Return the policy document of a role whose policy is not generated.

    The file is ``.chalice/<configured>`` or, where none is configured, ``policy-<stage>.json``,
    or ``policy.json``. ``${AWS::Region}`` and its
    like in ARNs are those of the deploy. Raises ToolError when there is none, or it is no policy.
    """
    names = [configured] if configured else [f"policy-{stage}.json", "policy.json"]
    for name in names:
        document = _read(project_dir / ".chalice" / name)
        if document is not None:
            return from_file(document)
    listed = " or ".join(f".chalice/{name}" for name in names)
    raise ToolError(
        "`autogen_policy` is false and there is no IAM policy file",
        where=listed,
        hint=f"write the policy document into {listed}, name another file with "
        "`iam_policy_file`, or leave `autogen_policy` out",
    )


def read_api_policy(project_dir: Path, name: str) -> Document:
    """Return the resource policy of the REST API. Raises ToolError as for roles."""
    document = _read(project_dir / ".chalice" / name)
    if document is None:
        raise ToolError(
            "`api_gateway_policy_file` names a file that does not exist",
            where=f".chalice/{name}",
            hint="write the API's resource policy into it",
        )
    return document


def read_policy(path: Path) -> Document:
    """Return the policy in a file. Raises ToolError when there is none, or it is no policy."""
    document = _read(path)
    if document is None:
        raise ToolError("the policy file does not exist", where=str(path))
    return from_file(document)


def _read(path: Path) -> Mapping[str, Document] | None:
    """Return the document in a file, None if there is no such file."""
    try:
        return _parse(path, path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ToolError(f"cannot read the policy: {error}", where=str(path)) from error


def _parse(path: Path, text: str) -> Mapping[str, Document]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ToolError(f"the policy is not JSON: {error}", where=str(path)) from error
    if not isinstance(document, dict) or "Statement" not in document:
        raise ToolError(
            "the policy has no `Statement`",
            where=str(path),
            hint='it should look like {"Version": "2012-10-17", "Statement": [...]}',
        )
    return document
