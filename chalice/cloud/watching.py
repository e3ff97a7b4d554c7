"""A command that is run against the embedded cloud, and what functions called meanwhile."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from chalice.cloud.client import CloudStatus, ask, enforce_iam, record_callers
from chalice.errors import ToolError

QUIET = 1.0
"""Seconds without a call after which functions are taken to have ended what they do."""
LONGEST = 30.0


@dataclass(frozen=True, slots=True)
class Watched:
    """The exit code of the command, and the calls, as ``/_chalice/calls`` has them.

    ``missed``: there were more calls than the cloud remembers.
    """

    code: int
    calls: Sequence[Mapping[str, Any]]
    missed: bool


def watch(
    cloud: CloudStatus,
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    quiet: float = QUIET,
    pause: Callable[[float], None] = time.sleep,
) -> Watched:
    """Run the command to its end and return what functions in the cloud called meanwhile.

    Nothing is refused meanwhile, so that a missing permission does not hide the next one, and the
    calls have their stacks. What the command prints goes to stderr. Raises ToolError when it
    cannot be run.
    """
    before = _calls(cloud, 0)["cursor"]
    with ExitStack() as switched:
        enforce_iam(cloud.home, False)
        switched.callback(enforce_iam, cloud.home, cloud.enforces_iam)
        record_callers(cloud.home, True)
        switched.callback(record_callers, cloud.home, False)
        code = _run(command, environment)
        found = _settled(cloud, before, quiet, pause)
    return Watched(code, found["calls"], found["missed"])


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    try:
        done = subprocess.run(  # noqa: S603  # what the person asked for
            [*command], env=dict(environment), stdout=sys.stderr, check=False
        )
    except OSError as error:
        raise ToolError(f"cannot run `{command[0]}`: {error.strerror}") from error
    return done.returncode


def _settled(
    cloud: CloudStatus, before: int, quiet: float, pause: Callable[[float], None]
) -> Mapping[str, Any]:
    """Return the calls after number ``before``, once no more come."""
    found, waited = _calls(cloud, before), 0.0
    while waited < LONGEST:
        pause(quiet)
        waited += quiet
        latest = _calls(cloud, before)
        if latest["cursor"] == found["cursor"]:
            break
        found = latest
    return found


def _calls(cloud: CloudStatus, after: int) -> Mapping[str, Any]:
    found = ask(cloud.endpoint_url, f"/_chalice/calls?after={after}")
    if found is None or "calls" not in found:
        raise ToolError("the embedded cloud does not answer", hint="see `chalice cloud logs`")
    return found
