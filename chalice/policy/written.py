"""The generated policy as a file that a person may edit: ``.chalice/policy-<stage>.json``.

It is the union of what the roles of the stage are allowed. ARNs in it have CloudFormation's pseudo
parameters where they depend on the place, which ``read_role_policy`` fills in. Its ``Id`` says what
was written: a file whose ``Id`` does not fit, or that has none, is a person's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from chalice.model.values import Document, digest
from chalice.policy.arns import placed, written

_MARK = "chalice-"


def as_file(policy: Document) -> str:
    """Return the text of the file of a policy."""
    document = written(policy)
    marked = {"Id": _mark(document), **(document if isinstance(document, Mapping) else {})}
    return json.dumps(marked, indent=2) + "\n"


def from_file(document: Mapping[str, Document]) -> Document:
    """Return the policy in a file, without the mark and with the place left open in its ARNs."""
    mark = document.get("Id")
    ours = isinstance(mark, str) and mark.startswith(_MARK)
    return placed({key: item for key, item in document.items() if not (ours and key == "Id")})


def is_untouched(text: str) -> bool:
    """Return whether this is a file that was written here, as it was written."""
    try:
        document = json.loads(text)
    except ValueError:
        return False
    if not isinstance(document, dict) or "Id" not in document:
        return False
    mark = document.pop("Id")
    return bool(mark == _mark(document))


def write(path: Path, policy: Document) -> bool:
    """Write the file, unless a person has edited it; return whether it now has the policy."""
    text = as_file(policy)
    try:
        present = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        present = None
    except (OSError, UnicodeDecodeError):
        return False
    if present == text:
        return True
    if present is not None and not is_untouched(present):
        return False
    _replace(path, text)
    return True


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)


def _mark(document: Document) -> str:
    return _MARK + digest(document)[:16]
