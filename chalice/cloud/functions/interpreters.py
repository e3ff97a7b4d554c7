"""The Python interpreter that a function's runtime names."""

from __future__ import annotations

import re
import sys

from chalice.bundle.interpreters import Interpreter, find
from chalice.cloud.functions.outcomes import SandboxError


def find_interpreter(runtime: str) -> Interpreter:
    """The interpreter for a Lambda runtime such as ``python3.12``.

    Raises SandboxError when there is none.
    """
    match = re.fullmatch(r"python(3\.\d+)", runtime)
    if match is None:
        raise SandboxError(
            "Runtime.InterpreterNotFound",
            f"the embedded cloud runs python3.x functions, and the runtime is `{runtime}`",
        )
    version = match[1]
    interpreter = find(version)
    if interpreter is None:
        find.cache_clear()  # it may be installed while the cloud runs
        ours = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SandboxError(
            "Runtime.InterpreterNotFound",
            f"no Python {version} on this machine to run a `{runtime}` function: "
            f"install one with `uv python install {version}`, or deploy with the runtime of the "
            f"Python you have (python{ours})",
        )
    return interpreter
