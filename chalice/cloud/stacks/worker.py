"""Operations on stacks, each in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from chalice.cloud.stacks.answers import Answers
from chalice.cloud.stacks.calls import Clients
from chalice.cloud.stacks.errors import StoppedError
from chalice.cloud.stacks.operation import Operation
from chalice.cloud.stacks.steps import Tools
from chalice.cloud.stacks.store import Stack, all_stacks

LOGGER = logging.getLogger(__name__)

_PATIENCE = 2.0  # seconds that the steps under way get when the cloud stops


@dataclass(frozen=True, slots=True)
class _Run:
    thread: threading.Thread
    cancelled: threading.Event


class Worker:
    """Does what there is to do with stacks. ``changed`` is called, in a thread, afterwards."""

    def __init__(self, clients: Clients, answers: Answers, changed: Callable[[], None]) -> None:
        self._clients = clients
        self._answers = answers
        self._changed = changed
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._running: dict[str, _Run] = {}

    def start(self, stack: Stack, begin: Callable[[], None]) -> None:
        """Do, in the background, what the status of the stack says after ``begin``.

        What still goes on with the stack ends first, after the step that it is at.
        """
        with self._lock:
            former = self._running.get(stack.id)
            if former is None:
                begin()
                self._begin(stack, lambda operation: operation.run())
                return
            former.cancelled.set()

        def follow(operation: Operation) -> None:
            former.thread.join()
            begin()
            operation.run()

        with self._lock:
            self._begin(stack, follow)

    def resume(self) -> None:
        """Go on with what went on when the cloud was stopped."""
        for stack in all_stacks():
            if stack.is_busy:
                LOGGER.info("going on with the stack %s: %s", stack.name, stack.status)
                with self._lock:
                    self._begin(stack, lambda operation: operation.interrupted())

    def stop(self) -> None:
        """End the operations after the step that they are at; the next start goes on."""
        self._stopping.set()
        deadline = time.monotonic() + _PATIENCE
        for run in list(self._running.values()):
            run.thread.join(max(0.0, deadline - time.monotonic()))

    def _begin(self, stack: Stack, do: Callable[[Operation], None]) -> None:
        cancelled = threading.Event()

        def check() -> None:
            if self._stopping.is_set() or cancelled.is_set():
                raise StoppedError

        def work() -> None:
            try:
                do(Operation(stack, Tools(self._clients, self._answers, check)))
            except StoppedError:
                LOGGER.info("the stack %s is left at %s", stack.name, stack.status)
            except Exception as error:
                LOGGER.exception("the stack %s", stack.name)
                verb = stack.status.removesuffix("_IN_PROGRESS")
                stack.say(f"{verb}_FAILED", f"The embedded cloud failed: {error!r}")
            finally:
                with self._lock:
                    if self._running.get(stack.id) is run:
                        del self._running[stack.id]
                self._changed()

        thread = threading.Thread(target=work, name=f"stack-{stack.name}", daemon=True)
        run = self._running[stack.id] = _Run(thread, cancelled)
        thread.start()
