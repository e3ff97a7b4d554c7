"""Why a policy allows what it allows: as lines to read, and as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from chalice.policy.grants import Grant, Reason

Shown = Callable[[str], str]
"""Returns an ARN as it is to be shown."""


def lines(grants: Iterable[Grant], left_out: Iterable[Grant], shown: Shown) -> Iterator[str]:
    """Yield what is granted, each action and resource with those who need it."""
    for (action, resource), reasons in _together(grants):
        yield f"{action} on {shown(resource)}"
        yield from (f"  {_sentence(reason)}" for reason in reasons)
    maybe = _together(left_out)
    if maybe:
        yield ""
        yield "Not granted; declare with `app.needs` what the app does need of it:"
    for (action, resource), reasons in maybe:
        yield f"{action} on {shown(resource)}"
        yield from (f"  {_sentence(reason)}" for reason in reasons)


def data(grants: Iterable[Grant], shown: Shown) -> list[dict[str, object]]:
    """Return the grants as JSON has them."""
    return [
        {
            "action": action,
            "resource": shown(resource),
            "reasons": [_reason(reason) for reason in reasons],
        }
        for (action, resource), reasons in _together(grants)
    ]


def _together(grants: Iterable[Grant]) -> list[tuple[tuple[str, str], Sequence[Reason]]]:
    found: dict[tuple[str, str], dict[Reason, None]] = {}
    for grant in grants:
        found.setdefault((grant.action, grant.resource), {})[grant.reason] = None
    return [(pair, list(reasons)) for pair, reasons in sorted(found.items())]


def _sentence(reason: Reason) -> str:
    """Return ``work: app.py:12, through chalicelib/db.py:3: dynamodb GetItem``."""
    perhaps = f", {reason.perhaps}" if reason.perhaps else ""
    if reason.place is None:
        return f"{reason.function}: {reason.what}{perhaps}"
    before = [str(place) for place in reason.path if place != reason.place]
    through = f", from {' by '.join(before)}" if before else ""
    return f"{reason.function}: {reason.place}: {reason.what}{through}{perhaps}"


def _reason(reason: Reason) -> dict[str, object]:
    place = reason.place
    return {
        "function": reason.function,
        "what": reason.what,
        "file": None if place is None else place.file,
        "line": None if place is None else place.line,
        "path": [str(each) for each in reason.path],
        "perhaps": reason.perhaps,
    }
