"""What a bundle is made for: a Python version on one of Lambda's operating systems.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Architecture = Literal["x86_64", "arm64"]

_MANYLINUX = re.compile(r"manylinux_(\d+)_(\d+)_(\w+)")
_MANYLINUX_NAMED = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}


@dataclass(frozen=True)
class Target:
    """A Lambda runtime: ``python_version`` as in ``3.12``, and the processor."""

    python_version: str
    architecture: Architecture

    def __str__(self) -> str:
        return f"Python {self.python_version} on {self.architecture} Lambda"

    @property
    def machine(self) -> str:
        """The processor as Linux and wheel tags name it."""
        return "aarch64" if self.architecture == "arm64" else "x86_64"

    @property
    def glibc(self) -> tuple[int, int]:
        """The C library of the runtime: Amazon Linux 2 up to Python 3.11, then 2023."""
        return (2, 34) if self._version >= (3, 12) else (2, 26)

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

    @property
    def _version(self) -> tuple[int, int]:
        major, minor = self.python_version.split(".")
        return int(major), int(minor)
