"""The only place that prints: stdout is data, stderr is talk."""

from __future__ import annotations

import json
import os
import sys
import traceback as tracebacks
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import click

from chalice.errors import ToolError

if TYPE_CHECKING:
    from rich.progress import Progress as Shown


def data(text: str) -> None:
    """Print the result of a command: something a script may read."""
    _print(text, stderr=False)


def raw(content: bytes) -> None:
    """Print a result that is not ours to change, byte for byte, and a newline."""
    click.echo(content)


def document(value: object) -> None:
    """Print a JSON document, the result of a command with ``--json``."""
    data(json.dumps(value, indent=2))


def say(text: str) -> None:
    """Tell the person at the terminal something."""
    _print(text, stderr=True)


def error(problem: ToolError) -> None:
    """Show an error with everything it stands for."""
    for warning in problem.warnings:
        warn(warning)
    if not problem.problems:
        _show("error", "red", problem)
        return
    for each in problem.problems:
        error(each)
    say(problem.summary if problem.hint is None else f"{problem.summary}\n{_hint(problem.hint)}")


def warn(problem: ToolError) -> None:
    """Show something that is odd and stops nothing."""
    _show("warning", "yellow", problem)


def traceback(problem: BaseException) -> None:
    """Show where an exception came from."""
    say("".join(tracebacks.format_exception(problem)))


class Progress:
    """Prints lines about something long that goes on, from any thread."""

    def __init__(self, shown: Shown | None = None) -> None:
        self._shown = shown

    def __call__(self, line: str) -> None:
        """Print a line."""
        if self._shown is None:
            say(line)
        else:
            self._shown.console.print(line, markup=False, highlight=False)

    def warn(self, problem: ToolError) -> None:
        """Show something that is odd and stops nothing."""
        with self.paused():
            warn(problem)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to the block, for a question."""
        if self._shown is not None:
            self._shown.stop()
        try:
            yield
        finally:
            if self._shown is not None:
                self._shown.start()


@contextmanager
def progress(title: str) -> Iterator[Progress]:
    """Show that something long goes on while the block runs.

    Yields a function that prints a line about it, from any thread. On a terminal ``title`` and
    the seconds so far are shown under the last line; elsewhere there are the lines alone.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield Progress()
        return
    from rich.console import Console
    from rich.progress import Progress as Shown
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    described = TextColumn("{task.description}", markup=False)
    columns = SpinnerColumn(), described, TimeElapsedColumn()
    with Shown(*columns, console=Console(stderr=True), transient=True) as shown:
        shown.add_task(title, total=None)
        yield Progress(shown)


def _show(label: Literal["error", "warning"], colour: str, problem: ToolError) -> None:
    summary = problem.summary.replace("\n", "\n  ")
    lines = [f"{click.style(f'{label}:', fg=colour, bold=True)} {summary}"]
    if problem.where is not None:
        lines.append(f"  --> {problem.where}")
    if problem.excerpt is not None:
        lines += [f"   | {line}" for line in problem.excerpt.splitlines()]
    if problem.hint is not None:
        lines.append(_hint(problem.hint))
    say("\n".join(lines))


def _hint(text: str) -> str:
    return f"{click.style('hint:', fg='cyan', bold=True)} {text}"


def _print(text: str, *, stderr: bool) -> None:
    """Print a line. Styles are left out where nobody sees colour, or ``NO_COLOR`` is set."""
    click.echo(text, err=stderr, color=False if os.environ.get("NO_COLOR") else None)
