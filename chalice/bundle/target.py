"""What a bundle is made for: a Python version on one of Lambda's operating systems.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Architecture = Literal["x86_64", "arm64"]

_SYSTEMS = {
    "win": "Windows",
    "macosx": "macOS",
    "musllinux": "Linux with musl",
    "ios": "iOS",
    "android": "Android",
    "emscripten": "the browser",
    "pyodide": "the browser",
}
_LIBRARIES = frozenset(
    f"lib{name}"
    for name in (
        *("c.so.6", "m.so.6", "pthread.so.0", "dl.so.2", "rt.so.1", "util.so.1", "resolv.so.2"),
        *("gcc_s.so.1", "stdc++.so.6", "z.so.1"),
    )
) | {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
_MANYLINUX = re.compile(r"manylinux_(\d+)_(\d+)_(\w+)")
_BOUND = re.compile(r"(>=|~=|<=|==|>|<)\s*(\d+(?:\.\d+)*)")
_MANYLINUX_NAMED = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}


@dataclass(frozen=True)
class Target:
    """A Lambda runtime: ``python_version`` as in ``3.12``, and the processor."""

    python_version: str
    architecture: Architecture

    def __str__(self) -> str:
        return f"Lambda's Python {self.python_version} ({self.architecture})"

    @property
    def layer_folder(self) -> str:
        """Where the zip of a layer has the packages that Python is to find."""
        return f"python/lib/python{self.python_version}/site-packages/"

    @property
    def machine(self) -> str:
        """The processor as Linux and wheel tags name it."""
        return "aarch64" if self.architecture == "arm64" else "x86_64"

    @property
    def glibc(self) -> tuple[int, int]:
        """The C library of the runtime: Amazon Linux 2 up to Python 3.11, then 2023."""
        return (2, 34) if self._version >= (3, 12) else (2, 26)

    @property
    def libraries(self) -> frozenset[str]:
        """The shared libraries that every runtime has."""
        return _LIBRARIES | {f"libpython{self.python_version}.so.1.0"}

    @property
    def symbols(self) -> Mapping[str, tuple[int, ...]]:
        """The newest version of each kind of symbol that the runtime's libraries offer."""
        glibcxx = (3, 4, 29) if self.glibc >= (2, 34) else (3, 4, 24)
        return {"GLIBC": self.glibc, "GLIBCXX": glibcxx}

    @property
    def uv_platform(self) -> str:
        """The newest of uv's platforms that the runtime's C library satisfies.

        uv knows no 2.26: wheels tagged 2.18 to 2.26 are passed over for Python 3.10 and 3.11.
        """
        newest = "manylinux_2_34" if self.glibc >= (2, 34) else "manylinux_2_17"
        return f"{self.machine}-{newest}"

    def accepts(self, tag: str) -> bool:
        """Whether a wheel tag such as ``cp312-cp312-manylinux_2_17_x86_64`` runs here."""
        python, abi, platform = tag.split("-")
        if not any(self._runs_on(name) for name in platform.split(".")):
            return False
        return any(
            self._speaks(interpreter, binary)
            for interpreter in python.split(".")
            for binary in abi.split(".")
        )

    def lacks(self, wheel: str) -> str:
        """Say why a wheel, by its file's name, does not run here: ``is for Windows``."""
        python, abi, platform = wheel.removesuffix(".whl").split("-")[-3:]
        if not any(self._runs_on(name) for name in platform.split(".")):
            return self._lacks_platform(platform)
        if "t" in abi.replace("none", "") and abi.startswith("cp"):
            return "is for a Python without the GIL"
        interpreters = [_interpreter(name) for name in python.split(".")]
        return f"is for {' and '.join(dict.fromkeys(interpreters))}"

    def _lacks_platform(self, platform: str) -> str:
        for start, name in _SYSTEMS.items():
            if platform.startswith(start):
                return f"is for {name}"
        if not platform.endswith(self.machine):
            return f"is for {platform.partition('linux')[2].lstrip('0123456789_') or platform}"
        if match := _MANYLINUX.search(platform):
            had = ".".join(map(str, self.glibc))
            return f"needs glibc {match[1]}.{match[2]}, the runtime has {had}"
        return f"is for {platform}"

    def _runs_on(self, platform: str) -> bool:
        if platform in ("any", f"linux_{self.machine}"):
            return True
        if match := _MANYLINUX.fullmatch(platform):
            return match[3] == self.machine and (int(match[1]), int(match[2])) <= self.glibc
        name, _, machine = platform.partition("_")
        return machine == self.machine and _MANYLINUX_NAMED.get(name, (99, 0)) <= self.glibc

    def _speaks(self, interpreter: str, abi: str) -> bool:
        match = re.fullmatch(r"(py|cp)3(\d*)", interpreter)
        if match is None:
            return False
        minor = int(match[2] or 0)
        if abi == "none":
            exact = match[1] == "cp" and match[2]
            return minor == self._version[1] if exact else minor <= self._version[1]
        if abi == "abi3":
            return match[1] == "cp" and minor <= self._version[1]
        return abi == f"cp3{self._version[1]}"

    def satisfies(self, specifiers: str) -> bool:
        """Whether some release of the Python is within ``>=3.10, <3.14`` or ``==3.12.*``.

        https://packaging.python.org/en/latest/specifications/version-specifiers/
        """
        return all(self._within(operator, bound) for operator, bound in _BOUND.findall(specifiers))

    def _within(self, operator: str, bound: str) -> bool:
        is_minor = bound.count(".") == 1
        wanted = tuple(int(number) for number in bound.split("."))[:2]
        match operator:
            case ">=" | "~=":
                return self._version >= wanted
            case ">":
                return self._version > wanted if is_minor else self._version >= wanted
            case "<":
                return self._version < wanted if is_minor else self._version <= wanted
            case "<=":
                return self._version <= wanted
            case _:
                return self._version[: len(wanted)] == wanted

    @property
    def _version(self) -> tuple[int, int]:
        major, minor = self.python_version.split(".")
        return int(major), int(minor)


def _interpreter(tag: str) -> str:
    """``cp313`` as people call it."""
    match = re.fullmatch(r"(cp|pp|py)(\d)(\d*)", tag)
    if match is None:
        return tag
    name = {"cp": "Python", "pp": "PyPy", "py": "Python"}[match[1]]
    return f"{name} {match[2]}.{match[3]}" if match[3] else f"{name} {match[2]}"
