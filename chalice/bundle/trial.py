"""Importing the app from its finished bundle, before anything is uploaded.

In a process that has what is in the bundle, the Python that will run it, and what Lambda adds to
both; not this machine's packages, variables or credentials. Calls to AWS lead nowhere.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalice.bundle import archive, interpreters, trees
from chalice.bundle.archive import Member
from chalice.bundle.builder import Bundles, reporting
from chalice.bundle.bytecode import module_of
from chalice.bundle.dependencies import Dependencies
from chalice.bundle.fingerprint import Fingerprint
from chalice.bundle.interpreters import Interpreter
from chalice.bundle.settings import Settings
from chalice.bundle.target import Target
from chalice.config.application import DISTRIBUTIONS
from chalice.errors import ToolError

_TIMEOUT = 60.0  # seconds; Lambda gives 10, on another processor
_PROVIDED = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
_SHOWN = 6  # frames of a traceback
# Errors of the network and of those who use it: they say nothing about the bundle.
_OF_THE_NETWORK = ("botocore.", "urllib3.", "requests.", "httpx.", "aiohttp.", "socket.")
_CONNECTING = ("ConnectionError", "ConnectionRefusedError", "TimeoutError", "gaierror")

_IMPORT = """
import importlib, importlib.machinery, json, os, sys, traceback

facts = json.loads(sys.argv[1])
result = facts["result"]
sys.argv = ["bootstrap"]

class Provided:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if path is None and name in facts["provided"]:
            return importlib.machinery.PathFinder.find_spec(name, [facts["provided"][name]])

sys.path[:] = [*facts["paths"], *(path for path in sys.path if path)]
sys.meta_path.append(Provided)
said = {}
try:
    module = importlib.import_module(facts["module"])
    if not hasattr(module, facts["variable"]):
        said = {"missing": True}
except BaseException as error:
    kinds, each = [], error
    while each is not None and len(kinds) < 20:
        kinds.append("%s.%s" % (type(each).__module__, type(each).__name__))
        each = each.__cause__ or each.__context__
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, SyntaxError):
        frames.append(traceback.FrameSummary(error.filename or "", error.lineno or 0, "<module>"))
    said = {
        "kind": type(error).__name__,
        "kinds": kinds,
        "name": getattr(error, "name", None),
        "message": str(error),
        "frames": [(frame.filename, frame.lineno, frame.name, frame.line) for frame in frames],
    }
with open(result, "w") as file:
    json.dump(said, file)
