"""What the Python runtimes of Lambda have already: boto3 and what it needs.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from chalice.bundle.packages import Package, needed
from chalice.bundle.requirements import Requirements

CORE = frozenset(("boto3", "botocore", "s3transfer", "jmespath"))
"""What nothing but boto3 and programs that use it need."""
_NEEDED_BY_CORE = frozenset(("python-dateutil", "six", "urllib3"))

# No runtime has older ones; which it has changes without notice, so no bound from above holds.
_OLDEST: Mapping[str, tuple[int, ...]] = {
    "boto3": (1, 34, 145),
    "botocore": (1, 34, 145),
    "s3transfer": (0, 10, 0),
    "jmespath": (1, 0, 0),
}
_NEWEST = 9999
_CLAUSE = re.compile(r"(===|==|~=|!=|<=|>=|<|>)\s*([\w.*+!-]+)")


def is_asked(requirements: Requirements, packages: Iterable[Package]) -> bool:
    """Whether a version is asked for that Lambda may not have.

    By the project, by its lock, or by one of the packages, which are those besides ``CORE``.
    """
    if requirements.is_locked and any(name in CORE for name in requirements.places):
        return True
    asked = [(name, each) for name in CORE for each in requirements.specifiers.get(name, ())]
    asked += [found for package in packages if package.name not in CORE for found in _of(package)]
    return not all(_is_had(name, each) for name, each in asked)


def left_to_lambda(requirements: Requirements, packages: Sequence[Package]) -> set[str]:
    """Return the names of the packages that are there for the sake of boto3 alone."""
    others = [each for each in packages if each.name not in CORE]
    named = set(requirements.specifiers) | {
        name for each in others if each.name not in _NEEDED_BY_CORE for name, _ in needed(each)
    }
    alone = {each.name for each in others if each.name in _NEEDED_BY_CORE} - named
    if "python-dateutil" not in alone and any(each.name == "python-dateutil" for each in others):
        alone.discard("six")
    return alone | {each.name for each in packages if each.name in CORE}


def _of(package: Package) -> list[tuple[str, str]]:
    return [(name, rest) for name, rest in needed(package) if name in CORE]


def _is_had(name: str, said: str) -> bool:
    """Whether every runtime has a version of ``name`` that ``[extra]>=1.0,<2`` allows."""
    if said.startswith("[") or "@" in said:
        return False
    oldest = _OLDEST[name]
    newest = (oldest[0], _NEWEST)
    return all(
        _allows(operator, version, had)
        for operator, version in _CLAUSE.findall(said)
        for had in (oldest, newest)
    )


def _allows(operator: str, version: str, had: tuple[int, ...]) -> bool:
    given = tuple(int(part) for part in re.findall(r"\d+", version))
    match operator:
        case ">=":
            return had >= given
        case ">":
            return had[: len(given)] > given
        case "<":
            return had < given
        case "<=":
            return had <= given
        case "!=":
            return True
        case "~=":
            return had >= given and had[: len(given) - 1] == given[:-1]
        case _:
            return version.endswith(".*") and had[: len(given)] == given
