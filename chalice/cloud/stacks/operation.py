"""One stack becomes what was asked for, step by step, or what it was before.

Every step is kept in the stack, so that what was going on when the cloud stopped goes on when it
starts again: a create or an update that was under way is rolled back, the rest is finished.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

from chalice.cloud.stacks.blueprints import Blueprint
from chalice.cloud.stacks.errors import ResourceError, StackError
from chalice.cloud.stacks.outputs import evaluate_outputs
from chalice.cloud.stacks.steps import FailedError, Steps, Tools, failed_sentence
from chalice.cloud.stacks.store import Resource, Stack, Version

LOGGER = logging.getLogger(__name__)


class Operation:
    """What goes on with one stack. ``run`` goes on from the status that the stack has."""

    def __init__(self, stack: Stack, tools: Tools) -> None:
        self._stack = stack
        self._tools = tools
        self._steps = Steps(stack, tools)

    def run(self) -> None:
        """Do all that there is to do. Raises ``StoppedError`` when the cloud stops."""
        match self._stack.status:
            case "CREATE_IN_PROGRESS":
                self._create()
            case "ROLLBACK_IN_PROGRESS":
                self._roll_back()
            case "UPDATE_IN_PROGRESS":
                self._update()
            case "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS":
                self._clean_up("UPDATE_COMPLETE")
            case "UPDATE_ROLLBACK_IN_PROGRESS":
                self._undo()
            case "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS":
                self._clean_up("UPDATE_ROLLBACK_COMPLETE")
            case "DELETE_IN_PROGRESS":
                self._delete()

    def interrupted(self) -> None:
        """Go on after the cloud was stopped in the middle."""
        reason = "The embedded cloud was stopped meanwhile"
        if self._stack.status == "CREATE_IN_PROGRESS":
            self._give_up_create(reason)
        elif self._stack.status == "UPDATE_IN_PROGRESS":
            self._give_up_update(reason)
        else:
            self.run()

    @property
    def _version(self) -> Version:
        assert self._stack.version is not None
        return self._stack.version

    def _create(self) -> None:
        try:
            for definition in self._version.blueprint.definitions.values():
                self._steps.make(definition)
            self._stack.outputs = evaluate_outputs(self._stack, self._version)
        except (FailedError, StackError, ResourceError) as error:
            self._give_up_create(str(error))
        else:
            self._stack.say("CREATE_COMPLETE")

    def _give_up_create(self, reason: str) -> None:
        match self._stack.on_failure:
            case "DO_NOTHING":
                self._stack.say("CREATE_FAILED", reason)
            case "DELETE":
                self._stack.say("DELETE_IN_PROGRESS", f"{reason} Delete requested by user.")
                self._delete()
            case _:
                told = f"{reason} Rollback requested by user."
                self._stack.say("ROLLBACK_IN_PROGRESS", told)
                self._roll_back()

    def _roll_back(self) -> None:
        failed = self._delete_all(is_rollback=True)
        if failed:
            self._stack.say("ROLLBACK_FAILED", failed_sentence("delete", failed))
        else:
            self._stack.say("ROLLBACK_COMPLETE")

    def _update(self) -> None:
        stack, blueprint = self._stack, self._version.blueprint
        try:
            for definition in blueprint.definitions.values():
                self._steps.bring_up_to_date(definition)
            outputs = evaluate_outputs(stack, self._version)
        except (FailedError, StackError, ResourceError) as error:
            self._give_up_update(str(error))
            return
        stack.outputs = outputs
        removed = [each for name, each in stack.made.items() if name not in blueprint.definitions]
        stack.leftovers += removed
        self._redefine(blueprint)
        stack.say("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._clean_up("UPDATE_COMPLETE")

    def _redefine(self, blueprint: Blueprint) -> None:
        """Let the resources be as a blueprint has them; those that it has not are left over."""
        self._stack.made = {
            name: replace(each, definition=blueprint.definitions[name])
            for name, each in self._stack.made.items()
            if name in blueprint.definitions
        }

    def _give_up_update(self, reason: str) -> None:
        if self._stack.on_failure == "DO_NOTHING":
            self._stack.undo.clear()
            self._stack.say("UPDATE_FAILED", reason)
            return
        self._stack.say("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        self._undo()

    def _undo(self) -> None:
        """Undo what the update has done, the last first."""
        stack = self._stack
        while stack.undo:
            self._tools.stopping()
            change = stack.undo[-1]
            try:
                self._steps.undo(change)
            except FailedError as error:
                stack.say("UPDATE_ROLLBACK_FAILED", str(error))
                return
            stack.undo.pop()
        assert stack.former is not None
        stack.version, stack.former = stack.former, None
        self._redefine(self._version.blueprint)
        stack.leftovers.clear()
        stack.say("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        self._clean_up("UPDATE_ROLLBACK_COMPLETE")

    def _clean_up(self, status: str) -> None:
        """Delete what is left over; what cannot be deleted stays, and the stack is done."""
        stack = self._stack
        former = stack.former or self._version
        order = list(former.blueprint.definitions)
        for each in _in_reverse(stack.leftovers, order):
            is_replaced = each.logical_id in self._version.blueprint.definitions
            about = each.definition
            policy = about.replacement_policy if is_replaced else about.deletion_policy
            try:
                self._steps.remove(each, policy)
            except FailedError as error:
                LOGGER.warning("%s: %s", stack.name, error)
            stack.leftovers.remove(each)
            now = stack.made.get(each.logical_id)
            if now is not None:
                stack.say_of(now.definition, "UPDATE_COMPLETE", now.physical_id)
            else:
                stack.statuses.pop(each.logical_id, None)
        stack.undo.clear()
        stack.former = None
        stack.say(status)

    def _delete(self) -> None:
        failed = self._delete_all(is_rollback=False)
        if failed:
            self._stack.say("DELETE_FAILED", failed_sentence("delete", failed))
            return
        self._stack.outputs = []
        self._stack.say("DELETE_COMPLETE")
        self._stack.deleted = self._stack.events[-1].status.at

    def _delete_all(self, *, is_rollback: bool) -> list[str]:
        """Delete every resource; return those that cannot be. What these need stays as well."""
        stack = self._stack
        order = list(self._version.blueprint.definitions)
        failed: list[str] = []
        blocked: set[str] = set()
        for each in _in_reverse([*stack.made.values(), *stack.leftovers], order):
            if each.logical_id in blocked:
                blocked.update(each.definition.needs)
                continue
            policy = each.definition.deletion_policy
            if each.logical_id in stack.retained:
                policy = "Retain"
            if is_rollback and policy == "RetainExceptOnCreate":
                policy = "Delete"
            try:
                self._steps.remove(each, policy)
            except FailedError:
                failed.append(each.logical_id)
                blocked.update(each.definition.needs)
                continue
            if each in stack.leftovers:
                stack.leftovers.remove(each)
            else:
                stack.made.pop(each.logical_id, None)
        return failed


def _in_reverse(resources: Iterable[Resource], order: list[str]) -> list[Resource]:
    """Return resources so that what needs others comes first; those of no order before them."""
    place = {name: at for at, name in enumerate(order)}
    return sorted(resources, key=lambda each: place.get(each.logical_id, len(order)), reverse=True)
