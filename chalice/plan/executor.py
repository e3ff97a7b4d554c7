"""Carry out a plan: as much at once as the dependencies allow, recording every step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import groupby
from threading import Lock

from typing_extensions import assert_never

from chalice.errors import ToolError
from chalice.model.apis import DomainName
from chalice.model.functions import Function
from chalice.model.resources import Resource, dependencies, kind_of, resolved
from chalice.model.state import Record
from chalice.model.values import Place, leaves
from chalice.plan.actions import Action, Create, Delete, Keep, Plan, Replace, Update, subject
from chalice.plan.journal import Journal
from chalice.plan.port import Cloud

WORKERS = 8


class Executor:
    """Runs the actions of one plan against ``cloud``, telling ``say`` of each as it starts."""

    def __init__(
        self, cloud: Cloud, journal: Journal, place: Place, say: Callable[[Action], None]
    ) -> None:
        self._cloud = cloud
        self._journal = journal
        self._place = place
        self._say = say
        self.done = 0
        self._counting = Lock()

    def run(self, plan: Plan) -> None:
        """Run every action. The first failure is raised once those under way have ended.

        What was done by then is recorded; running a new plan carries on from there.
        """
        forward = [action for action in plan if not isinstance(action, Delete)]
        deletions = [action for action in plan if isinstance(action, Delete)]
        with ThreadPoolExecutor(WORKERS, "deploy") as pool:
            self._run_in_dependency_order(forward, pool)
            for _, group in groupby(deletions, key=lambda action: action.record.kind):
                self._drain({pool.submit(self._perform, action): action for action in group})

    def _run_in_dependency_order(self, actions: Sequence[Action], pool: ThreadPoolExecutor) -> None:
        names = {subject(action) for action in actions}
        waiting = list(actions)
        finished: set[str] = set()
        running: dict[Future[None], Action] = {}
        while waiting or running:
            ready = [a for a in waiting if _needs(a) & names <= finished]
            waiting = [a for a in waiting if not _needs(a) & names <= finished]
            running.update({pool.submit(self._perform, action): action for action in ready})
            if not running:
                raise ValueError(f"these wait for each other: {[subject(a) for a in waiting]}")
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            if any(future.exception() for future in done):
                self._drain(running)
            finished |= {subject(running.pop(future)) for future in done}

    def _drain(self, running: dict[Future[None], Action]) -> None:
        wait(running)
        errors = [error for error in (future.exception() for future in running) if error]
        if len(errors) > 1:
            problems = tuple(error for error in errors if isinstance(error, ToolError))
            if len(problems) == len(errors):
                raise ToolError(f"{len(errors)} actions failed", problems=problems)
        if errors:
            raise errors[0]

    def _perform(self, action: Action) -> None:
        if isinstance(action, (Create, Update, Replace)):
            action = replace(action, resource=self._resolved(action.resource))
        if not isinstance(action, Keep):
            self._say(action)
        match action:
            case Keep(record):
                self._journal.record(record)
                return
            case Create(resource):
                self._create(resource)
            case Replace(resource, record, _, deleted_first):
                if deleted_first:
                    self._create(resource, instead_of=record)
                else:
                    self._create(resource, retiring=record)
            case Update(resource, record, changes):
                fields = {change.field for change in changes}
                outputs = self._cloud.update(resource, record, fields)
                record = replace(record, outputs=outputs)
                self._journal.record(_with_keys(record, resource))
            case Delete(record):
                if not self._journal.forget_copy(record):
                    if record.adopted:
                        self._cloud.leave(record)
                    else:
                        self._cloud.delete(record)
                    self._journal.forget(record)
            case _:
                assert_never(action)
        with self._counting:
            self.done += 1

    def _create(
        self,
        resource: Resource,
        retiring: Record | None = None,
        instead_of: Record | None = None,
    ) -> None:
        self._journal.begin(resource, retiring)
        if instead_of is not None:
            self._make_room(resource, instead_of)
        outputs = self._cloud.create(resource)
        record = Record(resource.name, kind_of(resource), outputs)
        self._journal.record(_with_keys(record, resource))

    def _make_room(self, resource: Resource, record: Record) -> None:
        if not record.adopted:
            self._cloud.delete(record)
        self._journal.forget_replaced(record, resource.name)

    def _resolved(self, resource: Resource) -> Resource:
        return resolved(resource, self._place, self._journal.outputs())


def _needs(action: Action) -> frozenset[str]:
    if isinstance(action, (Create, Update, Replace)):
        return dependencies(action.resource)
    return frozenset()


def _with_keys(record: Record, resource: Resource) -> Record:
    """Return the record with the names of the tags and further parameters that are ours."""
    if isinstance(resource, Function):
        record = replace(record, parameter_keys=tuple(sorted(leaves(resource.more))))
    if isinstance(resource, (Function, DomainName)):
        record = replace(record, tag_keys=tuple(sorted(resource.tags)))
    return record
