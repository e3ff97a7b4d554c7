"""``chalice local``: the whole app on this machine, in one process."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING

import click

from chalice.cli import options, output
from chalice.cli.group import Session
from chalice.errors import ToolError

if TYPE_CHECKING:
    from pathlib import Path

    from chalice.local.console import Console
    from chalice.local.events.events import Events
    from chalice.local.front import Front
    from chalice.local.server import Address, LocalServer


@click.command(name="local")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    metavar="NUMBER",
    help="The port, 0 for any that is free.",
)
@options.stage
@click.option(
    "--autoreload/--no-autoreload",
    default=True,
    help="Serve what was edited as soon as it is saved.",
)
@click.option(
    "--no-auth",
    is_flag=True,
    help="Let everybody pass, as somebody called `local`: no authorizer, no API key.",
)
@click.option(
    "--api-key",
    "api_keys",
    multiple=True,
    metavar="[NAME=]VALUE",
    help="An API key that is good here; NAME is one of `api_usage_plans`, whose limits it has.",
)
@click.option(
    "--jwks",
    multiple=True,
    metavar="[ISSUER=]FILE",
    help="Public keys, JWKS or PEM, of who issues tokens: of one issuer or user pool, or of all.",
)
@click.option(
    "--aws/--no-aws",
    default=None,
    help="Run queues, buckets, tables and so on beside the app; deliver their events to it.",
)
@click.option(
    "--console/--no-console",
    default=True,
    help="Show the app, what happens in it and forms to call it at /_chalice/, to this machine.",
)
@click.pass_obj
def command(
    session: Session,
    host: str,
    port: int,
    stage: str,
    autoreload: bool,
    no_auth: bool,
    api_keys: tuple[str, ...],
    jwks: tuple[str, ...],
    aws: bool | None,
    console: bool,
) -> None:
    """Run the app on this machine, and again whenever a file is saved.

    It answers as the deployed app does: routes, errors, CORS, authorizers, API keys, WebSockets.
    No AWS account is needed. With `--aws` all that the app's triggers name is there as well, and
    its AWS calls stay on this machine. Open /_chalice/ in a browser to see what happens.

    \b
    Example:
        chalice local
        chalice local --aws
        chalice local --port 8080 --stage prod
        chalice local --jwks keys.json --api-key mobile=0123456789
    """
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    from chalice.local.front import Front
    from chalice.local.project import Project
    from chalice.local.proofs import GivenProofs
    from chalice.local.server import LocalServer, listen

    address = listen(host, port)
    given = GivenProofs(jwks, api_keys)
    events = _begin_events(session.project_dir, stage, aws)
    project = Project(
        session.project_dir,
        stage,
        open_doors=no_auth,
        given=given,
        warn=output.warn,
        fixed=None if events is None else events.variables,
        loaded=None if events is None else events.show,
    )
    endpoint = _cloud if events is None else lambda: events.endpoint_url
    try:
        with _console(project.directory, events, wanted=console and _is_loopback(host)) as shown:
            front = Front(output.say, endpoint=endpoint, console=shown)
            front.cloud_url = None if events is None else events.endpoint_url
            server = LocalServer(project, address, front)
            _serve(server, front, address, autoreload=autoreload, no_auth=no_auth)
    finally:
        if events is not None:
            events.end()


def _serve(
    server: LocalServer, front: Front, address: Address, *, autoreload: bool, no_auth: bool
) -> None:
    """Serve until Ctrl-C."""
    try:
        try:
            server.load()
        except ToolError as problem:
            if not autoreload:
                raise
            output.error(problem)
        if not _is_loopback(address.host):
            needs = ", and needs no proof" if no_auth else ""
            output.warn(
                ToolError(
                    f"everybody who reaches port {address.port} of this machine can call the app:"
                    f" {server.contents}{needs}",
                    hint="leave `--host` out to serve this machine alone",
                )
            )
        server.start()
        output.data(f"Serving on {address.url}")
        if server.has_sockets:
            output.data(f"WebSockets on {address.url.replace('http', 'ws', 1)}")
        if front.has_console:
            output.data(f"Console on {address.url}/_chalice/")
        _say_what_waits(front)
        sys.stdout.flush()
        if autoreload:
            server.reload(output.error)
        server.wait()
    except KeyboardInterrupt:
        if not autoreload:
            raise
    finally:
        server.stop()


def _begin_events(project_dir: Path, stage: str, wanted: bool | None) -> Events | None:
    """Begin an embedded cloud beside the app if that is wanted, or None and configured."""
    if wanted is None:
        wanted = _is_configured(project_dir, stage)
    if not wanted:
        return None
    from chalice.cloud.companion import Companion
    from chalice.local.events.events import Events, Tell
    from chalice.local.front import is_debugged

    folder = project_dir.resolve() / ".chalice" / "local-aws" / stage
    return Events(
        folder,
        lambda owner: Companion(folder / "cloud", owner),
        Tell(output.say, output.warn, output.error),
        is_debugged,
    )


def _is_configured(project_dir: Path, stage: str) -> bool:
    from chalice.config import load

    try:
        return bool(load(project_dir, stage).local.get("aws"))
    except ToolError:  # it is shown when the app is loaded
        return False


def _say_what_waits(front: Front) -> None:
    """Say where AWS is, or else which handlers get no events without it."""
    from chalice.local.events.wording import waiting

    app = front.app()
    if front.cloud_url is not None:
        output.data(f"AWS on {front.cloud_url}")
    elif app is not None and (line := waiting(app)) is not None:
        output.say(line)


@contextmanager
def _console(project: Path, events: Events | None, *, wanted: bool) -> Iterator[Console | None]:
    """Yield the console, which notes what is printed in the block; None if it is not wanted.

    With ``events`` it shows those too, and what is in their cloud.
    """
    if not wanted:
        yield None
        return
    from chalice.local.console import Console
    from chalice.local.console.output import watched

    if events is None:
        console = Console(project)
    else:
        from chalice.local.console.cloud_data import CloudData

        console = Console(project, data=CloudData(events.endpoint_url))
        events.note(console.journal.note)
    with watched(console.journal):
        yield console


def _cloud() -> str | None:
    """Return where the embedded cloud takes AWS calls, None while it does not run."""
    from chalice.cloud import default_home, status

    running = status(default_home(os.environ))
    return None if running is None else running.endpoint_url


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
