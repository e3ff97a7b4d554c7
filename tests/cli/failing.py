"""A command that ends in each of the ways a command may end; run as a program, chalice has it."""

from __future__ import annotations

import errno
import sys

import click

from chalice.cli import cli, main, output
from chalice.errors import ToolError, together


@click.command()
@click.argument("how")
def command(how: str) -> int | None:
    """End as told."""
    match how:
        case "tool":
            raise ToolError(
                "it is broken\nin two lines",
                where="app.py:3",
                hint="mend it",
                excerpt="one(\n   ^",
            )
        case "several":
            odd = ToolError("it is odd", where="app.py:1")
            raise together([ToolError("one"), ToolError("two", hint="try")], [odd])
        case "ours":
            raise KeyError("oops")
        case "disk":
            raise OSError(errno.ENOSPC, "No space left on device", "a/file")
        case "interrupted":
            raise KeyboardInterrupt
        case "much":
            for _ in range(10_000):
                output.data("x" * 1000)
        case "steps":
            with output.progress("Working") as tell:
                tell("did the first [1/2]")
                tell("did the second [2/2]")
            output.document({"steps": 2})
        case _:
            return 3
    return None


if __name__ == "__main__":
    cli.add_command(command, "fail")
    sys.exit(main())
