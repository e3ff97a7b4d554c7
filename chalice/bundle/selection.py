"""What of the required packages goes into a bundle, and what is left out of it, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chalice.bundle import provided
from chalice.bundle.archive import Member
from chalice.bundle.packages import Package
from chalice.bundle.requirements import Requirements
from chalice.bundle.settings import Settings

_TESTS = re.compile(r"(.*?(?:^|/)tests)/")
_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+(\.*)([\w.]*)[ \t]+)?import[ \t]+([\w., \t]+)", re.MULTILINE
)


@dataclass(frozen=True)
class LeftOut:
    """Files of a package that are not bundled. ``size`` is in bytes, unpacked."""

    package: str
    reason: str
    files: int
    size: int


def choose(
    packages: Sequence[Package], requirements: Requirements, settings: Settings, *, boto3: bool
) -> tuple[list[Package], list[LeftOut]]:
    """Return the packages with the files that are bundled of them, and what is not.

    ``boto3`` says whether it is bundled with what is needed only by it. What
    ``bundle_include`` matches is never left out, unless ``bundle_exclude`` matches it too.
    """
    unwanted = (
        {}
        if boto3
        else dict.fromkeys(provided.left_to_lambda(requirements, packages), "Lambda has it")
    )
    if "pip" not in requirements.specifiers:
        unwanted["pip"] = "it installs packages"
    kept: list[Package] = []
    left_out: list[LeftOut] = []
    for package in packages:
        reasons = {
            member.name: reason
            for member, reason in _reasons(package, unwanted.get(package.name), settings)
        }
        for reason in sorted(set(reasons.values())):
            gone = [each for each in package.members if reasons.get(each.name) == reason]
            size = sum(each.size for each in gone)
            left_out.append(LeftOut(package.label, reason, len(gone), size))
        if not package.members and package.name in unwanted:
            left_out.append(LeftOut(package.label, unwanted[package.name], 0, 0))
        members = [each for each in package.members if each.name not in reasons]
        if members:
            kept.append(replace(package, members=members))
    return kept, left_out


def _reasons(
    package: Package, unwanted: str | None, settings: Settings
) -> Iterator[tuple[Member, str]]:
    """Yield the members to leave out, with the reason."""
    tests = _tests(package)
    for member in package.members:
        found = _TESTS.match(member.name)
        if member.name in settings.exclude:
            yield member, "`bundle_exclude` matches it"
        elif member.name in settings.include:
            continue
        elif unwanted is not None:
            yield member, unwanted
        elif found and found[1] in tests:
            yield member, "tests"


def _tests(package: Package) -> set[str]:
    """The directories of tests, save for those that the rest of the package imports."""
    found = {match[1] for each in package.members if (match := _TESTS.match(each.name))}
    if not found:
        return found
    used = {
        module
        for each in package.members
        if each.name.endswith(".py") and not _TESTS.match(each.name)
        for module in _imported(each)
    }
    return {each for each in found if not any(_is_within(module, each) for module in used)}


def _imported(member: Member) -> Iterator[str]:
    """Yield what a module imports whose name has to do with tests, as a path."""
    data = member.read()
    if b"tests" not in data:
        return
    for dots, module, names in _IMPORT.findall(data):
        folder = member.name.split("/")[: -len(dots)] if dots else []
        start = "/".join((*folder, *filter(None, module.decode().split("."))))
        for name in names.decode().replace("\t", " ").split(","):
            words = name.split()
            path = words[0].replace(".", "/") if words else ""
            if dots or module:
                yield f"{start}/{path}" if start else path
            elif path:
                yield path


def _is_within(module: str, directory: str) -> bool:
    return module == directory or module.startswith(f"{directory}/")
