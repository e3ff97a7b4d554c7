"""An embedded cloud for tests: it begins empty, AWS calls reach it, apps can be deployed to it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typing_extensions import Self

from chalice.aws.invocations import describe_failure, invoke
from chalice.aws.session import Session
from chalice.cloud import ensure_running, python_path, stop
from chalice.errors import ToolError

_URLS = ("rest_api_url", "http_api_url", "function_url")
_NOT_COPIED = frozenset(("__pycache__", "node_modules", "deployed", "deployments"))
_NOT_OURS = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION")
"""Variables that would lead calls elsewhere."""


class TestCloud:
    """A cloud in the folder ``home``, from the beginning of a ``with`` block to its end.

    Inside of the block the environment of this process leads AWS calls to it.
    """

    __test__ = False  # pytest shall not collect it

    def __init__(self, home: Path) -> None:
        self.home = home
        self.endpoint_url = ""
        self._session: Session | None = None
        self._before: Mapping[str, str | None] = {}

    def __enter__(self) -> Self:
        running = ensure_running(self.home / "cloud", say=_say_nothing, port=0)
        self.endpoint_url = running.endpoint_url
        self._session = Session(endpoint_url=running.endpoint_url, gateway_url=running.gateway_url)
        mine: dict[str, str | None] = {
            **dict.fromkeys(_NOT_OURS),
            **self._session.environment(),
            "CHALICE_CLOUD_HOME": str(self.home / "cloud"),
            "CHALICE_CLOUD_PORT": "0",
        }
        self._before = {name: os.environ.get(name) for name in mine}
        _set(mine)
        return self

    def __exit__(self, *_: object) -> None:
        _set(self._before)
        stop(self.home / "cloud")

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a botocore client of a service of AWS, as ``boto3.client`` returns it."""
        assert self._session is not None, "the cloud runs inside of its `with` block"
        return self._session.client(service, region)

    def deploy(self, project_dir: str | os.PathLike[str], stage: str = "dev") -> Deployed:
        """Deploy a project, or what has changed of it since the last time.

        What is deployed is a copy: the record that the project has of other deployments stays.
        Raises ToolError with what ``chalice deploy`` says when it fails.
        """
        copy = self._copy(Path(project_dir).resolve())
        told = self._run(copy, "deploy", "--local", "--json", "--yes", "--stage", stage)
        return Deployed(self, copy, stage, json.loads(told)["resources"])

    def _run(self, folder: Path, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-m", "chalice", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": python_path()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ToolError(f"chalice {arguments[0]} fails:\n{done.stderr.strip()}")
        return done.stdout

    def _copy(self, project: Path) -> Path:
        """Return the folder of the copy of a project, as the project is now."""
        digest = hashlib.sha256(str(project).encode()).hexdigest()[:8]
        copy = self.home / f"{project.name}-{digest}"
        for path in copy.iterdir() if copy.exists() else ():
            if path.name == ".chalice":
                (path / "config.json").unlink(missing_ok=True)
            elif path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        shutil.copytree(project, copy, ignore=_unneeded, symlinks=True, dirs_exist_ok=True)
        return copy


@dataclass(frozen=True)
class Deployed:
    """A stage in the cloud. ``resources`` are those that ``chalice deploy --json`` prints."""

    cloud: TestCloud
    folder: Path
    stage: str
    resources: Sequence[Mapping[str, Any]]

    @property
    def url(self) -> str:
        """The URL of the routes, with a slash at its end. Raises ToolError if there are none."""
        return self._output(*_URLS)

    @property
    def websocket_url(self) -> str:
        """The URL for WebSocket clients. Raises ToolError if there is none."""
        return self._output("websocket_api_url")

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a client of a service in the cloud."""
        return self.cloud.client(service, region)

    def invoke(self, name: str, payload: Any = None) -> Any:
        """Return what a function returns, parsed. Raises ToolError with the traceback of one that
        fails.
        """
        session = self.cloud._session
        assert session is not None
        functions = {
            resource["name"]: resource["lambda_arn"]
            for resource in self.resources
            if resource["kind"] == "Function"
        }
        if name not in functions:
            hint = f"deployed are {', '.join(functions)}" if functions else "none is deployed"
            raise ToolError(f"no function is called `{name}`", hint=hint)
        content = b"" if payload is None else json.dumps(payload).encode()
        done = invoke(session, functions[name], content, timeout=900)
        if done.error is not None:
            raise ToolError(f"{name} fails:\n{describe_failure(done.payload)}")
        return json.loads(done.payload)

    def delete(self) -> None:
        """Delete the stage."""
        self.cloud._run(self.folder, "delete", "--local", "--yes", "--stage", self.stage)

    def _output(self, *names: str) -> str:
        for name in names:
            for resource in self.resources:
                if name in resource:
                    return str(resource[name])
        raise ToolError(f"nothing that is deployed has {' or '.join(names)}")


def _unneeded(folder: str, names: list[str]) -> set[str]:
    """Return what of a folder is no part of a project: caches, virtual environments, what is
    hidden, records of other deployments.
    """
    return {
        name
        for name in names
        if name in _NOT_COPIED
        or (name.startswith(".") and name != ".chalice")
        or (Path(folder) / name / "pyvenv.cfg").exists()
    }


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _say_nothing(_: str) -> None:
    pass
