"""uv as a subprocess: requirements into a directory, for a platform that need not be this one.

https://docs.astral.sh/uv/reference/cli/#uv-pip-install
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from chalice.bundle.fingerprint import Fingerprint
from chalice.bundle.refusals import explain
from chalice.bundle.requirements import Requirements, normalise
from chalice.bundle.target import Target
from chalice.errors import ToolError

# The runtime is in every bundle already; as a requirement `chalice` would bring the tool along.
_NOT_INSTALLED = "chalice ; python_version < '0'\n"

# What pip reads -> what uv reads, unless one of the uv names is already set; the separator
# that uv wants between several values.
_PIP_NAMES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("PIP_INDEX_URL", ("UV_DEFAULT_INDEX", "UV_INDEX_URL"), " "),
    ("PIP_EXTRA_INDEX_URL", ("UV_INDEX", "UV_EXTRA_INDEX_URL"), " "),
    ("PIP_FIND_LINKS", ("UV_FIND_LINKS",), ","),
    ("PIP_TRUSTED_HOST", ("UV_INSECURE_HOST",), " "),
    ("PIP_CERT", ("SSL_CERT_FILE",), " "),
)
# Variables of uv that say how it works, not what it installs.
_NO_EFFECT = re.compile(
    r"UV_(CACHE_DIR|LINK_MODE|NO_PROGRESS|OFFLINE|SYSTEM_CERTS|NATIVE_TLS|CONCURRENT_\w+|HTTP_\w+"
    r"|PYTHON\w*|TOOL_\w+|\w+_(USERNAME|PASSWORD|TOKEN))"
)
_NAMING_FILES = (
    "UV_CONFIG_FILE", "UV_CONSTRAINT", "UV_BUILD_CONSTRAINT", "UV_OVERRIDE", "UV_EXCLUDE"
)  # fmt: skip
_NEEDS_BUILDING = (
    re.compile(r"Wheels are required for `([^`]+)`"),
    re.compile(r"Building source distributions for `([^`]+)` is disabled"),
    re.compile(r"attempted to build `([^`]+)`"),
)
_BUILDING_IS_OFF = "Building source distributions is disabled"


@dataclass(frozen=True)
class Uv:
    """An installed uv with the environment it runs in."""

    binary: str
    version: str
    environ: Mapping[str, str]

    @classmethod
    def find(cls, environ: Mapping[str, str]) -> Uv:
        """The uv that chalice depends on, else the one on ``PATH``; a ToolError without any."""
        environment = _environment(environ)
        try:
            binary = _find()
            shown = subprocess.run(  # noqa: S603
                [binary, "--version"], env=environment, capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise ToolError(
                "uv, which installs the requirements, is missing or does not run",
                hint=f"install it with `{sys.executable} -m pip install uv`",
            ) from error
        return cls(binary, shown.stdout.strip(), environment)

    def fingerprint(self, project_dir: Path) -> str:
        """Changes when this uv, its settings or its variables may choose other packages."""
        fingerprint = Fingerprint()
        fingerprint.add(self.version)
        for name, value in sorted(self.environ.items()):
            if name.startswith("UV_") and not _NO_EFFECT.fullmatch(name):
                fingerprint.add("variable", name, value)
        for path in _settings(project_dir, self.environ):
            if path.is_file():
                fingerprint.add("settings", path.name, path.read_bytes())
        return fingerprint.hexdigest()

    def install(
        self,
        requirements: Requirements,
        target: Target,
        directory: Path,
        say: Callable[[str], None],
        *,
        built: Built | None = None,
        refresh: Iterable[str] = (),
    ) -> Built:
        """Install into ``directory/site``; return which packages were built on this machine.

        Wheels come first: what has one that fits, be it of an older version that the
        requirements allow, is never built. ``built`` is what is known to have none; what uv's
        cache holds of ``refresh`` is not used. Raises ToolError when a requirement cannot be met.
        """
        overrides = directory / "overrides.txt"
        overrides.write_text(_NOT_INSTALLED, encoding="utf-8")
        command = [
            *(self.binary, "pip", "install", "--no-progress", "--color", "never"),
            *("--python", sys.executable, "--target", str(directory / "site")),
            *("--python-version", target.python_version),
            *("--python-platform", target.uv_platform),
            *("--requirements", requirements.path.name, "--overrides", str(overrides)),
            *_each("--overrides", self.environ.get("UV_OVERRIDE", "").split()),
            *_each("--refresh-package", refresh),
        ]  # fmt: skip
        built = built or Built(frozenset())
        while True:
            done = subprocess.run(  # noqa: S603
                [*command, *built.options()],
                cwd=requirements.path.parent,
                env={**self.environ, **_compilers(target)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            if done.returncode == 0:
                return built
            more = built.grown(done.stderr)
            if more == built:
                raise explain(done.returncode, done.stderr, requirements, target)
            built = more
            say(f"Building {built}: no wheel fits {target}.")


@dataclass(frozen=True)
class Built:
    """The packages that may be built on this machine; None is all of them."""

    names: frozenset[str] | None

    def __contains__(self, name: str) -> bool:
        return self.names is None or normalise(name) in self.names

    def __str__(self) -> str:
        return "the requirements" if self.names is None else ", ".join(sorted(self.names))

    def options(self) -> list[str]:
        """As uv is told: wheels only, save for these."""
        if self.names is None:
            return []
        return ["--only-binary", ":all:", *_each("--no-binary", sorted(self.names))]

    def grown(self, stderr: str) -> Built:
        """With the packages that uv said have no wheel; equal to this one if it named no new."""
        if self.names is None:
            return self
        found = {normalise(name) for words in _NEEDS_BUILDING for name in words.findall(stderr)}
        if not found and _BUILDING_IS_OFF in stderr:
            return Built(None)
        return Built(self.names | found)


def _each(option: str, values: Iterable[str]) -> list[str]:
    return [part for value in values for part in (option, value)]


def _compilers(target: Target) -> dict[str, str]:
    """No C compiler where it could only make what does not run on the target.

    Packages whose C is optional are built without; the others fail at once, not after minutes.
    """
    here = sys.platform, platform.machine(), f"{sys.version_info[0]}.{sys.version_info[1]}"
    is_alike = here == ("linux", target.machine, target.python_version)
    return {} if is_alike else {"CC": "false", "CXX": "false"}


def _find() -> str:
    try:
        from uv import find_uv_bin  # noqa: PLC0415 - absent where people bring their own uv

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        binary = shutil.which("uv")
        if binary is None:
            raise FileNotFoundError("uv") from None
        return binary


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The caller's variables, with pip's taken over; output that can be parsed."""
    ours = {"UV_NO_WRAP": "1", "UV_NO_EDITABLE": "1"}
    for theirs, names, separator in _PIP_NAMES:
        value = environ.get(theirs)
        if value and not any(environ.get(name) for name in names):
            ours[names[0]] = separator.join(value.split())
    return {**environ, **ours}


def _settings(project_dir: Path, environ: Mapping[str, str]) -> list[Path]:
    """The files that uv may take settings from, here and for the user and the machine."""
    project = project_dir.resolve()
    home = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return [
        *(folder / name for folder in (project, *project.parents)
          for name in ("uv.toml", "pyproject.toml")),
        *(project / name for variable in _NAMING_FILES
          for name in environ.get(variable, "").split()),
        home / "uv" / "uv.toml",
        Path("/etc/uv/uv.toml"),
    ]  # fmt: skip
