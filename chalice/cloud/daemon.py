"""The program that runs a cloud: in the background, or in the terminal that started it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import logging.handlers
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from chalice.cloud.control.moto_settings import configure
from chalice.cloud.home import Home

_LOG_SIZE = 1_000_000  # bytes of one log file; the one before it is kept
_FORMAT = "%(asctime)s %(levelname)s %(message)s"


def main() -> NoReturn:
    """Run the cloud of ``--home`` on two sockets that the starting process opened.

    With ``--attachment``, one end of a socket pair, that process runs functions itself, and the
    cloud ends when it does.
    """
    parser = argparse.ArgumentParser(prog="python -m chalice.cloud.daemon")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--aws-socket", type=int, required=True)
    parser.add_argument("--gateway-socket", type=int, required=True)
    parser.add_argument("--attachment", type=int)
    options = parser.parse_args()
    home = Home(options.home)
    handler = _LogFile(home.log, maxBytes=_LOG_SIZE, backupCount=1, encoding="utf-8")
    _log_to(handler)
    sockets = [
        socket.socket(fileno=number) for number in (options.aws_socket, options.gateway_socket)
    ]
    attachment = None if options.attachment is None else socket.socket(fileno=options.attachment)
    run(home, sockets[0], sockets[1], lambda: None, attachment=attachment)
    logging.shutdown()
    os._exit(0)  # everything is saved; a long poll in a thread is not waited for


def run_in_terminal(
    home: Home,
    aws: socket.socket,
    gateway: socket.socket,
    on_ready: Callable[[], None],
    *,
    enforce_iam: bool,
) -> None:
    """Run the cloud in this process until Ctrl-C, with its log on stderr."""
    _log_to(logging.StreamHandler())
    run(home, aws, gateway, on_ready, enforce_iam=enforce_iam)


def run(
    home: Home,
    aws: socket.socket,
    gateway: socket.socket,
    on_ready: Callable[[], None],
    *,
    enforce_iam: bool = True,
    attachment: socket.socket | None = None,
) -> None:
    """Be the cloud of ``home`` until a signal ends it; ``on_ready`` is called once it answers."""
    configure(os.environ)
    with home.alive() as is_ours:
        home.remove_record()
        try:
            asyncio.run(_serve(home, is_ours, aws, gateway, on_ready, enforce_iam, attachment))
        except Exception:
            logging.getLogger(__name__).exception("the cloud failed")
            raise SystemExit(1) from None


async def _serve(
    home: Home,
    is_ours: Callable[[], bool],
    aws: socket.socket,
    gateway: socket.socket,
    on_ready: Callable[[], None],
    enforce_iam: bool,
    attachment: socket.socket | None,
) -> None:
    from chalice.cloud.server import Cloud  # noqa: PLC0415  # after the settings are made

    cloud = Cloud(home, is_ours, aws, gateway, enforce_iam=enforce_iam, attachment=attachment)
    await cloud.serve(on_ready)


class _LogFile(logging.handlers.RotatingFileHandler):
    """A log file that stays small; what is printed goes into it too, after a rotation as before."""

    def doRollover(self) -> None:  # noqa: N802
        super().doRollover()
        if self.stream is not None:
            for number in (1, 2):
                os.dup2(self.stream.fileno(), number)


def _log_to(handler: logging.Handler) -> None:
    handler.setFormatter(logging.Formatter(_FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


if __name__ == "__main__":
    main()
