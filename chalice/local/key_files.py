"""Files with the public keys of issuers: key sets (JWKS), single keys (JWK), and PEM."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalice.errors import ToolError
from chalice.local.issuers import Keys

_HINT = (
    'a file has a key set ({"keys": [...]}), one key ({"kty": "RSA", ...}), or a public key in PEM'
)


@dataclass(frozen=True)
class GivenKeys:
    """Key sets by issuer; those under the empty name are good for every issuer of the app."""

    by_issuer: Mapping[str, Keys] = field(default_factory=dict)

    def find(self, issuer: str) -> Keys | None:
        """Return the keys of an issuer: a URL, which may be given by its end, the pool's id."""
        for name in (issuer, issuer.rpartition("/")[2], ""):
            if name in self.by_issuer:
                return self.by_issuer[name]
        return None


def read_key_files(files: Iterable[tuple[str, Path]]) -> GivenKeys:
    """Return the keys in files, each with the name of its issuer. Raises ToolError."""
    keys: dict[str, list[Any]] = {}
    for issuer, path in files:
        keys.setdefault(issuer.rstrip("/"), []).extend(_read(path))
    return GivenKeys({issuer: {"keys": each} for issuer, each in keys.items()})


def _read(path: Path) -> list[Any]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ToolError(f"the key file `{path}` cannot be read: {error.strerror}") from error
    try:
        from joserfc.errors import JoseError  # noqa: PLC0415  # the extra `cloud` has it
        from joserfc.jwk import RSAKey  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ToolError(
            "joserfc, which checks tokens, is not installed", hint="pip install 'chalice[cloud]'"
        ) from error
    try:
        found = [content] if b"-----BEGIN" in content else _keys_in(json.loads(content))
        keys = [RSAKey.import_key(each).as_dict(private=False) for each in found]
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ToolError(
            f"`{path}` has no public RSA keys: {error}", where=str(path), hint=_HINT
        ) from error
    if not keys:
        raise ToolError(f"`{path}` has no public RSA keys", where=str(path), hint=_HINT)
    return keys


def _keys_in(document: Any) -> list[Any]:
    """Return the RSA keys of a set, or the one key that a document is."""
    if not isinstance(document, dict):
        raise ValueError("it is no JSON object")
    keys = document.get("keys", [document])
    if not isinstance(keys, list) or not all(isinstance(each, dict) for each in keys):
        raise ValueError("`keys` is no list of objects")
    return [each for each in keys if each.get("kty", "RSA") == "RSA"]
