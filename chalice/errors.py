"""The one exception the command line shows to people without a traceback."""

from __future__ import annotations


class ToolError(Exception):
    """Something the user can act on.

    ``summary`` is one sentence without a full stop: what is wrong. ``where`` is a place a
    person can open (``app.py:14 in `index```, ``.chalice/config.json:3``). ``hint`` says what
    to do. Several problems found at once travel as ``problems``; the summary then counts them.
    """

    def __init__(
        self,
        summary: str,
        *,
        hint: str | None = None,
        where: str | None = None,
        problems: tuple[ToolError, ...] = (),
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.hint = hint
        self.where = where
        self.problems = problems
