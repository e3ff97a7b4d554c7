"""Images that are put together here, read by their parts and by skopeo."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chalice.errors import ToolError
from chalice.image import Part, build
from tests.image.bases import Layout, docker_archive

FOUND = shutil.which("skopeo")


@pytest.fixture
def code(tmp_path: Path) -> Path:
    return zipped(
        tmp_path / "code.zip", {"app.py": "app = 1", "chalice/__init__.py": "", "bin/tool": "#!"}
    )


def zipped(path: Path, files: Mapping[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o100755 if name.startswith("bin/") else 0o100644) << 16
            archive.writestr(info, text)
    return path


def made(base: Path, out: Path, *parts: Part, architecture: str = "x86_64") -> Image:
    build(base, parts, out, architecture=architecture, handler="app.app", tag="shop:dev")
    return Image(out)


class Image:
    """An image archive, as one who knows the specification reads it."""

    def __init__(self, path: Path) -> None:
        with tarfile.open(path) as tar:
            self.files = {
                member.name: stream.read()
                for member in tar
                if (stream := tar.extractfile(member)) is not None
            }
        (descriptor,) = self.json("index.json")["manifests"]
        self.manifest = self.blob(descriptor)
        self.config = self.blob(self.manifest["config"])

    def json(self, name: str) -> Any:
        return json.loads(self.files[name])

    def bytes(self, descriptor: Mapping[str, Any]) -> bytes:
        data = self.files[f"blobs/{descriptor['digest'].replace(':', '/')}"]
        assert descriptor["digest"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert descriptor["size"] == len(data)
        return data

    def blob(self, descriptor: Mapping[str, Any]) -> Any:
        return json.loads(self.bytes(descriptor))

    def layer(self, place: int) -> dict[str, tarfile.TarInfo]:
        data = self.bytes(self.manifest["layers"][place])
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            return {member.name: member for member in tar}


def test_the_app_is_a_layer_above_those_of_the_base(tmp_path: Path, code: Path) -> None:
    base = Layout(tmp_path / "base")

    image = made(base.path, tmp_path / "image.tar", Part(code))

    assert list(image.layer(0)) == ["etc/os-release"]
    layer = image.layer(1)
    assert list(layer) == [
        "var/task/app.py",
        "var/task/bin",
        "var/task/bin/tool",
        "var/task/chalice",
        "var/task/chalice/__init__.py",
    ]
    modes = {name: oct(member.mode) for name, member in layer.items()}
    assert modes["var/task/bin/tool"] == "0o755"
    assert modes["var/task/app.py"] == "0o644"
    runs = image.config["config"]
    assert runs["Cmd"] == ["app.app"]
    assert runs["Entrypoint"] == ["/lambda-entrypoint.sh"]
    assert runs["WorkingDir"] == "/var/task"
    assert runs["Env"] == ["LANG=en_US.UTF-8"]
    assert len(image.config["rootfs"]["diff_ids"]) == 2


def test_requirements_are_a_layer_that_stays_when_the_app_changes(
    tmp_path: Path, code: Path
) -> None:
    base = Layout(tmp_path / "base")
    needed = zipped(tmp_path / "layer.zip", {"python/requests/__init__.py": ""})

    first = made(base.path, tmp_path / "1.tar", Part(needed, "python/"), Part(code))
    zipped(code, {"app.py": "app = 2"})
    second = made(base.path, tmp_path / "2.tar", Part(needed, "python/"), Part(code))

    assert "var/task/requests/__init__.py" in first.layer(1)
    assert first.manifest["layers"][:2] == second.manifest["layers"][:2]
    assert first.manifest["layers"][2] != second.manifest["layers"][2]


def test_equal_contents_are_equal_bytes(tmp_path: Path, code: Path) -> None:
    base = Layout(tmp_path / "base")

    made(base.path, tmp_path / "1.tar", Part(code))
    made(base.path, tmp_path / "2.tar", Part(code))

    assert (tmp_path / "1.tar").read_bytes() == (tmp_path / "2.tar").read_bytes()


def test_the_variant_for_the_architecture_is_taken(tmp_path: Path, code: Path) -> None:
    base = Layout(tmp_path / "base", ("amd64", "arm64"))

    image = made(base.path, tmp_path / "i.tar", Part(code), architecture="arm64")

    assert image.config["architecture"] == "arm64"


def test_a_base_without_the_architecture_is_refused(tmp_path: Path, code: Path) -> None:
    base = Layout(tmp_path / "base")

    with pytest.raises(ToolError, match=r"no variant for arm64 \(arm64\); it has: amd64"):
        made(base.path, tmp_path / "i.tar", Part(code), architecture="arm64")

    assert not (tmp_path / "i.tar").exists()


def test_bases_may_be_archives(tmp_path: Path, code: Path) -> None:
    layout = Layout(tmp_path / "base")

    of_folder = made(layout.path, tmp_path / "1.tar", Part(code))
    of_archive = made(layout.archive(tmp_path / "base.tar"), tmp_path / "2.tar", Part(code))

    assert of_folder.files == of_archive.files


def test_archives_of_older_dockers_are_bases_too(tmp_path: Path, code: Path) -> None:
    image = made(docker_archive(tmp_path / "saved.tar"), tmp_path / "i.tar", Part(code))

    assert list(image.layer(0)) == list(image.layer(1)) == ["etc/os-release"]
    assert "var/task/app.py" in image.layer(2)


def test_a_base_without_entry_point_runs_the_client_of_the_requirements(
    tmp_path: Path, code: Path
) -> None:
    base = Layout(tmp_path / "base", config={"Env": ["A=b"]})
    client = zipped(tmp_path / "layer.zip", {"python/awslambdaric/__main__.py": ""})

    image = made(base.path, tmp_path / "i.tar", Part(client, "python/"), Part(code))

    assert image.config["config"]["Entrypoint"] == ["python3", "-m", "awslambdaric"]
    assert image.config["config"]["Env"] == ["A=b", "LAMBDA_TASK_ROOT=/var/task"]
    with pytest.raises(ToolError) as caught:
        made(base.path, tmp_path / "j.tar", Part(code))
    assert "add `awslambdaric` to requirements.txt" in str(caught.value.hint)


def test_a_damaged_base_is_refused_and_the_old_image_stays(tmp_path: Path, code: Path) -> None:
    base = Layout(tmp_path / "base")
    out = tmp_path / "image.tar"
    out.write_text("old")
    blobs = (base.path / "blobs" / "sha256").iterdir()
    layer = next(path for path in blobs if path.read_bytes()[:2] == b"\x1f\x8b")
    layer.write_bytes(layer.read_bytes()[:-1] + b"!")

    with pytest.raises(ToolError, match="the base image is damaged"):
        made(base.path, out, Part(code))

    assert out.read_text() == "old"
    assert not list(tmp_path.glob(".image-*"))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("index.json", "{", "`index.json` of the base image cannot be read"),
        ("index.json", '{"manifests": [{"digest": "../../etc/passwd"}]}', "is no sha256 digest"),
        ("index.json", '{"manifests": []}', "it has: none"),
    ],
)
def test_what_is_no_image_is_refused(
    tmp_path: Path, code: Path, name: str, content: str, words: str
) -> None:
    base = Layout(tmp_path / "base")
    (base.path / name).write_text(content)

    with pytest.raises(ToolError, match=words):
        made(base.path, tmp_path / "i.tar", Part(code))


def test_a_base_that_is_not_there_is_named(tmp_path: Path, code: Path) -> None:
    with pytest.raises(ToolError) as caught:
        made(tmp_path / "nowhere", tmp_path / "i.tar", Part(code))

    assert caught.value.where == str(tmp_path / "nowhere")
    assert "docker save" in str(caught.value.hint)


def test_no_room_for_the_image_is_told(tmp_path: Path, code: Path) -> None:
    base = Layout(tmp_path / "base")

    with pytest.raises(ToolError, match="cannot write the image"):
        made(base.path, tmp_path / "no" / "folder" / "i.tar", Part(code))


@pytest.mark.skipif(FOUND is None, reason="needs skopeo")
@pytest.mark.parametrize("kind", ["oci-archive", "docker-archive"])
def test_skopeo_reads_and_copies_the_image(tmp_path: Path, code: Path, kind: str) -> None:
    base = Layout(tmp_path / "base")
    image = made(base.path, tmp_path / "image.tar", Part(code))

    target = tmp_path / "copied"
    source = f"{kind}:{tmp_path / 'image.tar'}"
    skopeo("--insecure-policy", "copy", source, f"dir:{target}")
    config = json.loads(skopeo("inspect", "--config", source))

    assert config["config"]["Cmd"] == ["app.app"]
    assert config["rootfs"] == image.config["rootfs"]
    copied = json.loads((target / "manifest.json").read_text())
    assert len(copied["layers"]) == 2


def skopeo(*arguments: str) -> str:
    assert FOUND is not None
    done = subprocess.run([FOUND, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
