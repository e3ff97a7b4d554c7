"""What uv says when it fails, as one error that names the requirement and the reason."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chalice.bundle.requirements import Requirements, normalise
from chalice.bundle.target import Target
from chalice.errors import ToolError

# What is quoted of uv's own words: a build may print thousands of lines, and long ones.
_FIRST, _LAST, _WIDTH = 3, 6, 200


@dataclass(frozen=True)
class _Reason:
    """A wording of uv's; ``summary`` and ``hint`` are filled in from the groups of ``pattern``."""

    pattern: str
    summary: str
    hint: str = ""


# Older versions of uv draw a tree beside their errors.
_START = re.compile(r"^(?:error:|\s*\u00d7)", re.MULTILINE)
_ON_OUR_OPTIONS = re.compile(r"\(i\.e\., with `--no-build`\)|^hint: Build failures usually")
_MARGIN = re.compile(r"^[\s\u00d7\u2500-\u257f\u25b6]+")
_PACKAGE = r"(?P<package>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)"
_INSTEAD = "allow a version that has a wheel for {target}, or put a copy built for it into vendor/"

# Tried in order: causes before their consequences.
_REASONS = (
    _Reason(
        r"No space left on device|Disk quota exceeded|File too large",
        "no space is left on the disk to install the requirements",
        "free some space; `uv cache clean` empties uv's own cache",
    ),
    _Reason(
        r"An index(?: URL)? \((?P<url>[^)]+)\) (?:could not be queried|returned a 403)",
        "`{url}` refuses access",
        "check the name and password of the index",
    ),
    _Reason(
        r"Failed to fetch: `?(?P<url>https?://[^\s`]+)",
        "`{url}` cannot be fetched",
        "check the network and the address of the index"
        " (`UV_DEFAULT_INDEX`, `UV_INDEX`, `PIP_INDEX_URL`)",
    ),
    _Reason(
        r"network (?:connectivity )?(?:is|was) disabled",
        "uv was told not to use the network, and its cache lacks a requirement",
        "unset `UV_OFFLINE`",
    ),
    _Reason(rf"`{_PACKAGE}[^`]*`.*?Git operation failed", "`{package}` cannot be fetched with git"),
    _Reason(
        rf"Hash mismatch for `{_PACKAGE}",
        "`{package}` does not have the hash that the requirements demand",
        "the file at the index was replaced, or the hash is that of another file",
    ),
    _Reason(
        rf"`{_PACKAGE}[^`]*`.*?The built wheel `(?P<wheel>[^`]+)` is not compatible",
        "`{package}` has no wheel for {target}, and the one built here does not run there:"
        " `{wheel}`",
        _INSTEAD,
    ),
    _Reason(
        rf"Failed to (?:download and )?build `{_PACKAGE}",
        "`{package}` has no wheel for {target} and cannot be built",
        _INSTEAD,
    ),
    _Reason(
        rf"{_PACKAGE} was not found in the (?:package registry|provided package locations|cache)",
        "there is no package `{package}`",
        "check the spelling, and that its index is named (`UV_INDEX` or `PIP_EXTRA_INDEX_URL`)",
    ),
    _Reason(
        rf"all versions of {_PACKAGE} have no wheels with a matching",
        "`{package}` has no wheel for {target} and nothing to build one from",
        _INSTEAD,
    ),
    _Reason(
        rf"{_PACKAGE}(?:[<>=!~][^\s]*)? has no wheels with a matching",
        "`{package}` has no wheel for {target} and nothing to build one from",
        _INSTEAD,
    ),
    _Reason(
        rf"{_PACKAGE}(?:==\S+)? (?:requires Python |depends on Python)"
        r"(?P<python>[<>=!~]\S*[\w*])",
        "`{package}` needs Python {python}, the bundle is for {target}",
        "allow a version for this Python, or deploy with another",
    ),
    _Reason(
        r"(?:there is no version of|only \S+ is available and you require)"
        rf" {_PACKAGE}(?P<wanted>[<>=!~]\S*[^\s,])",
        "no version of `{package}` satisfies `{package}{wanted}`",
    ),
    _Reason(r"Distribution not found at: (?P<url>\S+)", "there is no package at `{url}`"),
    _Reason(r"Couldn't parse requirement", "a requirement cannot be understood"),
    _Reason(
        rf"Package `{_PACKAGE}` can't be installed because .* but has no source distribution",
        "`{package}` has no wheel for {target} and nothing to build one from",
        _INSTEAD,
    ),
    _Reason(
        r"interpreter resolved to Python (?P<here>[\w.]+), which is incompatible with the"
        r" `pylock\.toml`'s Python requirement: `(?P<wanted>[^`]+)`",
        "`pylock.toml` is for Python {wanted}, and uv compares that with the Python {here} that"
        " runs chalice",
        "run chalice with a Python that it allows, or lock for more of them",
    ),
    _Reason(
        r"lockfile at `uv\.lock` needs to be updated",
        "`uv.lock` is older than `pyproject.toml`",
        "run `uv lock`",
    ),
    _Reason(r"No solution found", "the requirements contradict each other"),
)


