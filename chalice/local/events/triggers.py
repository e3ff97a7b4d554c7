"""What triggers the handlers, made in the cloud as a deploy makes it, and kept in step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chalice.app import Chalice
from chalice.aws.cloud import AwsCloud
from chalice.aws.session import Session
from chalice.aws.state import StateFile
from chalice.config import Config
from chalice.local.events.desired import desired, stand_in
from chalice.local.events.sources import Sources
from chalice.local.events.wording import lines, unread
from chalice.local.served import region
from chalice.model.functions import Code
from chalice.model.resources import Resource
from chalice.model.state import State
from chalice.plan.actions import Action
from chalice.plan.executor import Executor
from chalice.plan.journal import Journal
from chalice.plan.observer import observe
from chalice.plan.planner import plan

if TYPE_CHECKING:
    from chalice.local.events.events import Cloud, Tell


class Triggers:
    """The functions and triggers of a stage in one cloud; ``folder`` keeps the record of them."""

    def __init__(self, folder: Path, cloud: Cloud, tell: Tell) -> None:
        self._tell = tell
        self._session = Session(endpoint_url=cloud.endpoint_url, gateway_url=cloud.gateway_url)
        self._cloud = AwsCloud(self._session)
        self._folder = folder
        self._file = StateFile(folder / f"triggers-{region()}.json")
        self._done: Sequence[Resource] | None = None
        self._told: frozenset[str] = frozenset()

    def follow(
        self, app: Chalice, config: Config, *, anew: bool, usable: Callable[[], None]
    ) -> None:
        """Have what this app needs, and nothing that an earlier one needed. Raises ToolError.

        ``anew``: what the cloud has may not be what it was given. ``usable`` is called when all
        is there that the app itself may use; that may be before the end.
        """
        place = self._session.place()
        wanted = desired(app, config, self._prepare(), place)
        if wanted == self._done and not anew:
            return
        self._done = None
        resources = Sources(self._session, self._tell.say, self._tell.warn).provide(wanted)
        state = self._file.load()
        if all(each.name in state.records for each in resources):
            usable()
        seen = observe(self._cloud, resources, state, place)
        actions = plan(resources, seen.recorded, seen.retired, seen.actual, place)
        settled = State(records=seen.recorded, retired=tuple(seen.retired))
        if settled != state:
            self._file.save(settled)
        Executor(self._cloud, Journal(settled, self._file), place, _quietly).run(actions)
        self._done = wanted
        self._report(app, resources)

    def _prepare(self) -> Code:
        """Have the folder, of which version control is to see nothing, and return the code."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        return stand_in(self._folder / "attached.zip")

    def _report(self, app: Chalice, resources: Sequence[Resource]) -> None:
        """Say what triggers what, as far as that was not said before."""
        said = (*lines(resources), *unread(app))
        for line in said:
            if line not in self._told:
                self._tell.say(line)
        self._told = frozenset(said)


def _quietly(_: Action) -> None:
    """Say nothing of the single steps."""
