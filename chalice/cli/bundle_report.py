"""The report on a bundle, as people and programs read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from chalice.cli import output

if TYPE_CHECKING:
    from chalice.bundle import Report

_LIMIT = 250 * 1024 * 1024


def show(report: Report, *, as_json: bool) -> None:
    """Print a report on a bundle."""
    if as_json:
        output.document(data(report))
        return
    for line in lines(report):
        output.data(line)


def data(report: Report) -> dict[str, object]:
    """Return a report as JSON; sizes are in bytes."""
    return {
        "target": {
            "python": report.target.python_version,
            "architecture": report.target.architecture,
        },
        "unpacked": report.unpacked,
        "zipped": report.zipped,
        "parts": [{**asdict(each), "needed_by": list(each.needed_by)} for each in report.weights],
        "left_out": [asdict(each) for each in report.left_out],
    }


def lines(report: Report) -> Iterator[str]:
    """Yield the lines of a report for people."""
    width = max((len(each.part) for each in report.weights), default=4)
    yield f"{'part':{width}}  unpacked    zipped  needed by"
    for each in report.weights:
        row = f"{each.part:{width}}  {_size(each.unpacked)}  {_size(each.zipped)}"
        yield f"{row}  {', '.join(each.needed_by)}".rstrip()
    share = 100 * report.unpacked / _LIMIT
    yield (
        f"{'together':{width}}  {_size(report.unpacked)}  {_size(report.zipped)}"
        f"  {share:.0f} % of what Lambda takes unpacked"
    )
    if report.left_out:
        yield ""
        yield "left out:"
    for gone in report.left_out:
        size = f", {_size(gone.size).strip()}" if gone.size else ""
        yield f"  {gone.package}: {gone.reason}{size}"


def _size(count: int) -> str:
    if count < 100 * 1024:
        return f"{count / 1024:5.1f} KB"
    return f"{count / 1024 / 1024:5.1f} MB"
