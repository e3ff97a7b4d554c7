"""Small base images for tests, written by hand as the specification says."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ENTRY = {"Entrypoint": ["/lambda-entrypoint.sh"], "Env": ["LANG=en_US.UTF-8"]}


def tarball(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Layout:
    """An OCI image layout in a folder, with one image for each architecture."""

    def __init__(
        self, path: Path, architectures: Sequence[str] = ("amd64",), config: object = ENTRY
    ) -> None:
        self.path = path
        self._blobs = path / "blobs" / "sha256"
        self._blobs.mkdir(parents=True)
        self.layer = tarball({"etc/os-release": "NAME=base"})
        manifests = [self._image(architecture, config) for architecture in architectures]
        index = {"schemaVersion": 2, "manifests": manifests}
        if len(manifests) > 1:
            media_type = "application/vnd.oci.image.index.v1+json"
            index = {"schemaVersion": 2, "manifests": [self._put(index, media_type)]}
        (path / "index.json").write_text(json.dumps(index))
        (path / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def _image(self, architecture: str, runs: object) -> dict[str, Any]:
        config = {
            "architecture": architecture,
            "os": "linux",
            "config": runs,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest(self.layer)}"]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": self._put(config, "application/vnd.oci.image.config.v1+json"),
            "layers": [
                self._put(
                    gzip.compress(self.layer, mtime=0),
                    "application/vnd.oci.image.layer.v1.tar+gzip",
                )
            ],
        }
        platform = {"architecture": architecture, "os": "linux"}
        return {**self._put(manifest, str(manifest["mediaType"])), "platform": platform}

    def _put(self, content: object, media_type: str) -> dict[str, Any]:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        (self._blobs / digest(data)).write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest(data)}", "size": len(data)}

    def archive(self, path: Path) -> Path:
        """Put the layout into a tar archive, as ``skopeo copy`` to ``oci-archive`` does."""
        with tarfile.open(path, "w") as tar:
            for file in sorted(self.path.rglob("*")):
                tar.add(file, str(file.relative_to(self.path)), recursive=False)
        return path


def docker_archive(path: Path) -> Path:
    """Write what ``docker save`` wrote before version 25, where one layer links to another."""
    layer = tarball({"etc/os-release": "NAME=base"})
    diff_id = f"sha256:{digest(layer)}"
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": ENTRY,
        "rootfs": {"type": "layers", "diff_ids": [diff_id, diff_id]},
    }
    names = {
        "config.json": json.dumps(config).encode(),
        "one/layer.tar": layer,
        "manifest.json": json.dumps(
            [{"Config": "config.json", "Layers": ["one/layer.tar", "two/layer.tar"]}]
        ).encode(),
    }
    with tarfile.open(path, "w") as tar:
        for name, data in names.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("two/layer.tar")
        link.type, link.linkname = tarfile.SYMTYPE, "../one/layer.tar"
        tar.addfile(link)
    return path
