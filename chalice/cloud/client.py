"""Starts, finds and stops the embedded cloud, from any process of its user."""

from __future__ import annotations

import http.client
import json
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import chalice
from chalice.cloud.home import CloudRecord, Home
from chalice.cloud.log_file import read_logs
from chalice.cloud.ports import open_ports
from chalice.cloud.spawn import check_installed, spawn
from chalice.errors import ToolError

Say: TypeAlias = Callable[[str], None]

_START_TIME = 60.0  # seconds that a start may take on a busy machine
_STOP_TIME = 15.0  # seconds between SIGTERM and SIGKILL
_ANSWER_TIME = 5.0  # seconds for a health check


@dataclass(frozen=True, slots=True)
class CloudStatus:
    """A cloud that runs and answers.

    ``endpoint_url`` takes AWS calls; an API is at ``<gateway_url>/<api id>/<stage>/``.
    ``started`` is in seconds since 1970. ``notice`` is what its user should know, one sentence.
    ``enforces_iam`` says whether functions may do only what the policy of their role allows.
    """

    pid: int
    endpoint_url: str
    gateway_url: str
    version: str
    started: float
    home: Path
    notice: str | None = None
    enforces_iam: bool = True


@dataclass(frozen=True, slots=True)
class CloudSilence:
    """A cloud that lives and does not answer. ``pid`` is None while it starts or stops."""

    pid: int | None


@dataclass(frozen=True, slots=True)
class CloudReport:
    """What is in a cloud: ``{"name": …, "region": …}`` for each function, ``{"id": …, "name": …,
    "stage": …, "region": …, "url": …}`` for each API stage, and the size of its state on disk.
    """

    functions: Sequence[Mapping[str, str]]
    apis: Sequence[Mapping[str, str]]
    state_bytes: int


def status(home: Path) -> CloudStatus | None:
    """Return the cloud of ``home`` if it runs, answers and is ready; else None."""
    record = Home(home).read_record()
    if record is None:
        return None
    health = _ask(record, "/_chalice/health")
    if health is None or health.get("pid") != record.pid or not health.get("ready"):
        return None
    notice = health.get("notice")
    return CloudStatus(
        pid=record.pid,
        endpoint_url=record.endpoint_url,
        gateway_url=record.gateway_url,
        version=record.version,
        started=record.started,
        home=home,
        notice=None if notice is None else str(notice),
        enforces_iam=bool(health.get("enforces_iam", True)),
    )


def silence(home: Path) -> CloudSilence | None:
    """Return the cloud of ``home`` if there is one, for when ``status`` finds none that answers."""
    place = Home(home)
    if not place.is_alive():
        return None
    record = place.read_record()
    return CloudSilence(None if record is None else record.pid)


def report(home: Path) -> CloudReport | None:
    """Return what is in the cloud of ``home``, None when none runs."""
    record = Home(home).read_record()
    found = None if record is None else _ask(record, "/_chalice/report")
    if not found:
        return None
    return CloudReport(
        functions=_texts(found["functions"]),
        apis=_texts(found["apis"]),
        state_bytes=int(str(found["state_bytes"])),
    )


def ensure_running(home: Path, say: Say, port: int | None = None) -> CloudStatus:
    """Return the cloud of ``home``, started first if it does not run.

    However many processes ask at once, one cloud starts. A cloud of another version of chalice
    is replaced. ``port`` is the AWS port: None leaves the choice to ``CHALICE_CLOUD_PORT`` and
    else to us, 0 takes any that is free. Raises ``ToolError``.
    """
    place = Home(home)
    asked = _asked_port(port)
    found = status(home)
    if found is None or found.version != chalice.__version__:
        check_installed()
        with place.starting():
            found = _settle(place, say)
            if found is None:
                return _start(place, say, asked)
    _check_port(found, asked)
    return found


def enforce_iam(home: Path, wanted: bool) -> None:
    """Let the cloud of ``home``, which runs, enforce policies or not, until it stops.

    Raises ``ToolError``.
    """
    _switch(home, "/_chalice/enforcement", {"enforced": wanted})


def record_callers(home: Path, wanted: bool) -> None:
    """Let the cloud of ``home``, which runs, record which lines of functions make AWS calls, or
    not, until it stops. Functions begin in new processes. Raises ``ToolError``.
    """
    _switch(home, "/_chalice/callers", {"recorded": wanted})


def run_in_foreground(
    home: Path, say: Say, port: int | None = None, *, enforce_iam: bool = True
) -> None:
    """Be the cloud of ``home`` in this process, until Ctrl-C. Raises ``ToolError``."""
    place = Home(home)
    check_installed()
    with ExitStack() as starting:
        starting.enter_context(place.starting())
        running = _settle(place, say)
        if running is not None:
            raise ToolError(
                f"the embedded cloud already runs, as process {running.pid}",
                hint="stop it with `chalice cloud stop`",
            )
        aws, gateway = open_ports(place, _asked_port(port))
        from chalice.cloud.daemon import run_in_terminal  # noqa: PLC0415  # logging, argparse

        run_in_terminal(place, aws, gateway, starting.close, enforce_iam=enforce_iam)


