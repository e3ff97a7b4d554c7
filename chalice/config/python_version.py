"""Which Lambda runtime runs the code of which Python."""

from __future__ import annotations

import sys

from chalice.errors import ToolError

OLDEST, NEWEST = (3, 10), (3, 14)


def lambda_runtime(version: tuple[int, int] = sys.version_info[:2]) -> str:
    """Return the runtime closest to a Python version: ``python3.12``."""
    major, minor = min(max(version, OLDEST), NEWEST)
    return f"python{major}.{minor}"


def runtime_warnings(version: tuple[int, int] = sys.version_info[:2]) -> tuple[ToolError, ...]:
    """Return the warning that Lambda does not have this Python, if it has not."""
    running = f"python{version[0]}.{version[1]}"
    closest = lambda_runtime(version)
    if running == closest:
        return ()
    summary = f"you are running {running}; the closest version that AWS Lambda has is {closest}"
    return (ToolError(summary, hint=f"use {closest}, or the app may behave differently there"),)
