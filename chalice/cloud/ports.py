"""The two ports of a cloud: the same ones at every start, if that is possible."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack

from chalice.cloud.home import Home
from chalice.errors import ToolError

HOST = "127.0.0.1"
PREFERRED = (4580, 4581)
"""AWS and gateway, unless they are taken."""


def open_ports(home: Home, asked: int | None) -> tuple[socket.socket, socket.socket]:
    """Return two bound sockets, for AWS and for the gateway.

    ``asked`` is the AWS port the user wants: 0 for any that is free, None for no wish. Without a
    number the ports of the last start come first. The gateway gets the port after, if that is
    free. Raises ``ToolError`` when a port that was asked for is taken.
    """
    wishes = [pair for pair in (home.read_ports(),) if pair and (not asked or pair[0] == asked)]
    if asked:
        wishes.append((asked, asked + 1))
    elif asked is None:
        wishes.append(PREFERRED)
    for aws_port, gateway_port in wishes:
        aws = _bind(aws_port)
        if aws is not None:
            return aws, _bind(gateway_port) or bind_any()
    if asked:
        raise ToolError(
            f"port {asked} is in use",
            hint="choose another with `chalice cloud start --port NUMBER` or CHALICE_CLOUD_PORT; "
            "0 takes any that is free",
        )
    with ExitStack() as opened:
        aws = opened.enter_context(bind_any())
        gateway = bind_any()
        opened.pop_all()
    return aws, gateway


def port_of(bound: socket.socket) -> int:
    """Return the port a socket is bound to."""
    port: int = bound.getsockname()[1]
    return port


def url_of(bound: socket.socket) -> str:
    """Return the URL that reaches a bound socket."""
    return f"http://{HOST}:{port_of(bound)}"


def bind_any() -> socket.socket:
    """Return a socket that listens on a free port of loopback. Raises ``ToolError``."""
    bound = _bind(0)
    if bound is None:
        raise ToolError("no port is free")
    return bound


def _bind(port: int) -> socket.socket | None:
    """Return a socket that listens on that port of loopback, None when it is taken or not ours."""
    if port > 65535:
        return None
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((HOST, port))
        bound.listen(2048)
    except OSError as error:
        bound.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return None
        raise
    return bound
