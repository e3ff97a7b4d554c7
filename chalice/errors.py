"""The one exception the command line shows to people without a traceback."""

from __future__ import annotations

from collections.abc import Sequence


class ToolError(Exception):
    """Something the user can act on.

    ``summary`` is one sentence without a full stop: what is wrong. ``where`` is a place a
    person can open (``app.py:14 in `index```, ``.chalice/config.json:3``). ``hint`` says what
    to do. ``excerpt`` is the source at that place, or what another program said of it: one or
    more lines, the last of which may point at a column with ``^``. Several problems found at
    once travel as ``problems``; the summary then counts them. ``warnings`` are shown with the
    error but did not cause it.
    """

    def __init__(
        self,
        summary: str,
        *,
        hint: str | None = None,
        where: str | None = None,
        excerpt: str | None = None,
        problems: Sequence[ToolError] = (),
        warnings: Sequence[ToolError] = (),
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.hint = hint
        self.where = where
        self.excerpt = excerpt
        self.problems = tuple(problems)
        self.warnings = tuple(warnings)


def together(problems: Sequence[ToolError], warnings: Sequence[ToolError] = ()) -> ToolError:
    """Return one error that stands for all of ``problems``, of which there is at least one."""
    if len(problems) > 1:
        return ToolError(f"{len(problems)} problems", problems=problems, warnings=warnings)
    (only,) = problems
    return ToolError(
        only.summary,
        hint=only.hint,
        where=only.where,
        excerpt=only.excerpt,
        problems=only.problems,
        warnings=(*only.warnings, *warnings),
    )


def pointing_at(source: str, column: int) -> str:
    """Return an excerpt: the line of source around ``column``, from 1, over a ``^`` under it."""
    start = max(0, column - 60)
    before, after = source[start : column - 1], source[column - 1 : start + 90]
    marker = "".join("\t" if character == "\t" else " " for character in before) + "^"
    return f"{(before + after).rstrip()}\n{marker}"
