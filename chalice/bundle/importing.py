"""The process in which an app is imported from its bundle, and what it says of that."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chalice.bundle.interpreters import Interpreter
from chalice.bundle.settings import Settings

PROVIDED = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
"""Modules and packages that Lambda adds to those of a bundle."""

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


def import_app(
    interpreter: Interpreter,
    paths: Sequence[Path],
    settings: Settings,
    scratch: Path,
    timeout: float,
) -> dict[str, Any]:
    """Import the app of a bundle that lies in ``paths``, the first of which is its task directory.

    Returns nothing if that went well, ``{"missing": true}`` without the variable of the app, else
    ``kind``, ``kinds``, ``name``, ``message`` and ``frames`` of the exception. Raises
    ``TimeoutError`` after ``timeout`` seconds, ``ChildProcessError`` with the exit code and the
    last words of a process that said nothing.
    """
    task, result = paths[0], scratch / "result.json"
    facts = {
        "paths": [str(path.absolute()) for path in paths],
        "module": settings.entry.module,
        "variable": settings.entry.variable,
        "provided": _provided(),
        "result": str(result),
    }
    command = [str(interpreter.executable), "-s", "-S", "-B", "-c", _IMPORT, json.dumps(facts)]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=task,
            env=_environment(task, settings.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    try:
        said: dict[str, Any] = json.loads(result.read_bytes())
    except (OSError, ValueError):
        words = done.stderr.decode("utf-8", "replace").strip()[-400:]
        raise ChildProcessError(done.returncode, words) from None
    return said


def _environment(task: Path, variables: Mapping[str, object]) -> dict[str, str]:
    """The variables of the functions, and those of Lambda; nothing leads to an account."""
    given = {
        name: str(value)
        for name, value in variables.items()
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


def _provided() -> dict[str, str]:
    """Where this machine has what Lambda has: name of a package -> the directory it is in."""
    found = {}
    for name in PROVIDED:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            path = Path(spec.origin)
            folder = path.parent.parent if path.name == "__init__.py" else path.parent
            found[name] = str(folder)
    return found
