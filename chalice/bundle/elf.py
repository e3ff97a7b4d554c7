"""Linux shared libraries: the processor they are for, and what they need around them.

https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html
https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_MACHINES = {3: "i686", 40: "armv7l", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_DYNAMIC, _VERSIONS_NEEDED = 6, 0x6FFFFFFE  # kinds of section
_LIBRARY_NEEDED = 1  # a tag in the dynamic section
_VERSION = re.compile(r"(GLIBC|GLIBCXX)_(\d+(?:\.\d+)+)")


@dataclass(frozen=True)
class SharedLibrary:
    """``machine`` as ``uname -m`` says it; file names of the ``libraries`` it is linked to.

    ``symbols`` is the newest version it uses of each kind: ``{"GLIBC": (2, 17)}``. Of a 32-bit
    library only the machine is read.
    """

    machine: str
    libraries: frozenset[str]
    symbols: Mapping[str, tuple[int, ...]]


def parse(data: bytes) -> SharedLibrary | None:
    """Read a library's headers; None when ``data`` is no ELF file, or a damaged one."""
    if data[:4] != b"\x7fELF" or len(data) < 20:
        return None
    order = ">" if data[5] == 2 else "<"
    number = struct.unpack_from(order + "H", data, 18)[0]
    machine = _MACHINES.get(number, f"ELF machine {number}")
    if data[4] != 2:
        return SharedLibrary(machine, frozenset(), {})
    try:
        return _Reader(data, order).library(machine)
    except (struct.error, OverflowError):
        return None


class _Reader:
    def __init__(self, data: bytes, order: str) -> None:
        self.data = data
        self.order = order

    def library(self, machine: str) -> SharedLibrary:
        table = self.numbers("Q", 40)[0]
        size, count = self.numbers("HH", 58)
        libraries: set[str] = set()
        symbols: dict[str, tuple[int, ...]] = {}
        for index in range(count):
            _, kind, _, _, offset, length, link, entries = self.numbers(
                "IIQQQQII", table + index * size
            )
            if kind not in (_DYNAMIC, _VERSIONS_NEEDED):
                continue
            names = self.numbers("Q", table + link * size + 24)[0]
            if kind == _DYNAMIC:
                libraries.update(self.needed(offset, length, names))
                continue
            for name in self.versions(offset, names, entries):
                if match := _VERSION.fullmatch(name):
                    version = tuple(int(part) for part in match[2].split("."))
                    symbols[match[1]] = max(symbols.get(match[1], ()), version)
        return SharedLibrary(machine, frozenset(libraries), symbols)

    def needed(self, offset: int, length: int, names: int) -> Iterator[str]:
        for at in range(offset, offset + length, 16):
            tag, value = self.numbers("QQ", at)
            if tag == _LIBRARY_NEEDED:
                yield self.text(names + value)

    def versions(self, offset: int, names: int, entries: int) -> Iterator[str]:
        """Walk the version requirements: a chain of libraries, each with a chain of versions."""
        for _ in range(entries):
            _, count, _, first, step = self.numbers("HHIII", offset)
            at = offset + first
            for _ in range(count):
                _, _, _, name, following = self.numbers("IHHII", at)
                yield self.text(names + name)
                if not following:
                    break
                at += following
            if not step:
                break
            offset += step

    def numbers(self, shape: str, offset: int) -> tuple[int, ...]:
        return struct.unpack_from(self.order + shape, self.data, offset)

    def text(self, offset: int) -> str:
        return self.data[offset : self.data.find(b"\0", offset)].decode("ascii", "replace")
