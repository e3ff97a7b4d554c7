"""One run of the command line, from its arguments to its exit code."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence

import click

from chalice.cli import output
from chalice.cli.group import Session, cli
from chalice.errors import ToolError

DONE, USER_ERROR, OUR_ERROR = 0, 1, 70
"""Exit codes; 2 is click's, for a usage error."""

MACHINE_ERRORS = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)
)
"""What goes wrong with files where chalice is not to blame: full disks and permissions."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. ``argv`` is without the program's name.

    Exit codes: 0 done, 1 the user's error, 2 usage, 70 an error of chalice itself.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # not every terminal has every character
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read stdout has left. Python flushes it once more at exit: into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return USER_ERROR
    return code


def _run(arguments: list[str]) -> int:
    session = Session()
    try:
        result = cli.main(arguments, prog_name="chalice", standalone_mode=False, obj=session)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        output.say("Aborted!")
        return USER_ERROR
    except BrokenPipeError:
        raise
    except Exception as error:
        if session.debug:
            output.traceback(error)
        problem, code = _explain(error)
        output.error(problem)
        return code
    return result if isinstance(result, int) else DONE


def _explain(error: Exception) -> tuple[ToolError, int]:
    if isinstance(error, ToolError):
        return error, USER_ERROR
    if isinstance(error, OSError) and error.errno in MACHINE_ERRORS:
        place = f": {error.filename}" if error.filename else ""
        return ToolError(f"{error.strerror}{place}"), USER_ERROR
    detail = f"{type(error).__name__}: {error}"
    hint = "this is a fault of chalice: please report it with what `chalice --debug ...` prints"
    return ToolError(f"internal error: {detail}", hint=hint), OUR_ERROR
