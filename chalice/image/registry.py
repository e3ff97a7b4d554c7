"""Getting a base image from a registry, once: what was got is kept as an OCI image layout.

https://github.com/opencontainers/distribution-spec
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from chalice.errors import ToolError
from chalice.files import replacing
from chalice.image.bases import INDEXES, MANIFESTS, PLATFORMS
from chalice.image.blobs import CHUNK, digest_of, is_digest
from chalice.image.references import Reference

_ACCEPT = ", ".join((*INDEXES, *MANIFESTS))
_MOST = 4 << 20  # bytes of a manifest, as the specification has it
_TIMEOUT = 30.0  # seconds without a byte
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_PLAIN = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")


def pull(
    reference: Reference,
    architecture: str,
    folder: Path,
    say: Callable[[str], None],
    environment: Mapping[str, str],
) -> Path:
    """Return the folder, below ``folder``, of the layout that has the image for ``architecture``.

    A tag is looked up each time; parts that are there already are not got again. Registries that
    ask for it are sent what ``docker login`` keeps in ``config.json``. Raises ToolError.
    """
    registry = _Registry(reference, environment)
    data, media_type = registry.manifest(PLATFORMS[architecture])
    digest = digest_of(data)
    layout = folder / digest.replace(":", "-")
    try:
        (layout / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
        manifest = json.loads(data)
        parts = [manifest["config"], *manifest["layers"]]
        missing = [part for part in parts if not _place(layout, part["digest"]).exists()]
        if missing:
            size = sum(part["size"] for part in missing) / 1024 / 1024
            say(f"Getting {reference} ({size:.1f} MB)")
        for part in missing:
            _keep(registry.blob(part["digest"]), _place(layout, part["digest"]), part["digest"])
        _keep([data], _place(layout, digest), digest)
        descriptor = {"mediaType": media_type, "digest": digest, "size": len(data)}
        index = json.dumps({"schemaVersion": 2, "manifests": [descriptor]}).encode()
        _keep([index], layout / "index.json", digest_of(index))
    except OSError as error:
        raise ToolError(
            f"cannot keep the base image: {error.strerror or error}", where=str(layout)
        ) from error
    return layout


def _place(layout: Path, digest: str) -> Path:
    return layout / "blobs" / digest.replace(":", "/")


def _keep(chunks: Iterable[bytes], path: Path, digest: str) -> None:
    """Write a file whole, or not at all: ToolError if the bytes have another digest."""
    seen = hashlib.sha256()
    with replacing(path, ".part-") as stream:
        for chunk in chunks:
            seen.update(chunk)
            stream.write(chunk)
        if f"sha256:{seen.hexdigest()}" != digest:
            raise ToolError(
                f"the registry sent other bytes than {digest}",
                hint="run the command again; if that does not help, the image is damaged",
            )


class _Registry:
    """The registry of one image."""

    def __init__(self, reference: Reference, environment: Mapping[str, str]) -> None:
        self._reference = reference
        self._environment = environment
        scheme = "http" if _PLAIN.fullmatch(reference.host) else "https"
        self._url = f"{scheme}://{reference.host}/v2/{reference.name}"
        self._authorization = ""

    def manifest(self, platform: str) -> tuple[bytes, str]:
        """Return the manifest of the image that runs on ``platform``, and its media type."""
        version = self._reference.version
        data, media_type = self._document(version)
        for _ in range(2):  # an index, in which there may be another
            document = self._parsed(data)
            if "manifests" not in document:
                break
            version = self._variant(document, platform)
            data, media_type = self._document(version)
        parts = [document.get("config"), *(document.get("layers") or ())]
        if media_type not in MANIFESTS or not all(
            isinstance(part, dict) and is_digest(part.get("digest")) for part in parts
        ):
            raise ToolError(f"{self._reference} is not a container image ({media_type})")
        if is_digest(version) and digest_of(data) != version:
            raise ToolError(f"the registry sent another image than {self._reference}")
        return data, media_type

    def _variant(self, index: Mapping[str, Any], platform: str) -> str:
        found = {
            (entry.get("platform") or {}).get("architecture"): entry.get("digest")
            for entry in index["manifests"]
        }
        digest = found.get(platform)
        if not is_digest(digest):
            has = ", ".join(sorted(str(name) for name in found if name not in (None, "unknown")))
            raise ToolError(
                f"{self._reference} has no variant for {platform}; it has: {has or 'none'}",
                hint="choose another image, or change `lambda_architecture`",
            )
        return str(digest)

    def _parsed(self, data: bytes) -> dict[str, Any]:
        try:
            document = json.loads(data)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise ToolError(f"what the registry says about {self._reference} is not JSON")
        return document

    def _document(self, version: str) -> tuple[bytes, str]:
        with self._opened(f"{self._url}/manifests/{version}", {"Accept": _ACCEPT}) as answer:
            media_type = answer.headers.get("Content-Type", "").partition(";")[0]
            data = answer.read(_MOST + 1)
        if len(data) > _MOST:
            raise ToolError(f"{self._reference} has a manifest of more than {_MOST} bytes")
        return data, media_type

    def blob(self, digest: str) -> Iterator[bytes]:
        """Yield the bytes of a part."""
        with self._opened(f"{self._url}/blobs/{digest}", {}) as answer:
            while chunk := answer.read(CHUNK):
                yield chunk

    @contextmanager
    def _opened(self, url: str, headers: Mapping[str, str]) -> Iterator[Any]:
        """Open a URL of the registry, logging in where it asks for that."""
        try:
            with self._open(url, headers) as answer:
                yield answer
        except HTTPError as error:
            error.close()
            hint = {
                401: f"log in with `docker login {self._reference.host}`",
                403: f"log in with `docker login {self._reference.host}`",
                404: "see whether the name and the tag are spelled right",
                429: "the registry limits requests: log in, or try later",
            }.get(error.code)
            raise ToolError(
                f"{self._reference.host} answers {error.code} {error.reason} for {self._reference}",
                hint=hint,
            ) from error
        except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
            raise ToolError(
                f"cannot get {self._reference}: {getattr(error, 'reason', error)}",
                hint="see whether the registry is reached from here, or give `image_base` a file:"
                " `skopeo copy docker://IMAGE oci-archive:base.tar` makes one",
            ) from error

    def _open(self, url: str, headers: Mapping[str, str]) -> IO[bytes]:
        try:
            return self._sent(url, headers)
        except HTTPError as error:
            challenge = error.headers.get("WWW-Authenticate", "")
            if error.code != 401 or self._authorization or not challenge:
                raise
            error.close()
            self._authorization = self._login(challenge)
        return self._sent(url, headers)

    def _sent(self, url: str, headers: Mapping[str, str]) -> IO[bytes]:
        request = Request(url, headers=dict(headers))  # noqa: S310 - http(s) by construction
        if self._authorization:  # not for those whom the registry sends us to
            request.add_unredirected_header("Authorization", self._authorization)
        return urlopen(request, timeout=_TIMEOUT)  # type: ignore[no-any-return] # noqa: S310

    def _login(self, challenge: str) -> str:
        """Return the header by which the registry knows us.

        https://distribution.github.io/distribution/spec/auth/token/
        """
        scheme, _, rest = challenge.partition(" ")
        secret = self._secret()
        if scheme.lower() != "bearer":
            return f"Basic {secret}" if secret else "Basic Og=="
        parameters = dict(_PARAMETER.findall(rest))
        realm = parameters.pop("realm", "")
        if not realm.startswith(("https://", "http://")):
            raise ToolError(f"{self._reference.host} asks for a token and does not say where")
        request = Request(f"{realm}?{urlencode(parameters)}")  # noqa: S310 - checked above
        if secret:
            request.add_unredirected_header("Authorization", f"Basic {secret}")
        with urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            document = self._parsed(answer.read(_MOST))
        return f"Bearer {document.get('token') or document.get('access_token')}"

    def _secret(self) -> str:
        """Return what ``docker login`` keeps for the registry: ``user:password`` in base64."""
        home = self._environment.get("DOCKER_CONFIG")
        path = Path(home) if home else Path.home() / ".docker"
        try:
            auths = json.loads((path / "config.json").read_text(encoding="utf-8"))["auths"]
            secret = str(auths[self._reference.host]["auth"])
            base64.b64decode(secret, validate=True)
        except (OSError, ValueError, KeyError, TypeError):
            return ""
        return secret