os._exit(0)
"""


@contextmanager
def tried(
    project_dir: Path,
    target: Target,
    made: Bundles,
    settings: Settings,
    say: Callable[[str], None],
) -> Iterator[None]:
    """Try to import the app from its bundle while the block runs, if the settings say so.

    What is found is raised, as a ToolError, at the end of the block.
    """
    if not settings.check:
        yield
        return
    folder = made.code.path.parent

    def required() -> Path | None:
        wanted = Dependencies.read(project_dir, target, os.environ, settings)
        return wanted.path(folder) if wanted else None

    layer = made.layer.path if made.layer else None
    trial = Trial(project_dir, made.code.path, layer, required, settings, target, say)
    digests = [each.sha256 for each in (made.code, made.layer) if each]
    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(trial.run, digests)
        yield
        with reporting("cannot unpack the bundle", folder):
            outcome.result()


@dataclass(frozen=True)
class Trial:
    """A bundle to try: its zips, and what tells the zip of its requirements, None for none."""

    project_dir: Path
    code: Path
    layer: Path | None
    required: Callable[[], Path | None]
    settings: Settings
    target: Target
    say: Callable[[str], None]
    timeout: float = _TIMEOUT

    def run(self, digests: Sequence[str]) -> None:
        """Import the app, unless a bundle with these digests was tried before.

        Raises ToolError if that fails and not for want of a network. Where it cannot be tried
        it is said why.
        """
        mark = self.code.parent / f"imported-{self._key(digests)}"
        if mark.exists():
            return
        interpreter = interpreters.find(self.target.python_version)
        if interpreter is None:
            self.say(
                f"Python {self.target.python_version} is not here, so importing the app from"
                " the bundle is not tried."
            )
            return
        members = self._members()
        if not _runs_here(members, self.target):
            self.say(
                f"The bundle has native code for {self.target}, so importing the app from it"
                " is not tried here."
            )
            return
        with tempfile.TemporaryDirectory(prefix="chalice-", ignore_cleanup_errors=True) as name:
            said = self._import(interpreter, members, Path(name))
            if said:
                self._judge(said, Path(name))
        mark.touch()

    def _key(self, digests: Sequence[str]) -> str:
        key = Fingerprint()
        key.add(str(self.settings.entry), self.target.python_version, *digests)
        for name, value in sorted(self.settings.environment.items()):
            key.add(name, str(value))
        return key.hexdigest()

    def _members(self) -> dict[str, Member]:
        """The files of the bundle, those of the layer as if they lay beside the app."""
        members: dict[str, Member] = {}
        for each in archive.read(self.layer) if self.layer else ():
            members[each.name.removeprefix(self.target.layer_folder)] = each
        members.update((each.name, each) for each in archive.read(self.code))
        return members

    def _import(
        self, interpreter: Interpreter, members: Mapping[str, Member], scratch: Path
    ) -> dict[str, Any]:
        """What the process said of the import; nothing if it went well."""
        task, result = scratch / "task", scratch / "result.json"
        task.mkdir()
        paths = [task, *self._unpacked(members, task)]
        facts = {
            "paths": [str(path.absolute()) for path in paths],
            "module": self.settings.entry.module,
            "variable": self.settings.entry.variable,
            "provided": _provided(),
            "result": str(result),
        }
        command = [str(interpreter.executable), "-s", "-S", "-B", "-c", _IMPORT, json.dumps(facts)]
        try:
            done = subprocess.run(  # noqa: S603
                command,
                cwd=task,
                env=self._environment(task),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise self._error(
                f"importing {self.settings.entry.shown_file} from the bundle took more than"
                f" {self.timeout:.0f} seconds",
                hint="what takes long belongs into the functions: Lambda allows 10 seconds",
            ) from None
        try:
            said: dict[str, Any] = json.loads(result.read_bytes())
        except (OSError, ValueError):
            raise self._error(
                f"importing {self.settings.entry.shown_file} from the bundle ended the process"
                f" (with {done.returncode})",
                excerpt=done.stderr.decode("utf-8", "replace").strip()[-400:] or None,
            ) from None
        return said

    def _unpacked(self, members: Mapping[str, Member], task: Path) -> list[Path]:
        """Write the bundle into ``task``; return where the requirements lie, if elsewhere.

        These are unpacked once for all changes of the app, unless both have files in one package.
        """
        path = self.required()
        found = archive.read(path) if path is not None and path.exists() else []
        required = {each.name for each in found}
        own = [member for name, member in members.items() if name not in required]
        tops = {_top(name) for name in required}
        is_apart = all(name in members for name in required) and not any(
            _top(name) in tops for name in members if name not in required
        )
        placed = {member.name: name for name, member in members.items()}
        if not is_apart or path is None or not found:
            trees.unpack((_renamed(each, placed) for each in members.values()), task)
            return []
        trees.unpack((_renamed(each, placed) for each in own), task)
        return [trees.kept(path)]

    def _environment(self, task: Path) -> dict[str, str]:
        """The variables of the functions, and those of Lambda; nothing leads to an account."""
        given = {
            name: str(value)
            for name, value in self.settings.environment.items()
            if not name.startswith(("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_CONTAINER_"))
        }
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": str(task.parent),
            "TMPDIR": str(task.parent),
            "LAMBDA_TASK_ROOT": str(task),
            "LD_LIBRARY_PATH": f"{task}:{task}/lib",
            "AWS_LAMBDA_FUNCTION_NAME": "import-check",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "import-check",
            "AWS_SECRET_ACCESS_KEY": "import-check",
            **given,
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def _judge(self, said: Mapping[str, Any], scratch: Path) -> None:
        """Raise what keeps the app from being imported; say what only kept it here."""
        entry = self.settings.entry
        if said.get("missing"):
            raise self._error(
                f"{entry.shown_file} has no variable `{entry.variable}` when it is imported from"
                " the bundle"
            )
        missing = (said["name"] or "").partition(".")[0]
        if said["kind"] == "ModuleNotFoundError" and missing in _PROVIDED:
            self.say(
                f"Importing the app from the bundle ends at `{missing}`, which Lambda has and this"
                " machine has not."
            )
            return
        if any(_is_of_the_network(kind) for kind in said["kinds"]):
            self.say(
                "Importing the app from the bundle ends where it makes a call over the network"
                f" ({said['kind']})."
            )
            return
        frames = _own_frames(said["frames"], scratch)
        place = next(
            (f"{file}:{line}" for file, line, _, _ in reversed(frames)
             if (self.project_dir / file).exists()),
            entry.shown_file,
        )  # fmt: skip
        message = f": {said['message']}" if said["message"] else ""
        raise ToolError(
            f"importing {entry.shown_file} from the bundle, with Python"
            f" {self.target.python_version}, raised {said['kind']}{message}",
            where=place,
            excerpt="\n".join(_shown(frame) for frame in frames[-_SHOWN:]) or None,
            hint=self._hint(said, missing),
        )

    def _error(
        self, summary: str, *, hint: str | None = None, excerpt: str | None = None
    ) -> ToolError:
        return ToolError(summary, where=self.settings.entry.shown_file, hint=hint, excerpt=excerpt)

    def _hint(self, said: Mapping[str, Any], missing: str) -> str:
        otherwise = '`"bundle_check": false` in .chalice/config.json does without this check'
        if said["kind"] == "ModuleNotFoundError" and missing:
            own = self.project_dir / missing
            if own.is_dir() or own.with_suffix(".py").is_file():
                return (
                    f"`{missing}` is in the project but not in the bundle: move it into"
                    " chalicelib/, or name it in `bundle_include`"
                )
            return f"add `{DISTRIBUTIONS.get(missing, missing)}` to the requirements"
        if said["kind"] == "KeyError" and said["frames"][-1][0].endswith(("os.py", "os>")):
            name = said["message"].strip("'")
            return (
                f"set `{name}` in `environment_variables` of .chalice/config.json: functions do"
                " not have the variables of this shell"
            )
        return otherwise


def _renamed(member: Member, placed: Mapping[str, str]) -> Member:
    name = placed[member.name]
    return (
        member
        if name == member.name
        else Member(name, member.executable, member.method, member.crc, member.size, member.data)
    )


def _top(name: str) -> str:
    """The package or module at the top that a file is of."""
    return (module_of(name) or name).partition("/")[0]


def _runs_here(members: Mapping[str, Member], target: Target) -> bool:
    """Whether this machine can load what is native in the bundle."""
    if not any(name.endswith(".so") or ".so." in name for name in members):
        return True
    name, version = platform.libc_ver()
    found = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    is_enough = name == "glibc" and found >= target.glibc
    return sys.platform == "linux" and platform.machine() == target.machine and is_enough


def _provided() -> dict[str, str]:
    """Where this machine has what Lambda has: name of a package -> the directory it is in."""
    found = {}
    for name in _PROVIDED:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            path = Path(spec.origin)
            folder = path.parent.parent if path.name == "__init__.py" else path.parent
            found[name] = str(folder)
    return found


def _is_of_the_network(kind: str) -> bool:
    return kind.startswith(_OF_THE_NETWORK) or kind.rpartition(".")[2] in _CONNECTING


def _own_frames(
    frames: Sequence[tuple[str, int, str, str]], scratch: Path
) -> list[tuple[str, int, str, str]]:
    """The frames in files of the bundle, which have their paths in it."""
    root = os.path.realpath(scratch / "task") + os.sep
    found = []
    for file, line, name, text in frames:
        if os.path.realpath(file).startswith(root):
            found.append((os.path.realpath(file)[len(root) :], line, name, text))
    return found


def _shown(frame: tuple[str, int, str, str]) -> str:
    file, line, _, text = frame
    return f"{file}:{line}: {text or ''}".rstrip(": ")
