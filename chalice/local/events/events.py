"""Keeps an embedded cloud in step with the app that is served here, and runs what it sends."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from chalice import graph
from chalice.app import Chalice
from chalice.config import Config
from chalice.errors import ToolError, together
from chalice.gateway.invoker import InvocationResult
from chalice.graph.handlers import name_prefix
from chalice.local.events.environment import cloud_environment, forget_account
from chalice.local.events.handlers import EventHandlers, Note, functions_of
from chalice.local.served import region

if TYPE_CHECKING:
    from chalice.local.events.triggers import Triggers


class Cloud(Protocol):
    """An embedded cloud that lives as long as it is wanted here."""

    @property
    def endpoint_url(self) -> str:
        """Where AWS calls go, from now on; they wait until it is ready."""
        ...

    @property
    def gateway_url(self) -> str:
        """Where deployed APIs would be."""
        ...

    def attach(self, region: str, functions: Iterable[str], /) -> None:
        """Have the events of these functions, by name, run here, and of no others."""
        ...

    def hold(self, held: bool, /) -> None:
        """Let the AWS calls of the app wait, or let them wait no longer."""
        ...

    def end(self) -> None:
        """Stop it."""
        ...


@dataclass(frozen=True)
class Tell:
    """Who hears what happens: a line, something odd, an error."""

    say: Callable[[str], None]
    warn: Callable[[ToolError], None]
    error: Callable[[ToolError], None]


class Events:
    """The events of an app that is served in this process.

    ``folder`` keeps what is to be known the next time. ``start`` begins a cloud whose owner this
    is (``chalice.cloud.companion.Owner``); it may raise ToolError. The environment of the process
    leads to that cloud from then on, for good.
    """

    def __init__(
        self,
        folder: Path,
        start: Callable[[Events], Cloud],
        tell: Tell,
        is_debugged: Callable[[], bool],
        environ: MutableMapping[str, str] = os.environ,
    ) -> None:
        self._folder = folder
        self._tell = tell
        self._handlers = EventHandlers(tell.say, is_debugged)
        self._shown: tuple[Chalice, Config] | None = None
        self._triggers: Triggers | None = None
        self._is_ready = False
        self._is_anew = False
        self._has_ended = False
        self._news = threading.Event()
        self._cloud = start(self)
        self.endpoint_url = self._cloud.endpoint_url
        forget_account(environ)
        self.variables: Mapping[str, str] = cloud_environment(self.endpoint_url, environ)
        environ.update(self.variables)
        # It tells of each client that its keys and its endpoint are those of the environment.
        logging.getLogger("botocore").setLevel(logging.WARNING)
        threading.Thread(target=self._work, name="events", daemon=True).start()

    def show(self, app: Chalice, config: Config) -> None:
        """Run the handlers of this app from the next event on, and have what triggers them.

        Raises ToolError for triggers that are declared wrong.
        """
        problems = (*graph.problems(app, config),)
        if problems:
            raise together(problems)
        functions = functions_of(app, config)
        self._handlers.show(functions, f"{name_prefix(config)}-")
        # A view that is called now may use a queue that is still to be made.
        self._cloud.hold(True)
        self._cloud.attach(region(), functions)
        self._shown = app, config
        self._news.set()

    def note(self, note: Note) -> None:
        """Have what runs from now on noted; it is told a name, an event and the work."""
        self._handlers.note = note

    def end(self) -> None:
        """Stop the cloud. What is in it is kept."""
        self._has_ended = True
        self._news.set()
        self._cloud.end()

    # The cloud calls these.

    def run(
        self, function: str, event: bytes, about: Mapping[str, Any], /
    ) -> Awaitable[InvocationResult]:
        """Run a function on an event."""
        return self._handlers.run(function, event, about)

    def ready(self) -> None:
        """The cloud takes calls."""
        self._is_ready = True
        self._is_anew = True
        self._news.set()

    def restarts(self, reason: str) -> None:
        """The cloud has crashed."""
        self._is_ready = False
        if self._shown is not None:
            self._cloud.hold(True)
        self._tell.warn(
            ToolError(
                f"the embedded cloud ended {reason}; it is started anew",
                hint="what changed in it in the last second may be gone",
            )
        )

    def fails(self, problem: ToolError) -> None:
        """There is no cloud."""
        self._is_ready = False
        self._tell.error(problem)

    # In a thread of its own.

    def _work(self) -> None:
        while not self._has_ended:
            self._news.wait()
            self._news.clear()
            if self._is_ready and self._shown is not None and not self._has_ended:
                self._follow(*self._shown)

    def _follow(self, app: Chalice, config: Config) -> None:
        """Have the triggers of the app in the cloud."""
        from chalice.local.events.triggers import Triggers  # noqa: PLC0415  # imports botocore

        try:
            if self._triggers is None:
                self._triggers = Triggers(self._folder, self._cloud, self._tell)
            anew, self._is_anew = self._is_anew, False
            self._triggers.follow(app, config, anew=anew, usable=self._release)
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            self._tell.error(ToolError(f"events are not delivered: {place}{error.strerror}"))
        except ToolError as problem:
            if self._is_ready and not self._has_ended:
                self._tell.error(problem)
        finally:
            self._release()

    def _release(self) -> None:
        """Let the AWS calls of the app go on, unless there is a newer app."""
        if not self._news.is_set():
            self._cloud.hold(False)
