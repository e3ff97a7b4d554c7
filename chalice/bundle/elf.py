"""Linux shared libraries: the processor and the C library they were linked for.

https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

_MACHINES = {3: "i686", 40: "armv7l", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_VERSIONS_NEEDED = 0x6FFFFFFE  # SHT_GNU_verneed
_GLIBC = re.compile(rb"GLIBC_(\d+)\.(\d+)(?:\.\d+)?")


@dataclass(frozen=True)
class SharedLibrary:
    """``machine`` as ``uname -m`` says it; ``glibc`` the newest version whose symbols it uses."""

    machine: str
    glibc: tuple[int, int]


def parse(data: bytes) -> SharedLibrary | None:
    """Read a library's headers; None when ``data`` is no ELF file, or a cut one."""
    if data[:4] != b"\x7fELF" or len(data) < 20:
        return None
    order = ">" if data[5:6] == b"\x02" else "<"
    number = struct.unpack_from(order + "H", data, 18)[0]
    machine = _MACHINES.get(number, f"ELF machine {number}")
    if data[4:5] != b"\x02":
        return SharedLibrary(machine, (0, 0))
    try:
        return SharedLibrary(machine, _newest_glibc(data, order))
    except struct.error:
        return None


def _newest_glibc(data: bytes, order: str) -> tuple[int, int]:
    start = struct.unpack_from(order + "Q", data, 40)[0]
    size, count = struct.unpack_from(order + "HH", data, 58)
    newest = (0, 0)
    for index in range(count):
        _, kind, _, _, offset, _, link, entries = struct.unpack_from(
            order + "IIQQQQII", data, start + index * size
        )
        if kind != _VERSIONS_NEEDED:
            continue
        names = struct.unpack_from(order + "Q", data, start + link * size + 24)[0]
        for name in _needed(data, order, offset, names, entries):
            if match := _GLIBC.fullmatch(name):
                newest = max(newest, (int(match[1]), int(match[2])))
    return newest


def _needed(data: bytes, order: str, offset: int, names: int, entries: int) -> list[bytes]:
    """Walk the version requirements: a chain of libraries, each with a chain of versions."""
    found = []
    for _ in range(entries):
        _, count, _, first, step = struct.unpack_from(order + "HHIII", data, offset)
        version = offset + first
        for _ in range(count):
            _, _, _, name, following = struct.unpack_from(order + "IHHII", data, version)
            end = data.find(b"\0", names + name)
            found.append(data[names + name : end])
            version += following
        offset += step
    return found
