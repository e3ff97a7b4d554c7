"""The packages that a project requires: taken out of their wheels, or installed by uv.

What uv chooses is fetched and read here where it is a wheel, which is several times as fast as
installing and compressing it again. uv builds the rest, and does all of it where it knows a way to
an archive that this does not.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from chalice.bundle import distributions, provided, wheels
from chalice.bundle.building import Built
from chalice.bundle.downloads import Downloads, UnavailableError, now
from chalice.bundle.installer import Uv
from chalice.bundle.packages import Package, dependents, reachable
from chalice.bundle.requirements import Requirements
from chalice.bundle.resolution import Pin
from chalice.bundle.settings import Settings
from chalice.bundle.target import Target
from chalice.bundle.vetting import check_archive

_AT_ONCE = 8  # archives that are fetched at a time
Say = Callable[[str], None]


@dataclass(frozen=True)
class Installed:
    """Packages, and whether boto3 is bundled if it is among them."""

    packages: list[Package]
    boto3: bool


@dataclass(frozen=True)
class Installation:
    """What is needed to come to the packages. ``scratch`` is an empty directory."""

    uv: Uv
    requirements: Requirements
    target: Target
    settings: Settings
    scratch: Path
    say: Say

    def run(self) -> Installed:
        """Return the packages. Raises ToolError for what does not run on the target."""
        found = self._found()
        roots = self.requirements.roots
        return found if roots is None else replace(found, packages=reachable(found.packages, roots))

    def _found(self) -> Installed:
        pins = self.uv.resolve(self.requirements, self.target, self.scratch)
        if pins is not None:
            try:
                return self._fetched(pins)
            except UnavailableError:
                shutil.rmtree(self.scratch / "site", ignore_errors=True)
        return self._installed()

    def _fetched(self, pins: Sequence[Pin]) -> Installed:
        downloads = Downloads(self.uv.environ)
        is_core = [pin.name in provided.CORE for pin in pins]
        with ThreadPoolExecutor(_AT_ONCE) as pool:

            def take(pins: Sequence[Pin]) -> list[Package | Pin]:
                return list(pool.map(lambda pin: self._take(pin, downloads), pins))

            later = [pin for pin, core in zip(pins, is_core, strict=True) if core]
            at_once = [pin for pin, core in zip(pins, is_core, strict=True) if not core]
            if self.settings.boto3:
                at_once, later = list(pins), []
            found = self._with_built(take(at_once))
            boto3 = self._wants_boto3(found)
            if boto3:
                found += self._with_built(take(later))
            else:
                found += [_unseen(pin) for pin in later]
        downloads.prune(now())
        return Installed(found, boto3)

    def _take(self, pin: Pin, downloads: Downloads) -> Package | Pin:
        """Return the package of a wheel; of anything else how uv gets what was fetched."""
        if pin.archive is None:
            return pin
        path = downloads.fetch(pin.archive, self.scratch)
        if pin.archive.is_wheel:
            return wheels.read(path, pin.archive.name)
        check_archive(path, pin.archive.name)
        named = self.scratch / pin.archive.name
        if path != named:
            shutil.copyfile(path, named)
        return replace(pin, requirement=f"{pin.name} @ {named.as_uri()}")

    def _with_built(self, found: Sequence[Package | Pin]) -> list[Package]:
        packages = [each for each in found if isinstance(each, Package)]
        pins = [each for each in found if isinstance(each, Pin)]
        if not pins:
            return packages
        names = ", ".join(sorted(pin.name for pin in pins))
        self.say(f"Building {names}: no wheel fits {self.target}.")
        needed_by = dependents(packages)
        self.uv.build(pins, self.requirements, self.target, self.scratch, needed_by)
        site = self.scratch / "site"
        distributions.check(site, self.requirements, self.target, Built(None))
        return packages + distributions.packages(site)

    def _installed(self) -> Installed:
        """Let uv do everything."""
        site = self.scratch / "site"

        def install(built: Built | None = None, refresh: Sequence[str] = ()) -> Built:
            return self.uv.install(
                self.requirements, self.target, self.scratch, self.say, built=built, refresh=refresh
            )

        built = install()
        if local := distributions.local(site):
            # uv builds a local package once and does not look whether its sources changed.
            shutil.rmtree(site)
            built = install(built, local)
        distributions.check(site, self.requirements, self.target, built)
        packages = distributions.packages(site)
        return Installed(packages, self._wants_boto3(packages))

    def _wants_boto3(self, packages: Sequence[Package]) -> bool:
        if self.settings.boto3 is not None:
            return self.settings.boto3
        return provided.is_asked(self.requirements, packages)


def _unseen(pin: Pin) -> Package:
    """A package that is left out without having been fetched."""
    name, _, version = pin.requirement.partition("==")
    return Package(f"{name.replace('-', '_')}-{version}", [], {})
