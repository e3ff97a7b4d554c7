"""Archives from elsewhere: taken apart as installers do, and refused where they are hostile."""

from __future__ import annotations

import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from chalice.bundle import vetting, wheels
from chalice.errors import ToolError
from tests.bundle.conftest import Projects, refused
from tests.bundle.packages import sdist, wheel

LINK = stat.S_IFLNK | 0o777
NAME = "evil-1.0-py3-none-any.whl"


def hostile_wheel(folder: Path, *members: tuple[str, bytes, int]) -> Path:
    """A wheel with members of these names, contents and modes besides what it needs."""
    wheel(folder, "evil")
    with zipfile.ZipFile(folder / NAME, "a") as archive:
        for name, data, mode in members:
            info = zipfile.ZipInfo("placeholder")
            info.filename = info.orig_filename = name
            info.external_attr = mode << 16
            archive.writestr(info, data)
    return folder / NAME


HOSTILE: Mapping[str, tuple[tuple[str, bytes, int], str]] = {
    "parent": (("../evil.py", b"", 0o644), "`../evil.py` would lie outside of it"),
    "inner parent": (("evil/../../x.py", b"", 0o644), "would lie outside of it"),
    "absolute": (("/etc/evil", b"", 0o644), "`/etc/evil` would lie outside of it"),
    "windows": (("C:\\evil", b"", 0o644), "would lie outside of it"),
    "backslash": (("..\\evil", b"", 0o644), "would lie outside of it"),
    "link": (("evil/link", b"/etc/passwd", LINK), "`evil/link` is a symbolic link"),
    "device": (("evil/dev", b"", stat.S_IFCHR | 0o644), "`evil/dev` is neither a file nor"),
    "pipe": (("evil/pipe", b"", stat.S_IFIFO | 0o644), "`evil/pipe` is neither a file nor"),
    "case": (("Evil.py", b"", 0o644), "`Evil.py` differs only in case from `evil.py`"),
}


@pytest.mark.parametrize(("member", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_wheel_is_refused_by_its_name_and_the_member(
    project: Projects, links: Path, member: tuple[str, bytes, int], reason: str
) -> None:
    hostile_wheel(links, member)
    before = sorted(links.parent.rglob("*"))
    root = project(requirements="evil")
    error = refused(root)
    assert error.summary.startswith(f"`{NAME}` is refused: its member ")
    assert reason in error.summary
    assert sorted(set(links.parent.rglob("*")) - set(before) - set(root.rglob("*"))) == [root]


def test_a_member_that_comes_twice_is_refused(tmp_path: Path) -> None:
    wheel(tmp_path, "evil")
    with (
        zipfile.ZipFile(tmp_path / NAME, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("evil.py", b"other")
    with pytest.raises(ToolError, match=r"its member `evil.py` comes twice"):
        wheels.read(tmp_path / NAME, NAME)


def test_a_wheel_that_claims_to_be_vast_is_refused_before_anything_is_inflated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = hostile_wheel(tmp_path, ("evil/zeros", bytes(1000), 0o644))
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\1\2", 0, data.rindex(b"evil/zeros"))
    struct.pack_into("<I", data, at + 24, 0xF0000000)
    path.write_bytes(data)
    with pytest.raises(ToolError, match="claims to hold more than any that Lambda could take"):
        wheels.read(path, NAME)


@pytest.mark.parametrize("claim", [10, 5000])
def test_a_member_that_is_not_as_large_as_it_claims_is_refused(tmp_path: Path, claim: int) -> None:
    wheel(tmp_path, "evil")
    with zipfile.ZipFile(tmp_path / NAME, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("evil/zeros", bytes(1000))
    data = bytearray((tmp_path / NAME).read_bytes())
    at = data.rindex(b"PK\1\2", 0, data.rindex(b"evil/zeros"))
    struct.pack_into("<I", data, at + 24, claim)
    (tmp_path / NAME).write_bytes(data)
    with pytest.raises(ToolError, match="`evil/zeros` is not as large"):
        wheels.read(tmp_path / NAME, NAME)


def test_a_damaged_wheel_is_named(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"PK nothing")
    with pytest.raises(ToolError, match=f"`{NAME}` cannot be read"):
        wheels.read(tmp_path / NAME, NAME)


def tar(folder: Path, *members: tarfile.TarInfo) -> Path:
    """A source distribution to which members were added."""
    sdist(folder, "evil")
    path = folder / "evil-1.0.tar.gz"
    with tarfile.open(path) as archive:
        own = [(each, archive.extractfile(each)) for each in archive]
        contents = [(each, file.read()) for each, file in own if file is not None]
    with tarfile.open(path, "w:gz") as archive:
        for each, data in contents:
            archive.addfile(each, io.BytesIO(data))
        for member in members:
            archive.addfile(member)
    return path


def info(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (info("../evil"), "`../evil` would lie outside of it"),
        (info("/etc/evil"), "`/etc/evil` would lie outside of it"),
        (info("evil-1.0/l", tarfile.SYMTYPE, "../../x"), "leads out of it, to `evil-1.0/../../x`"),
        (info("evil-1.0/l", tarfile.SYMTYPE, "/etc"), "leads out of it, to `/etc`"),
        (info("evil-1.0/l", tarfile.LNKTYPE, "../x"), "leads out of it, to `../x`"),
        (info("evil-1.0/dev", tarfile.CHRTYPE), "is neither a file nor a directory"),
        (info("evil-1.0/pipe", tarfile.FIFOTYPE), "is neither a file nor a directory"),
        (info("evil-1.0/BACKEND.py"), "differs only in case from `evil-1.0/backend.py`"),
        (info("evil-1.0/backend.py"), "comes twice"),
    ],
)
def test_hostile_sources_are_refused_before_they_are_built(
    project: Projects, links: Path, member: tarfile.TarInfo, reason: str
) -> None:
    tar(links, member)
    error = refused(project(requirements="evil"))
    assert error.summary.startswith("`evil-1.0.tar.gz` is refused: its member ")
    assert reason in error.summary


def test_links_within_sources_are_let_pass(tmp_path: Path) -> None:
    path = tar(tmp_path, info("evil-1.0/docs/l", tarfile.SYMTYPE, "../backend.py"))
    vetting.check_archive(path, path.name)


def test_sources_that_are_no_archive_are_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.tar.gz"
    path.write_bytes(b"nothing")
    with pytest.raises(ToolError, match=r"`broken.tar.gz` cannot be read"):
        vetting.check_archive(path, path.name)
