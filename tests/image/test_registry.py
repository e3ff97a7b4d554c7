"""Base images from a registry, over HTTP."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalice.errors import ToolError
from chalice.image.references import Reference, is_file, parse
from chalice.image.registry import pull
from tests.image.bases import Layout
from tests.image.registry import USER, Registry, serving


def pulled(registry: Registry, tmp_path: Path, *, architecture: str = "x86_64") -> Path:
    reference = parse(f"{registry.host}/team/base:1")
    assert reference is not None
    environment = {"DOCKER_CONFIG": str(tmp_path / "docker")}
    return pull(reference, architecture, tmp_path / "kept", lambda line: None, environment)


@pytest.mark.parametrize("architectures", [("amd64",), ("amd64", "arm64")])
def test_an_image_is_got_once(tmp_path: Path, architectures: tuple[str, ...]) -> None:
    base = Layout(tmp_path / "base", architectures)

    with serving(base.path) as registry:
        layout = pulled(registry, tmp_path)
        parts = [path for path in registry.asked if "/blobs/" in path]
        assert pulled(registry, tmp_path) == layout
        again = [path for path in registry.asked if "/blobs/" in path]

    assert len(parts) == 2
    assert again == parts
    (descriptor,) = json.loads((layout / "index.json").read_text())["manifests"]
    manifest = layout / "blobs" / descriptor["digest"].replace(":", "/")
    assert manifest.read_bytes() == (base.path / manifest.relative_to(layout)).read_bytes()


def test_a_registry_is_told_what_docker_login_keeps(tmp_path: Path) -> None:
    base = Layout(tmp_path / "base")

    with serving(base.path, guarded=True) as registry:
        with pytest.raises(ToolError) as caught:
            pulled(registry, tmp_path)
        assert caught.value.hint == f"log in with `docker login {registry.host}`"
        (tmp_path / "docker").mkdir()
        auths = {"auths": {registry.host: {"auth": USER}}}
        (tmp_path / "docker" / "config.json").write_text(json.dumps(auths))
        assert (pulled(registry, tmp_path) / "index.json").exists()


def test_an_architecture_that_is_not_there_is_named(tmp_path: Path) -> None:
    base = Layout(tmp_path / "base", ("amd64", "ppc64le"))

    with (
        serving(base.path) as registry,
        pytest.raises(ToolError, match="no variant for arm64; it has: amd64, ppc64le"),
    ):
        pulled(registry, tmp_path, architecture="arm64")


def test_a_damaged_part_is_not_kept(tmp_path: Path) -> None:
    base = Layout(tmp_path / "base")
    blobs = base.path / "blobs" / "sha256"
    layer = next(path for path in blobs.iterdir() if path.read_bytes()[:2] == b"\x1f\x8b")
    whole = layer.read_bytes()
    layer.write_bytes(whole[:-1])

    with serving(base.path) as registry:
        with pytest.raises(ToolError, match="sent other bytes"):
            pulled(registry, tmp_path)
        layer.write_bytes(whole)
        layout = pulled(registry, tmp_path)

    assert (layout / "blobs" / "sha256" / layer.name).read_bytes() == whole
    assert not list(layout.rglob(".part-*"))


def test_an_image_that_is_not_there_is_named(tmp_path: Path) -> None:
    base = Layout(tmp_path / "base")

    with serving(base.path) as registry:
        reference = Reference(registry.host, "team/other", "1")
        with pytest.raises(ToolError, match=r"answers 404 Not Found for .*/team/other:1"):
            pull(reference, "x86_64", tmp_path, lambda line: None, {})


def test_a_registry_that_is_not_reached_is_told(tmp_path: Path) -> None:
    with serving(Layout(tmp_path / "base").path) as registry:
        pass

    with pytest.raises(ToolError, match="refused") as caught:
        pulled(registry, tmp_path)

    assert "oci-archive" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "host", "name", "version"),
    [
        ("public.ecr.aws/lambda/python:3.12", "public.ecr.aws", "lambda/python", "3.12"),
        ("python:3.12-slim", "registry-1.docker.io", "library/python", "3.12-slim"),
        ("amazon/aws-lambda-python", "registry-1.docker.io", "amazon/aws-lambda-python", "latest"),
        ("localhost:5000/a/b:1", "localhost:5000", "a/b", "1"),
        (f"x.io/a:1@sha256:{'0' * 64}", "x.io", "a", f"sha256:{'0' * 64}"),
    ],
)
def test_names_of_images_are_read_as_docker_does(
    text: str, host: str, name: str, version: str
) -> None:
    assert parse(text) == Reference(host, name, version)


@pytest.mark.parametrize("text", ["./base", "base.tar", "../x/y.tar", "/abs", "A/Strange:Name"])
def test_files_are_told_from_images(tmp_path: Path, text: str) -> None:
    (tmp_path / "base.tar").touch()

    assert is_file(text, tmp_path)
    assert not is_file("python:3.12", tmp_path)
