"""``chalice new-project``: a directory with an app that can be deployed as it is."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from chalice.cli import options, output
from chalice.cli.templates import TEMPLATES
from chalice.errors import ToolError

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
NAME_LENGTH = 64 - len("-dev")
"""AWS allows 64 characters for the names of functions and roles, which begin `<app>-<stage>`."""


@click.command(name="new-project")
@click.argument("project_name", required=False)
@options.profile  # scripts pass it; making a project needs no credentials
@click.option(
    "-t",
    "--project-type",
    default="legacy",
    show_default=True,
    metavar="TYPE",
    help=f"What to begin with: {', '.join(TEMPLATES)}.",
)
def command(project_name: str | None, profile: str | None, project_type: str) -> None:
    """Create a new project.

    Makes the directory PROJECT_NAME with an app that answers GET /, its requirements and its
    configuration. Asks for the name if none is given.

    \b
    Example:
        chalice new-project helloworld
        cd helloworld
        chalice deploy --local

    \b
        chalice new-project photos -t s3-event-handler
    """
    from chalice.config.python_version import runtime_warnings

    if project_name is None:
        if not sys.stdin.isatty():
            raise click.UsageError("Missing argument 'PROJECT_NAME'.", click.get_current_context())
        project_name = str(click.prompt("Name of the project", err=True))
    check_name(project_name)
    if project_type not in TEMPLATES:
        raise ToolError(
            f"there is no project type `{project_type}`",
            hint="the types are: " + ", ".join(TEMPLATES),
        )
    write(Path(project_name), TEMPLATES[project_type](project_name))
    for warning in runtime_warnings():
        output.warn(warning)
    output.data(f"Your project has been generated in ./{project_name}")


def check_name(name: str) -> None:
    """Raise ``ToolError`` unless ``name`` can begin the names of an app's resources."""
    if not NAME.fullmatch(name):
        suggested = re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-_0123456789")
        raise ToolError(
            f"`{name}` cannot name a project",
            hint="use letters, digits, `-` and `_`, a letter first"
            + (f": `{suggested[:NAME_LENGTH]}`" if suggested else ""),
        )
    if len(name) > NAME_LENGTH:
        raise ToolError(
            f"`{name}` is too long for the name of a project",
            hint=f"use up to {NAME_LENGTH} characters, not {len(name)}",
        )


def write(directory: Path, files: Mapping[str, str]) -> None:
    """Make ``directory`` with ``files``, path to text; all of it or, when that fails, nothing."""
    if os.path.lexists(directory):
        raise ToolError(
            f"Directory already exists: {directory}",
            hint="choose another name; nothing was changed",
        )
    with tempfile.TemporaryDirectory(prefix=".new-project-", dir=directory.parent) as drafts:
        draft = Path(drafts) / directory.name
        for name, text in files.items():
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        draft.rename(directory)
