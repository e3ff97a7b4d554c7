"""``chalice local``: the whole app on this machine, in one process."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chalice.cli import options, output
from chalice.cli.group import Session
from chalice.errors import ToolError

if TYPE_CHECKING:
    from chalice.local.console import Console
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
    help="Let everybody pass where AWS would check: Cognito, IAM, API keys, others' functions.",
)
@click.option(
    "--api-key", "api_keys", multiple=True, metavar="VALUE", help="An API key that is good here."
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
    console: bool,
) -> None:
    """Run the app on this machine, and again whenever a file is saved.

    It answers as the deployed app does: routes, errors, CORS, authorizers of the app, WebSockets.
    No AWS account is needed. Open /_chalice/ in a browser to see what happens.

    \b
    Example:
        chalice local
        chalice local --port 8080 --stage prod
    """
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    from chalice.local.front import Front
    from chalice.local.project import Project
    from chalice.local.server import LocalServer, listen
    from chalice.local.user_pools import UserPools

    address = listen(host, port)
    is_private = _is_loopback(host)
    if not is_private:
        output.warn(
            ToolError(
                f"everybody who reaches port {address.port} of this machine can call the app",
                hint="leave `--host` out to serve this machine alone",
            )
        )
    project = Project(session.project_dir, stage, open_doors=no_auth, warn=output.warn)
    with _console(project.directory, wanted=console and is_private) as shown:
        front = Front(
            output.say, api_keys=frozenset(api_keys), issuers=UserPools(_cloud), console=shown
        )
        _serve(LocalServer(project, address, front), address, shown is not None, autoreload)


def _serve(server: LocalServer, address: Address, has_console: bool, autoreload: bool) -> None:
    """Serve until Ctrl-C."""
    try:
        try:
            server.load()
        except ToolError as problem:
            if not autoreload:
                raise
            output.error(problem)
        server.start()
        output.data(f"Serving on {address.url}")
        if server.has_sockets:
            output.data(f"WebSockets on {address.url.replace('http', 'ws', 1)}")
        if has_console:
            output.data(f"Console on {address.url}/_chalice/")
        sys.stdout.flush()
        if autoreload:
            server.reload(output.error)
        server.wait()
    except KeyboardInterrupt:
        if not autoreload:
            raise
    finally:
        server.stop()


@contextmanager
def _console(project: Path, *, wanted: bool) -> Iterator[Console | None]:
    """Yield the console, which notes what is printed in the block; None if it is not wanted."""
    if not wanted:
        yield None
        return
    from chalice.local.console import Console
    from chalice.local.console.output import watched

    console = Console(project)
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
