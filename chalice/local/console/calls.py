"""What the functions of an app call, found in their source when somebody wants to see it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from chalice.errors import ToolError
from chalice.graph.handlers import handlers
from chalice.local.console.stream import Stream
from chalice.local.served import Served
from chalice.policy import Code, StagePolicies
from chalice.policy.grants import Grant

log = logging.getLogger(__name__)


class Calls:
    """Analyses the source of what is served, each generation once, in a thread of its own."""

    def __init__(self, project: Path, stream: Stream) -> None:
        self._project = project
        self._stream = stream
        self._generation: str | None = None
        self._found: Mapping[str, Sequence[Grant]] | None = None

    def of(self, served: Served) -> Mapping[str, Sequence[Grant]] | None:
        """Return what each function needs, None as long as that is not known.

        The stream tells of a ``map`` when it is.
        """
        if self._generation != served.generation:
            self._generation, self._found = served.generation, None
            threading.Thread(
                target=self._analyse, args=(served,), name="analysis", daemon=True
            ).start()
        return self._found

    def _analyse(self, served: Served) -> None:
        try:
            found = _grants(served, self._project)
        except ToolError as problem:
            log.warning("The map lacks what the app calls: %s", problem.summary)
            found = {}
        if self._generation == served.generation:
            self._found = found
            self._stream.tell("map", None, lambda: None)


def _grants(served: Served, project: Path) -> Mapping[str, Sequence[Grant]]:
    from chalice.aws.models import BotocoreModels  # noqa: PLC0415  # only those who look wait for it

    functions = {handler.name: handler.entry for handler in handlers(served.app)}
    code = Code(served.config, functions, BotocoreModels, project_dir=project)
    policies = StagePolicies(project, code)
    return {name: policies.code(name).grants for name in functions}