def stop(home: Path) -> bool:
    """Stop the cloud of ``home``; its state is kept. Return whether one was running."""
    place = Home(home)
    if not place.is_alive():
        return False
    with place.starting():
        if place.read_record() is None:  # whoever started it did not see it ready
            _wait_until_ready(place, place.is_alive)
        return _end(place)


def _settle(home: Home, say: Say) -> CloudStatus | None:
    """Return the cloud that runs, of our version; end one of another. The start lock is held."""
    if not home.is_alive():
        return None
    found = _wait_until_ready(home, home.is_alive)
    if found is None and home.is_alive():
        say("The embedded cloud does not answer; it is started anew.")
    elif found is not None and found.version != chalice.__version__:
        say(
            f"The embedded cloud is of chalice {found.version}; "
            f"it is started anew with {chalice.__version__}."
        )
    elif found is not None:
        return found
    _end(home)
    return None


def _start(home: Home, say: Say, asked: int | None) -> CloudStatus:
    aws, gateway = open_ports(home, asked)
    say("Starting the embedded cloud.")
    with aws, gateway:
        process = spawn(home, aws, gateway, os.environ)
    found = _wait_until_ready(home, lambda: process.poll() is None)
    if found is None:
        process.kill()
        raise not_started(home, process.wait())
    process.returncode = 0  # it outlives us on purpose: nothing to wait for, nothing to warn of
    return found


def not_started(home: Home, code: int) -> ToolError:
    """Return the error for a cloud that ended before it was ready."""
    tail = "\n".join(read_logs(home.path, 15))
    return ToolError(
        f"the embedded cloud did not start (exit code {code}); the end of its log:\n{tail}",
        hint=f"the whole log is {home.log}",
    )


def _wait_until_ready(home: Home, goes_on: Callable[[], bool]) -> CloudStatus | None:
    """Return the cloud once it answers, None when that cannot be expected any more."""
    deadline = time.monotonic() + _START_TIME
    while time.monotonic() < deadline:
        found = status(home.path)
        if found is not None or not goes_on():
            return found
        time.sleep(0.02)
    return None


def _end(home: Home) -> bool:
    """End the process that is the cloud of ``home``. The start lock is held."""
    for number, patience in ((signal.SIGTERM, _STOP_TIME), (signal.SIGKILL, _STOP_TIME)):
        record = home.read_record()
        if not home.is_alive():
            break
        if record is None:
            raise ToolError(
                f"a process holds {home.path} but is no cloud that can be stopped",
                hint=f"see {home.log}, end the process, and try again",
            )
        try:
            os.kill(record.pid, number)
        except ProcessLookupError:
            break
        deadline = time.monotonic() + patience
        while home.is_alive() and time.monotonic() < deadline:
            time.sleep(0.02)
    home.remove_record()
    return True


def _switch(home: Path, path: str, wanted: Mapping[str, bool]) -> None:
    record = Home(home).read_record()
    content = json.dumps(wanted).encode()
    found = None if record is None else _ask(record, path, "PUT", content)
    if found != wanted:
        raise ToolError("the embedded cloud does not answer", hint="see `chalice cloud logs`")


def _ask(
    record: CloudRecord, path: str, method: str = "GET", content: bytes | None = None
) -> dict[str, object] | None:
    return ask(record.endpoint_url, path, method, content)


def ask(
    endpoint_url: str, path: str, method: str = "GET", content: bytes | None = None
) -> dict[str, object] | None:
    """Return what the cloud at that address answers of itself, None if it does not."""
    address = urlsplit(endpoint_url)
    connection = http.client.HTTPConnection(
        str(address.hostname), address.port, timeout=_ANSWER_TIME
    )
    try:
        connection.request(method, path, content)
        found = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return found if isinstance(found, dict) else None


def _texts(found: object) -> list[dict[str, str]]:
    assert isinstance(found, list)
    return [{str(name): str(value) for name, value in each.items()} for each in found]


def _asked_port(port: int | None) -> int | None:
    if port is not None:
        return port
    text = os.environ.get("CHALICE_CLOUD_PORT")
    if not text:
        return None
    if not text.isdigit() or int(text) > 65535:
        raise ToolError(
            f"CHALICE_CLOUD_PORT is `{text}`, not a port", hint="a number from 0 to 65535"
        )
    return int(text)


def _check_port(found: CloudStatus, asked: int | None) -> None:
    actual = urlsplit(found.endpoint_url).port
    if asked and asked != actual:
        raise ToolError(
            f"the embedded cloud runs on port {actual}, not on {asked}",
            hint="stop it with `chalice cloud stop`, then start it on the other port",
        )
