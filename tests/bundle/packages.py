"""Wheels, source distributions and shared libraries, made where they are needed."""

from __future__ import annotations

import base64
import hashlib
import io
import struct
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

X86_64, ARM64 = 62, 183

# A build backend that needs nothing. Its wheel is tagged for this interpreter and machine unless
# the tag has no places to fill in.
BACKEND = """
import os, platform, sys, zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    if {failure!r}:
        sys.exit({failure!r})
    python = "cp%d%d" % sys.version_info[:2]
    tag = {tag!r}.format(python=python, machine=platform.machine())
    name = "{name}-{version}-%s.whl" % tag
    folder = "{name}-{version}.dist-info/"
    metadata = "Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n"
    for dependency in {needs!r}:
        metadata += "Requires-Dist: %s\\n" % dependency
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        for path, data in {files!r}.items():
            wheel.writestr(path, data)
        wheel.writestr(folder + "METADATA", metadata)
        wheel.writestr(folder + "WHEEL", "Wheel-Version: 1.0\\nTag: %s\\n" % tag)
        rows = [*{files!r}, folder + "METADATA", folder + "WHEEL", folder + "RECORD"]
        wheel.writestr(folder + "RECORD", "".join("%s,,\\n" % row for row in rows))
    return name

build_editable = build_wheel
"""
NATIVE = "{python}-{python}-linux_{machine}"


def wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    tag: str = "py3-none-any",
    files: Mapping[str, bytes] | None = None,
    needs: Sequence[str] = (),
    scripts: Sequence[str] = (),
    python: str = "",
) -> None:
    """Put a wheel into ``folder``. A script is given as ``command = module:function``,
    the Python it requires as ``>=3.10``.
    """
    contents = dict(files or {f"{name}.py": b"ANSWER = 42\n"})
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"]
    metadata += [f"Requires-Dist: {need}\n" for need in needs]
    metadata += [f"Requires-Python: {python}\n"] if python else []
    contents[f"{info}/METADATA"] = "".join(metadata).encode()
    tags = "".join(f"Tag: {each}\n" for each in expanded(tag))
    contents[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n{tags}".encode()
    if scripts:
        listed = "\n".join(("[console_scripts]", *scripts))
        contents[f"{info}/entry_points.txt"] = listed.encode()
    rows = [f"{path},{recorded_hash(data)},{len(data)}\n" for path, data in contents.items()]
    contents[f"{info}/RECORD"] = "".join((*rows, f"{info}/RECORD,,\n")).encode()
    with zipfile.ZipFile(folder / f"{name}-{version}-{tag}.whl", "w") as archive:
        for path, data in contents.items():
            archive.writestr(path, data)


def expanded(tag: str) -> list[str]:
    pythons, abis, platforms = (part.split(".") for part in tag.split("-"))
    return [f"{p}-{a}-{s}" for p in pythons for a in abis for s in platforms]


def recorded_hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"


def sdist(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    tag: str = "py3-none-any",
    files: Mapping[str, bytes] | None = None,
    needs: Sequence[str] = (),
    failure: str = "",
) -> None:
    """Put a source distribution into ``folder``; building it fails if ``failure`` says so."""
    with tarfile.open(folder / f"{name}-{version}.tar.gz", "w:gz") as archive:
        for path, text in sources(name, version, tag, files, needs, failure).items():
            info = tarfile.TarInfo(f"{name}-{version}/{path}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))


def sources(
    name: str,
    version: str = "1.0",
    tag: str = "py3-none-any",
    files: Mapping[str, bytes] | None = None,
    needs: Sequence[str] = (),
    failure: str = "",
) -> dict[str, str]:
    """The files of a source tree, by path."""
    contents = dict(files or {f"{name}.py": b"ANSWER = 42\n"})
    dependencies = ", ".join(f'"{need}"' for need in needs)
    return {
        "pyproject.toml": f"""
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "{name}"
version = "{version}"
dependencies = [{dependencies}]
""",
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "backend.py": BACKEND.format(
            name=name, version=version, tag=tag, files=contents, needs=list(needs), failure=failure
        ),
    }


def shared_library(
    machine: int = X86_64,
    *,
    libraries: Sequence[str] = ("libc.so.6",),
    symbols: Sequence[str] = ("GLIBC_2.17",),
) -> bytes:
    """A 64-bit ELF file with the headers that say what a library needs, and no code."""
    names = b"\0"
    places: dict[str, int] = {}
    for text in (*libraries, *symbols):
        places[text] = len(names)
        names += text.encode() + b"\0"
    dynamic = b"".join(struct.pack("<QQ", 1, places[name]) for name in libraries)
    dynamic += struct.pack("<QQ", 0, 0)
    needs = struct.pack("<HHIII", 1, len(symbols), places[libraries[0]], 16, 0)
    for position, symbol in enumerate(symbols, 1):
        following = 16 if position < len(symbols) else 0
        needs += struct.pack("<IHHII", 0, 0, position, places[symbol], following)
    parts = (names, dynamic, needs)
    starts = [64 + sum(len(part) for part in parts[:index]) for index in range(4)]
    kinds = ((3, 0, 0), (6, 1, 0), (0x6FFFFFFE, 1, 1))  # kind, section of its names, entries
    sections = bytes(64)
    for (kind, link, entries), start, part in zip(kinds, starts, parts, strict=False):
        sections += struct.pack("<IIQQQQIIQQ", 0, kind, 0, 0, start, len(part), link, entries, 1, 0)
    # The section of names comes first after the null section: number 1.
    header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header += struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 0, starts[3], 0, 64, 0, 0, 64, 4, 1)
    return header + b"".join(parts) + sections