def explain(
    returncode: int,
    stderr: str,
    requirements: Requirements,
    target: Target,
    candidates: Callable[[str], Sequence[str]],
    dependents: Mapping[str, str] | None = None,
) -> ToolError:
    """Turn a failed run of uv into a ToolError; uv's own words are its excerpt.

    ``candidates`` says of a package what there is of it and what each lacks. ``dependents`` is
    who needs a package, where uv was told of each package alone.
    """
    if returncode < 0:
        name = signal.Signals(-returncode).name
        return ToolError(
            f"uv was killed by {name} while it installed the requirements", where=requirements.file
        )
    words = _own_words(stderr)
    flat = " ".join(words)
    for reason in _REASONS:
        if match := re.search(reason.pattern, flat):
            facts = {name: value or "" for name, value in match.groupdict().items()}
            break
    else:
        reason, facts = _Reason("", "the requirements cannot be installed"), {}
    package = facts.get("package") or None
    needed_by = None
    if package:
        needed_by = _dependent(package, flat) or (dependents or {}).get(normalise(package))
    offered = candidates(package) if package and reason.hint == _INSTEAD else ()
    where = _place(package, needed_by, flat, requirements)
    summary = reason.summary.format(target=target, **facts)
    if needed_by:
        summary += f"; `{needed_by}` needs it"
    return ToolError(
        summary,
        where=where,
        excerpt="\n".join((*offered, *_quoted(words))),
        hint=reason.hint.format(target=target, **facts) or None,
    )


def _own_words(stderr: str) -> list[str]:
    """The lines of the error itself: no progress, no frames, nothing about our own options."""
    start = _START.search(stderr)
    lines = stderr[start.start() if start else 0 :].splitlines()
    words = (_MARGIN.sub("", line).rstrip() for line in lines)
    return [
        line.replace(" Consider using `--no-build` to disable building wheels.", "")
        for line in words
        if line and not _ON_OUR_OPTIONS.search(line)
    ]


def _quoted(words: list[str]) -> list[str]:
    if len(words) > _FIRST + _LAST + 1:
        words = [*words[:_FIRST], "...", *words[-_LAST:]]
    return [line if len(line) <= _WIDTH else f"{line[:_WIDTH]}..." for line in words]


def _dependent(package: str, flat: str) -> str | None:
    """Who asked for ``package``, in the words of uv's derivation."""
    match = re.search(
        rf"`?([\w.-]*\w)`?(?:==\S+| \(v[^)]+\))? depends? on `?{re.escape(package)}\b", flat
    )
    return match[1] if match else None


def _place(
    package: str | None, needed_by: str | None, flat: str, requirements: Requirements
) -> str:
    """Where a person should look: the requirement's own line if it can be found."""
    if match := re.search(r"Couldn't parse requirement in `([^`]+)` at position (\d+)", flat):
        path = requirements.path.parent / match[1]
        before = path.read_bytes()[: int(match[2])]
        line = before.count(b"\n") + 1
        return f"{match[1]}:{line}"
    named = (requirements.where(name) for name in (package, needed_by) if name)
    return next((place for place in named if place), requirements.file)
