"""Patterns of IAM policies: wildcards, policy variables, and ARNs compared part by part.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

Variables: TypeAlias = Callable[[str], "str | None"]
"""The value of a policy variable, ``aws:username`` say; None when the request has none."""

ARN_PARTS = 6
"""``arn``, partition, service, region, account, and the rest, which may hold colons itself."""

# A pattern is a sequence of tokens: single characters that stand for themselves, and these two.
_RUN = "**"
_ONE = "??"
_SPECIAL = {"*": _RUN, "?": _ONE}


def matches(pattern: str, text: str) -> bool:
    """Say whether the whole text fits: ``*`` is any run of characters, ``?`` exactly one."""
    return _fits(_tokens(pattern), text)


def matches_action(pattern: str, action: str) -> bool:
    """Say whether a pattern fits an action; case does not count."""
    return matches(pattern.lower(), action.lower())


def matches_resource(pattern: str, resource: str, variables: Variables | None = None) -> bool:
    """Say whether a pattern of a ``Resource`` element fits an ARN.

    An ARN is compared part by part, so that a ``*`` does not reach past a colon; parts that a
    pattern lacks are taken for ``*``. ``variables`` None leaves ``${…}`` as it stands. A pattern
    whose variable has no value fits nothing.
    """
    if not pattern.startswith("arn:"):
        return _fits_with(pattern, resource, variables)
    patterns = split_arn(pattern)
    patterns += ["*"] * (ARN_PARTS - len(patterns))
    parts = resource.split(":", ARN_PARTS - 1)
    return len(parts) == ARN_PARTS and all(
        _fits_with(each, part, variables) for each, part in zip(patterns, parts, strict=True)
    )


def overlaps(one: str, other: str) -> bool:
    """Say whether some ARN fits both of two patterns of ``Resource`` elements."""
    parts = [split_arn(one), split_arn(other)]
    if any(len(part) < 2 for part in parts):
        return _share(_tokens(one), _tokens(other))
    mine, theirs = ([*part, *["*"] * (ARN_PARTS - len(part))] for part in parts)
    return all(_share(_tokens(a), _tokens(b)) for a, b in zip(mine, theirs, strict=True))


def matches_arn(pattern: str, arn: str, variables: Variables | None = None) -> bool:
    """Say whether a pattern of a condition on ARNs, which has all six parts, fits ``arn``."""
    return len(split_arn(pattern)) == ARN_PARTS and matches_resource(pattern, arn, variables)


def matches_text(pattern: str, text: str, variables: Variables | None = None) -> bool:
    """Say whether a pattern of a condition on text fits."""
    return _fits_with(pattern, text, variables)


def substitute(text: str, variables: Variables | None) -> str | None:
    """Return ``text``, which is no pattern, with its variables; None when one has no value."""
    if variables is None or "${" not in text:
        return text
    parts = [_value(part, variables) for part in _split_variables(text)]
    return None if None in parts else "".join(part for part in parts if part is not None)


def split_arn(pattern: str) -> list[str]:
    """Return at most six parts of an ARN or a pattern of ARNs; a colon in ``${…}`` parts none."""
    parts: list[str] = []
    begin = depth = 0
    for position, character in enumerate(pattern):
        if pattern.startswith("${", position):
            depth = 1
        elif character == "}":
            depth = 0
        elif character == ":" and not depth and len(parts) < ARN_PARTS - 1:
            parts.append(pattern[begin:position])
            begin = position + 1
    return [*parts, pattern[begin:]]


def _fits_with(pattern: str, text: str, variables: Variables | None) -> bool:
    if variables is None or "${" not in pattern:
        return _fits(_tokens(pattern), text)
    tokens: list[str] = []
    for part in _split_variables(pattern):
        value = _value(part, variables)
        if value is None:
            return False
        # What a variable holds stands for itself, wildcards included.
        tokens += _tokens(value) if isinstance(part, str) else value
    return _fits(tokens, text)


@dataclass(frozen=True, slots=True)
class _Variable:
    """``${aws:username, 'nobody'}``; of ``${*}`` the name is empty and the default a star."""

    name: str
    default: str | None


def _value(part: str | _Variable, variables: Variables) -> str | None:
    if isinstance(part, str):
        return part
    return (variables(part.name) or part.default) if part.name else part.default


def _split_variables(text: str) -> Iterator[str | _Variable]:
    """Yield text that stands for itself, and variables."""
    while text:
        literal, mark, rest = text.partition("${")
        inside, end, after = rest.partition("}")
        if not mark or not end:
            yield text
            return
        yield literal
        name, comma, default = inside.partition(",")
        if inside in ("*", "?", "$"):
            yield _Variable("", inside)
        else:
            yield _Variable(name.strip(), default.strip().strip("'") if comma else None)
        text = after


@lru_cache(maxsize=4096)
def _tokens(pattern: str) -> tuple[str, ...]:
    return tuple(_SPECIAL.get(character, character) for character in pattern)


def _share(one: Sequence[str], other: Sequence[str]) -> bool:
    """Say whether some text fits both."""
    seen: set[tuple[int, int]] = set()
    left = [(0, 0)]
    while left:
        here = left.pop()
        if here in seen:
            continue
        seen.add(here)
        i, j = here
        if i == len(one) and j == len(other):
            return True
        is_run = i < len(one) and one[i] == _RUN
        is_other_run = j < len(other) and other[j] == _RUN
        if is_run:
            left.append((i + 1, j))
        if is_other_run:
            left.append((i, j + 1))
        if i < len(one) and j < len(other):
            if is_run:
                left.append((i, j + 1))
            elif is_other_run:
                left.append((i + 1, j))
            elif one[i] == other[j] or _ONE in (one[i], other[j]):
                left.append((i + 1, j + 1))
    return False


def _fits(tokens: Sequence[str], text: str) -> bool:
    at = star = mark = position = 0
    starred = False
    while position < len(text):
        if at < len(tokens) and tokens[at] == _RUN:
            starred, star, mark = True, at, position
            at += 1
        elif at < len(tokens) and tokens[at] in (_ONE, text[position]):
            at += 1
            position += 1
        elif starred:
            # Let the last star take one character more.
            mark += 1
            at, position = star + 1, mark
        else:
            return False
    return all(token == _RUN for token in tokens[at:])
