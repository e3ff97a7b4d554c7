"""The click group: the global options, and the commands by name.

To add a command, write ``chalice/cli/NAME.py`` with a ``@click.command`` called ``command``,
and give it a line in ``COMMANDS``. It may return the exit code; None is 0. It raises
``ToolError`` for what the user can act on, and prints through ``chalice.cli.output`` alone.
Its module imports what it needs inside the function, so that other commands stay fast.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

import click

from chalice import __version__
from chalice.cli import output
from chalice.cli.debug import log_to_stderr
from chalice.errors import ToolError

COMMANDS: Mapping[str, str] = {
    "new-project": "chalice.cli.new_project",
    "local": "chalice.cli.local",
    "deploy": "chalice.cli.deploy",
    "plan": "chalice.cli.plan",
    "package": "chalice.cli.package",
    "gen-policy": "chalice.cli.gen_policy",
    "policy": "chalice.cli.policy",
    "url": "chalice.cli.url",
    "invoke": "chalice.cli.invoke",
    "logs": "chalice.cli.logs",
    "delete": "chalice.cli.delete",
    "cloud": "chalice.cli.cloud",
}
"""The module of each command, in the order of ``chalice --help``."""


@dataclass
class Session:
    """What the global options say; commands get it with ``@click.pass_obj``."""

    project_dir: Path = field(default_factory=Path.cwd)
    debug: bool = False


class Commands(click.Group):
    """Imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands; last those that other packages have added."""
        return [*COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, None if there is none."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = import_module(COMMANDS[cmd_name]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that ``args`` name, or fail with the nearest name."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            close = get_close_matches(name, self.list_commands(ctx), n=1)
            meant = f" Did you mean `{close[0]}`?" if close else ""
            ctx.fail(f"No such command `{name}`.{meant}")
        return super().resolve_command(ctx, args)


def version_line() -> str:
    """Return what ``chalice --version`` prints."""
    python = platform.python_version()
    system = platform.system().lower()
    return f"chalice {__version__}, python {python}, {system} {platform.release()}"


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        output.data(version_line())
        ctx.exit()


@click.group(cls=Commands)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show the version and leave.",
)
@click.option("--project-dir", help="The project directory, if not the current one.")
@click.option("--debug/--no-debug", default=False, help="Log everything to stderr.")
@click.pass_context
def cli(ctx: click.Context, project_dir: str | None, debug: bool) -> None:
    """Write an API in Python and deploy it, to AWS or to a cloud on this machine.

    \b
    Example:
        chalice new-project helloworld
    """
    session = ctx.ensure_object(Session)
    session.debug = debug
    if debug:
        log_to_stderr()
    if project_dir is not None:
        try:
            os.chdir(project_dir)
        except OSError as error:
            raise ToolError(f"cannot enter `{project_dir}`: {error.strerror}") from error
    os.environ["AWS_CHALICE_CLI_MODE"] = "true"
    session.project_dir = Path.cwd()
