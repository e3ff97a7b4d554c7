"""uv as a subprocess: requirements into a directory, for a platform that need not be this one.

https://docs.astral.sh/uv/reference/cli/#uv-pip-install
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chalice.bundle import pip
from chalice.bundle.building import Built, compilers, each
from chalice.bundle.candidates import lacking, vet
from chalice.bundle.downloads import Downloads
from chalice.bundle.fingerprint import Fingerprint
from chalice.bundle.refusals import explain
from chalice.bundle.requirements import Requirements, hashes_in, normalise
from chalice.bundle.resolution import Hashes, Pin, read
from chalice.bundle.target import Target
from chalice.errors import ToolError

# The runtime is in every bundle already; as a requirement `chalice` would bring the tool along.
_NOT_INSTALLED = "chalice ; python_version < '0'\n"

_PIP_MORE = "PIP_EXTRA_INDEX_URL"
# What pip reads -> what uv reads, unless one of the uv names is already set; the separator
# that uv wants between several values.
_PIP_NAMES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("PIP_INDEX_URL", ("UV_DEFAULT_INDEX", "UV_INDEX_URL"), " "),
    (_PIP_MORE, ("UV_INDEX", "UV_EXTRA_INDEX_URL"), " "),
    ("PIP_NO_INDEX", ("UV_NO_INDEX",), " "),
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
# What a lock has settled, and uv refuses beside one.
_SETTLED = ("UV_OVERRIDE", "UV_CONSTRAINT", "UV_EXCLUDE")
_UNREADABLE = "Failed to extract archive"
_OTHER_PYTHON = "incompatible with the project's Python requirement"
_REQUIRES_PYTHON = re.compile(r'^requires-python = "([^"]*)"$', re.MULTILINE)


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
        command = [
            *(self.binary, "pip", "install", "--no-progress", "--color", "never"),
            *("--python", sys.executable, "--target", str(directory / "site")),
            *("--python-version", target.python_version),
            *("--python-platform", target.uv_platform),
            *self._wanted(requirements, target, directory),
            *each("--refresh-package", refresh),
        ]  # fmt: skip
        built = built or Built(frozenset())
        while True:
            done = self.run([*command, *built.options()], requirements, target)
            if done.returncode == 0:
                return built
            more = built.grown(done.stderr)
            if more == built:
                raise self._refusal(done, requirements, target, directory)
            built = more
            say(f"Building {built}: no wheel fits {target}.")

    def _wanted(self, requirements: Requirements, target: Target, directory: Path) -> list[str]:
        """The options that name what to install; what has to be made for them is in ``directory``.

        A lock is taken as it is. Other files go without ``chalice``, by an override.
        """
        if requirements.text is not None:
            return ["--no-deps", "--requirements", str(_written(requirements.text, directory))]
        if requirements.file == "uv.lock":
            path = self._exported(requirements, target, directory, "pylock.toml")
            return ["--requirements", str(path)]
        if requirements.file == "pylock.toml":
            return ["--requirements", requirements.file]
        return ["--requirements", requirements.file, *self._overrides(directory)]

    def _exported(
        self, requirements: Requirements, target: Target, directory: Path, name: str
    ) -> Path:
        """``uv.lock`` as the file ``name``, without ``chalice`` and what only that needs.

        uv refuses a lock that ``pyproject.toml`` has outrun; it cannot tell where the project
        does not allow the Python that runs this, and the lock is believed there.
        """
        wanted = _REQUIRES_PYTHON.search(requirements.path.read_text(encoding="utf-8"))
        if wanted and not target.satisfies(wanted[1]):
            raise ToolError(
                f"`uv.lock` is for Python {wanted[1]}, the bundle is for {target}",
                where=requirements.file,
                hint="change `requires-python` in pyproject.toml and run `uv lock`,"
                " or deploy with another Python",
            )
        path = directory / name
        command = [
            *(self.binary, "export", "--color", "never", "--quiet", "--format", name),
            *("--python", sys.executable, "--no-dev", "--no-emit-project", "--prune", "chalice"),
            *("--output-file", str(path)),
        ]
        done = self.run([*command, "--locked"], requirements, target)
        if done.returncode != 0 and _OTHER_PYTHON in done.stderr:
            done = self.run([*command, "--frozen"], requirements, target)
        if done.returncode != 0:
            raise self._refusal(done, requirements, target, directory)
        lock = path.read_text(encoding="utf-8")
        # uv would hold it against the Python that runs this.
        path.write_text(_REQUIRES_PYTHON.sub("", lock), encoding="utf-8")
        return path

    def resolve(
        self, requirements: Requirements, target: Target, directory: Path
    ) -> list[Pin] | None:
        """Return what uv chooses, wheels first as ``install`` does, without installing it.

        None where only ``install`` can tell, or can tell why not.
        """
        if requirements.file == "pylock.toml":
            return read(requirements.path, target, {})
        options, hashes = self._compilable(requirements, target, directory)
        chosen = directory / "pylock.chosen.toml"
        command = [
            *(self.binary, "pip", "compile", "--no-progress", "--color", "never", "--no-header"),
            *("--python", sys.executable, "--python-version", target.python_version),
            *("--python-platform", target.uv_platform, "--quiet"),
            *("--format", "pylock.toml", "--output-file", str(chosen), *options),
        ]  # fmt: skip
        built = Built(frozenset())
        while True:
            done = self.run([*command, *built.options()], requirements, target)
            if done.returncode == 0:
                return read(chosen, target, hashes)
            more = built.grown(done.stderr)
            if more == built:
                return None
            built = more

    def _compilable(
        self, requirements: Requirements, target: Target, directory: Path
    ) -> tuple[list[str], Hashes]:
        """What to resolve: options and files, and the hashes that are demanded."""
        if requirements.file == "uv.lock":
            path = self._exported(requirements, target, directory, "requirements.txt")
            return ["--no-deps", str(path)], hashes_in(path.read_text(encoding="utf-8"))
        if requirements.text is not None:
            path = _written(requirements.text, directory)
            return ["--no-deps", str(path)], hashes_in(requirements.text)
        return [requirements.file, *self._overrides(directory)], requirements.hashes

    def _overrides(self, directory: Path) -> list[str]:
        path = directory / "overrides.txt"
        path.write_text(_NOT_INSTALLED, encoding="utf-8")
        more = self.environ.get("UV_OVERRIDE", "").split()
        return ["--overrides", str(path), *each("--overrides", more)]

    def build(
        self,
        pins: Sequence[Pin],
        requirements: Requirements,
        target: Target,
        directory: Path,
        dependents: Mapping[str, str],
    ) -> None:
        """Install into ``directory/site`` what was chosen and is no wheel, and nothing else.

        ``dependents`` is who needs a package, by its name.
        """
        listed = directory / "to-build.txt"
        listed.write_text("".join(f"{pin.requirement}\n" for pin in pins), encoding="utf-8")
        command = [
            *(self.binary, "pip", "install", "--no-progress", "--color", "never", "--no-deps"),
            *("--python", sys.executable, "--target", str(directory / "site")),
            *("--python-version", target.python_version),
            *("--python-platform", target.uv_platform, "--requirements", str(listed)),
            *each("--refresh-package", (pin.name for pin in pins)),
        ]  # fmt: skip
        done = self.run(command, requirements, target)
        if done.returncode != 0:
            raise self._refusal(done, requirements, target, directory, dependents)

    def _refusal(
        self,
        done: subprocess.CompletedProcess[str],
        requirements: Requirements,
        target: Target,
        directory: Path,
        dependents: Mapping[str, str] | None = None,
    ) -> ToolError:
        def candidates(name: str) -> list[str]:
            return self._candidates(name, done.stderr, requirements, target, directory)

        return explain(done.returncode, done.stderr, requirements, target, candidates, dependents)

    def _candidates(
        self,
        name: str,
        stderr: str,
        requirements: Requirements,
        target: Target,
        directory: Path,
    ) -> list[str]:
        """What there is of a package for any platform; nothing where it comes from no index.

        Raises ToolError where uv could not read it because it is hostile.
        """
        asked = directory / "candidates.txt"
        versions = (each for each in requirements.specifiers.get(normalise(name), ()) if each)
        said = next(versions, "") if "@" not in name else ""
        lines = [*requirements.indexes, f"{name}{said}"]
        asked.write_text("\n".join(lines) + "\n", encoding="utf-8")
        found = directory / "pylock.candidates.toml"
        command = [
            *(self.binary, "pip", "compile", "--quiet", "--no-deps", "--universal"),
            *("--python", sys.executable, "--python-version", target.python_version),
            *("--format", "pylock.toml", "--output-file", str(found), str(asked)),
        ]  # fmt: skip
        if self.run(command, requirements, target).returncode != 0:
            return []
        if _UNREADABLE in stderr:
            vet(found, Downloads(self.environ), directory)
        return lacking(found, target)

    def run(
        self, command: list[str], requirements: Requirements, target: Target
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of uv's in the project."""
        environ = {**self.environ, **compilers(target)}
        if requirements.is_locked:
            environ = {name: value for name, value in environ.items() if name not in _SETTLED}
        return subprocess.run(  # noqa: S603
            command,
            cwd=requirements.path.parent,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )


def _written(text: str, directory: Path) -> Path:
    path = directory / "locked.txt"
    path.write_text(text, encoding="utf-8")
    return path


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
    ours = {"UV_NO_WRAP": "1", "UV_NO_EDITABLE": "1", "UV_PYTHON_DOWNLOADS": "never"}
    configured = pip.settings(environ)
    for theirs, names, separator in _PIP_NAMES:
        value = configured.get(theirs)
        if value and not any(environ.get(name) for name in names):
            ours[names[0]] = separator.join(value.split())
            if theirs == _PIP_MORE:
                # As pip, ask the others too for what the first that knows a name has not.
                ours["UV_INDEX_STRATEGY"] = environ.get("UV_INDEX_STRATEGY", "unsafe-first-match")
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
