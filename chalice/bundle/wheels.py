"""Wheels, taken apart without unpacking them: what is compressed in them stays as it is.

https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from os import cpu_count
from pathlib import Path

from chalice.bundle import archive, vetting
from chalice.bundle.archive import File, Member
from chalice.bundle.packages import Package, is_bundled, recorded, summed
from chalice.errors import ToolError

_LOCAL_NAMES = struct.Struct("<26xHH")
_LOCAL_SIZE = 30
_KEPT_PLAIN = 1024 * 1024  # bytes up to which contents stay in memory: modules are smaller
_SCRIPT = re.compile(rb"\A#!python\w*")
_INFO = re.compile(r"([^/]+)\.dist-info/")


def read(path: Path, name: str) -> Package:
    """Return the package in a wheel, called ``name`` in errors.

    Its files are placed as an installer does, save for headers and for the scripts that an
    installer makes up; the sizes and sums that the wheel claims are true. Raises ToolError for
    what is no wheel, or a hostile one.
    """
    try:
        with zipfile.ZipFile(path) as opened:
            vetting.check_wheel(opened, name)
            infos = [info for info in opened.infolist() if not info.is_dir()]
            data = memoryview(path.read_bytes())
            with ThreadPoolExecutor(cpu_count()) as pool:
                members = list(pool.map(lambda info: _member(opened, data, info), infos))
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError) as error:
        raise _damaged(name, str(error)) from error
    return _placed(members, name)


def _damaged(name: str, reason: str) -> ToolError:
    return ToolError(f"`{name}` cannot be read: {reason}", hint="it is damaged, or is no wheel")


def _member(opened: zipfile.ZipFile, data: memoryview, info: zipfile.ZipInfo) -> Member:
    executable = bool(info.external_attr >> 16 & 0o111)
    if info.flag_bits & 1:
        raise zipfile.BadZipFile(f"`{info.filename}` is encrypted")
    if info.compress_type != zipfile.ZIP_DEFLATED:
        return archive.member(File(info.filename, opened.read(info), executable))
    names = _LOCAL_NAMES.unpack_from(data, info.header_offset)
    start = info.header_offset + _LOCAL_SIZE + sum(names)
    packed = data[start : start + info.compress_size]
    member = Member(info.filename, executable, info.compress_type, info.CRC, info.file_size, packed)
    plain = _inflated(member, len(packed) == info.compress_size)
    return replace(member, plain=plain if len(plain) < _KEPT_PLAIN else None)


def _inflated(member: Member, is_whole: bool) -> bytes:
    """Inflate a member as far as it claims to go, and no further."""
    inflater = zlib.decompressobj(-15)
    plain = inflater.decompress(member.data, member.size + 1)
    is_whole = is_whole and inflater.eof and len(plain) == member.size
    if not is_whole or zlib.crc32(plain) != member.crc:
        raise zipfile.BadZipFile(f"`{member.name}` is not as large, or not what, it claims to be")
    return plain


def _placed(members: list[Member], name: str) -> Package:
    infos = {found[1] for each in members if (found := _INFO.match(each.name))}
    if len(infos) != 1:
        raise _damaged(name, "it has no `.dist-info`" if not infos else "it is of two packages")
    [info] = infos
    placed: dict[str, Member] = {}
    places: dict[str, str] = {}
    for each in members:
        place = _place(each.name, f"{info}.data/")
        if place is None or not is_bundled(place):
            continue
        member = replace(each, name=place)
        if place != each.name and place.startswith("bin/"):
            member = _script(member)
        placed[place] = member
        places[each.name] = place
    own = placed.pop(f"{info}.dist-info/RECORD", None)
    if own is None:
        raise _damaged(name, "it has no `RECORD`")
    sums = {row[0]: row[1:] for row in recorded(own.read())}
    for original, place in places.items():
        if place != original and place in placed:
            sums[place] = summed(placed[place].read())
    return Package(info, [*placed.values()], sums)


def _place(name: str, data: str) -> str | None:
    """Where a file of a wheel goes; None for what does not go anywhere on Lambda."""
    if not name.startswith(data):
        return name
    scheme, _, rest = name.removeprefix(data).partition("/")
    match scheme:
        case "purelib" | "platlib" | "data":
            return rest
        case "scripts":
            return f"bin/{rest}"
        case _:  # headers
            return None


def _script(member: Member) -> Member:
    """A script that looks for its interpreter on the ``PATH``."""
    text = member.read()
    ours = _SCRIPT.sub(b"#!/usr/bin/env python3", text)
    if ours == text:
        return replace(member, executable=True)
    return archive.member(File(member.name, ours, True))
