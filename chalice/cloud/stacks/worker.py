"""Operations on stacks, each in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from chalice.cloud.stacks.answers import Answers
from chalice.cloud.stacks.calls import Clients
from chalice.cloud.stacks.errors import StoppedError
from chalice.cloud.stacks.operation import Operation, Tools
from chalice.cloud.stacks.store import Stack, all_stacks

LOGGER = logging.getLogger(__name__)

_PATIENCE = 2.0  # seconds that the steps under way get when the cloud stops


class Worker:
    """Does what there is to do with stacks. ``changed`` is called, in a thread, afterwards."""

    def __init__(self, clients: Clients, answers: Answers, changed: Callable[[], None]) -> None:
        self._tools = Tools(clients, answers, self._check)
        self._changed = changed
        self._stopping = threading.Event()
        self._threads: set[threading.Thread] = set()

    def start(self, stack: Stack) -> None:
        """Do what the status of the stack says, in the background."""
        self._begin(stack, Operation(stack, self._tools).run)

    def resume(self) -> None:
        """Go on with what went on when the cloud was stopped."""
        for stack in all_stacks():
            if stack.is_busy:
                LOGGER.info("going on with the stack %s: %s", stack.name, stack.status)
                self._begin(stack, Operation(stack, self._tools).interrupted)

    def stop(self) -> None:
        """End the operations after the step that they are at; the next start goes on."""
        self._stopping.set()
        deadline = time.monotonic() + _PATIENCE
        for thread in list(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _check(self) -> None:
        if self._stopping.is_set():
            raise StoppedError

    def _begin(self, stack: Stack, run: Callable[[], None]) -> None:
        def work() -> None:
            try:
                run()
            except StoppedError:
                LOGGER.info("the stack %s is left at %s", stack.name, stack.status)
            except Exception as error:
                LOGGER.exception("the stack %s", stack.name)
                verb = stack.status.removesuffix("_IN_PROGRESS")
                stack.say(f"{verb}_FAILED", f"The embedded cloud failed: {error!r}")
            finally:
                self._threads.discard(threading.current_thread())
                self._changed()

        thread = threading.Thread(target=work, name=f"stack-{stack.name}", daemon=True)
        self._threads.add(thread)
        thread.start()
