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
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


def data(text: str) -> None:
    """Print the result of a command: something a script may read."""
    _print(text, stderr=False)


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
    say(problem.summary)


def warn(problem: ToolError) -> None:
    """Show something that is odd and stops nothing."""
    _show("warning", "yellow", problem)


def traceback(problem: BaseException) -> None:
    """Show where an exception came from."""
    say("".join(tracebacks.format_exception(problem)))


class Progress:
    """Reports the steps of something long: a bar on a terminal, plain lines elsewhere.

    Its methods may be called from any thread.
    """

    def __init__(self, bar: Bar | None, task: TaskID | None) -> None:
        self._bar = bar
        self._task = task

    def expect(self, steps: int) -> None:
        """Say how many steps there are in all."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=steps)

    def doing(self, what: str) -> None:
        """Show what is being done now; on a terminal only."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=what)

    def done(self, line: str) -> None:
        """Count one step as done, and print a line about it that stays."""
        if self._bar is None or self._task is None:
            say(line)
            return
        self._bar.console.print(line, markup=False, highlight=False)
        self._bar.advance(self._task)


@contextmanager
def progress(title: str) -> Iterator[Progress]:
    """Report something long while the block runs. ``title`` is shown until ``doing`` is called."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield Progress(None, None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = SpinnerColumn(), BarColumn(bar_width=20), MofNCompleteColumn()
    described = TextColumn("{task.description}", markup=False)
    with Bar(*columns, described, console=Console(stderr=True), transient=True) as bar:
        yield Progress(bar, bar.add_task(title, total=None))


def _show(label: Literal["error", "warning"], colour: str, problem: ToolError) -> None:
    summary = problem.summary.replace("\n", "\n  ")
    lines = [f"{click.style(f'{label}:', fg=colour, bold=True)} {summary}"]
    if problem.where is not None:
        lines.append(f"  --> {problem.where}")
    if problem.excerpt is not None:
        lines += [f"   | {line}" for line in problem.excerpt.splitlines()]
    if problem.hint is not None:
        lines.append(f"{click.style('hint:', fg='cyan', bold=True)} {problem.hint}")
    say("\n".join(lines))


def _print(text: str, *, stderr: bool) -> None:
    """Print a line. Styles are left out where nobody sees colour, or ``NO_COLOR`` is set."""
    click.echo(text, err=stderr, color=False if os.environ.get("NO_COLOR") else None)
