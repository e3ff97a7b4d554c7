from __future__ import annotations

import platform
import sys
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice.bundle import elf
from tests.bundle.packages import ARM64, shared_library

LIBRARY = shared_library(
    ARM64,
    libraries=["libc.so.6", "libstdc++.so.6"],
    symbols=["GLIBC_2.4", "GLIBC_2.17", "GLIBC_PRIVATE", "GLIBCXX_3.4.9", "GLIBCXX_3.4.29"],
)


def test_what_a_library_needs_is_read_from_its_headers() -> None:
    assert elf.parse(LIBRARY) == elf.SharedLibrary(
        "aarch64",
        frozenset({"libc.so.6", "libstdc++.so.6"}),
        {"GLIBC": (2, 17), "GLIBCXX": (3, 4, 29)},
    )


def test_other_files_are_no_libraries() -> None:
    assert elf.parse(b"") is None
    assert elf.parse(b"MZ" + bytes(100)) is None
    assert elf.parse(b"\x7fELF") is None


@given(st.data())
def test_a_damaged_library_is_read_or_refused_never_worse(data: st.DataObject) -> None:
    damaged = bytearray(LIBRARY[: data.draw(st.integers(0, len(LIBRARY)))])
    for place in data.draw(st.lists(st.integers(0, max(0, len(damaged) - 1)), max_size=9)):
        if damaged:
            damaged[place] = data.draw(st.integers(0, 255))
    elf.parse(bytes(damaged))


@pytest.mark.skipif(sys.platform != "linux", reason="reads this machine's libraries")
def test_this_interpreter_s_own_modules_are_for_this_machine() -> None:
    folder = Path(sysconfig.get_config_var("DESTSHARED"))
    libraries = [elf.parse(path.read_bytes()) for path in folder.glob("*.so")]
    assert libraries
    assert {library.machine for library in libraries if library} == {platform.machine()}
    assert any(library and "libc.so.6" in library.libraries for library in libraries)
