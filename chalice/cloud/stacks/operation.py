"""One stack becomes what was asked for, step by step, or what it was before.

Every step is kept in the stack, so that what was going on when the cloud stopped goes on when it
starts again: a create or an update that was under way is rolled back, the rest is finished.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.stacks.answers import Answers
from chalice.cloud.stacks.blueprints import Blueprint, Definition
from chalice.cloud.stacks.calls import CallError, Calls, Clients
from chalice.cloud.stacks.errors import ResourceError, StackError, StoppedError, UnfinishedError
from chalice.cloud.stacks.kinds import kind_of
from chalice.cloud.stacks.kinds.kind import Kind, Properties, Site, mapped
from chalice.cloud.stacks.outputs import evaluate_outputs, resolve
from chalice.cloud.stacks.store import Change, Resource, Stack, Version

LOGGER = logging.getLogger(__name__)


class _FailedError(Exception):
    """A step failed; its event says why."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What operations work with. ``stopping`` raises ``StoppedError`` once the cloud stops."""

    clients: Clients
    answers: Answers
    stopping: Callable[[], None]


class Operation:
    """What goes on with one stack. ``run`` goes on from the status that the stack has."""

    def __init__(self, stack: Stack, tools: Tools) -> None:
        self._stack = stack
        self._tools = tools

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
                self._make(definition)
            self._stack.outputs = evaluate_outputs(self._stack, self._version)
        except (_FailedError, StackError, ResourceError) as error:
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
            self._stack.say("ROLLBACK_FAILED", _failed("delete", failed))
        else:
            self._stack.say("ROLLBACK_COMPLETE")

    def _update(self) -> None:
        stack, blueprint = self._stack, self._version.blueprint
        try:
            for definition in blueprint.definitions.values():
                self._bring_up_to_date(definition)
            outputs = evaluate_outputs(stack, self._version)
        except (_FailedError, StackError, ResourceError) as error:
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

    def _bring_up_to_date(self, definition: Definition) -> None:
        stack = self._stack
        held = stack.made.get(definition.logical_id)
        if held is None:
            made = self._make(definition)
            stack.undo.append(Change(None, made))
            return
        self._tools.stopping()
        kind = kind_of(definition.type)
        with _Step(stack, definition, "UPDATE_FAILED", held.physical_id):
            wanted = self._properties(kind, definition)
            if wanted == held.properties:
                return
            replaces = kind.replaces(held.properties, wanted)
        if replaces:
            reason = (
                "Requested update requires the creation of a new physical resource; "
                "hence creating one."
            )
            stack.say_of(definition, "UPDATE_IN_PROGRESS", held.physical_id, reason, wanted)
            made = self._make_with(kind, definition, wanted, "UPDATE")
            stack.undo.append(Change(held, made))
            stack.leftovers.append(held)
            return
        stack.say_of(definition, "UPDATE_IN_PROGRESS", held.physical_id, None, wanted)
        self._change(kind, definition, held, wanted)

    def _change(
        self, kind: Kind, definition: Definition, held: Resource, wanted: Properties
    ) -> None:
        stack = self._stack
        after = Resource(definition, held.physical_id, wanted, held.attributes)
        stack.undo.append(Change(held, after, in_place=True))
        with _Step(stack, definition, "UPDATE_FAILED", held.physical_id):
            site = self._site(definition)
            made = kind.update(site, held.physical_id, wanted, held.properties)
        now = Resource(definition, made.physical_id, wanted, made.attributes)
        if made.physical_id != held.physical_id:
            stack.undo[-1] = Change(held, now)
            stack.leftovers.append(held)
        stack.keep(now)
        stack.say_of(definition, "UPDATE_COMPLETE", made.physical_id, None, wanted)

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
                self._undo_one(change)
            except _FailedError as error:
                stack.say("UPDATE_ROLLBACK_FAILED", str(error))
                return
            stack.undo.pop()
        assert stack.former is not None
        stack.version, stack.former = stack.former, None
        self._redefine(self._version.blueprint)
        stack.leftovers.clear()
        stack.say("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        self._clean_up("UPDATE_ROLLBACK_COMPLETE")

    def _undo_one(self, change: Change) -> None:
        stack, before, after = self._stack, change.before, change.after
        if before is None:
            self._remove(after, "Delete")
            stack.made.pop(after.logical_id, None)
            return
        if not change.in_place:
            stack.keep(before)
            self._remove(after, "Delete")
            stack.say_of(before.definition, "UPDATE_COMPLETE", before.physical_id)
            return
        definition = before.definition
        stack.say_of(definition, "UPDATE_IN_PROGRESS", before.physical_id)
        with _Step(stack, definition, "UPDATE_FAILED", before.physical_id):
            kind, site = kind_of(definition.type), self._site(definition)
            kind.update(site, before.physical_id, before.properties, after.properties)
        stack.keep(before)
        stack.say_of(definition, "UPDATE_COMPLETE", before.physical_id)

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
                self._remove(each, policy)
            except _FailedError as error:
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
            self._stack.say("DELETE_FAILED", _failed("delete", failed))
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
                self._remove(each, policy)
            except _FailedError:
                failed.append(each.logical_id)
                blocked.update(each.definition.needs)
                continue
            if each in stack.leftovers:
                stack.leftovers.remove(each)
            else:
                stack.made.pop(each.logical_id, None)
        return failed

    def _make(self, definition: Definition) -> Resource:
        self._tools.stopping()
        stack, kind = self._stack, kind_of(definition.type)
        stack.say_of(definition, "CREATE_IN_PROGRESS")
        with _Step(stack, definition, "CREATE_FAILED"):
            wanted = self._properties(kind, definition)
        return self._make_with(kind, definition, wanted, "CREATE")

    def _make_with(
        self, kind: Kind, definition: Definition, wanted: Properties, verb: str
    ) -> Resource:
        stack = self._stack
        with _Step(stack, definition, f"{verb}_FAILED"):
            try:
                made = kind.create(self._site(definition), wanted)
            except UnfinishedError as error:
                part = Resource(definition, error.physical_id, wanted, {})
                before = stack.made.get(definition.logical_id)
                if before is None:
                    stack.keep(part)
                if stack.former is not None:
                    stack.undo.append(Change(before, part))
                raise
        resource = Resource(definition, made.physical_id, wanted, made.attributes)
        stack.keep(resource)
        initiated = f"Resource {'creation' if verb == 'CREATE' else 'update'} Initiated"
        stack.say_of(definition, f"{verb}_IN_PROGRESS", made.physical_id, initiated, wanted)
        stack.say_of(definition, f"{verb}_COMPLETE", made.physical_id, None, wanted)
        return resource

    def _remove(self, resource: Resource, policy: str) -> None:
        self._tools.stopping()
        stack, definition = self._stack, resource.definition
        if policy in ("Retain", "RetainExceptOnCreate"):
            stack.say_of(definition, "DELETE_SKIPPED", resource.physical_id)
            return
        stack.say_of(definition, "DELETE_IN_PROGRESS", resource.physical_id)
        with _Step(stack, definition, "DELETE_FAILED", resource.physical_id):
            try:
                kind = kind_of(definition.type)
                kind.delete(self._site(definition), resource.physical_id, resource.properties)
            except CallError as error:
                if not error.is_missing:
                    raise
        stack.say_of(definition, "DELETE_COMPLETE", resource.physical_id)

    def _properties(self, kind: Kind, definition: Definition) -> dict[str, Any]:
        wanted = resolve(self._stack, self._version, definition.properties, self._call)
        tags = self._version.tags
        if tags and kind.tags is not None:
            all_tags = {**tags, **mapped(wanted.get("Tags"))}
            listed = [{"Key": key, "Value": value} for key, value in all_tags.items()]
            wanted["Tags"] = all_tags if kind.tags == "map" else listed
        kind.check(wanted)
        return wanted

    @property
    def _call(self) -> Calls:
        version = self._version
        who = version.role or version.access_key
        return Calls(self._tools.clients, self._stack.region, who)

    def _site(self, definition: Definition) -> Site:
        call = self._call

        def ask(target: str, request: Mapping[str, Any], patience: float) -> Mapping[str, Any]:
            return self._tools.answers.ask(call, target, request, patience, self._tools.stopping)

        return Site(
            self._stack.id,
            self._stack.name,
            definition.logical_id,
            ACCOUNT,
            self._stack.partition,
            call,
            ask,
            self._tools.stopping,
            self._version.tags,
        )


class _Step:
    """A step with a resource: what is raised in the block becomes an event and a failure."""

    def __init__(
        self, stack: Stack, definition: Definition, failed: str, physical_id: str = ""
    ) -> None:
        self._stack = stack
        self._definition = definition
        self._failed = failed
        self._physical_id = physical_id

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, StoppedError | _FailedError):
            return
        reason = str(error)
        if not isinstance(error, ResourceError | StackError):
            name = self._definition.logical_id
            LOGGER.error("%s of %s", name, self._stack.name, exc_info=error)
            reason = f"The properties of {name} are not as they have to be: {error!r}"
        physical_id = self._physical_id
        if isinstance(error, UnfinishedError):
            physical_id = error.physical_id
        self._stack.say_of(self._definition, self._failed, physical_id, reason)
        verb = self._failed.partition("_")[0].lower()
        raise _FailedError(_failed(verb, [self._definition.logical_id])) from error


def _failed(verb: str, names: Iterable[str]) -> str:
    return f"The following resource(s) failed to {verb}: [{', '.join(names)}]."


def _in_reverse(resources: Iterable[Resource], order: list[str]) -> list[Resource]:
    """Return resources so that what needs others comes first; those of no order before them."""
    place = {name: at for at, name in enumerate(order)}
    return sorted(resources, key=lambda each: place.get(each.logical_id, len(order)), reverse=True)
