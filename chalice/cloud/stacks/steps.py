"""Steps with one resource: made, changed, deleted, or as it was again, each with its events."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.stacks.answers import Answers
from chalice.cloud.stacks.blueprints import Definition
from chalice.cloud.stacks.calls import CallError, Calls, Clients
from chalice.cloud.stacks.errors import ResourceError, StackError, StoppedError, UnfinishedError
from chalice.cloud.stacks.kinds import kind_of
from chalice.cloud.stacks.kinds.kind import Kind, Properties, Site, mapped
from chalice.cloud.stacks.outputs import resolve
from chalice.cloud.stacks.store import Change, Resource, Stack, Version

LOGGER = logging.getLogger(__name__)


class FailedError(Exception):
    """A step failed; its event says why."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What operations work with. ``stopping`` raises ``StoppedError`` once the cloud stops."""

    clients: Clients
    answers: Answers
    stopping: Callable[[], None]


class Steps:
    """The steps of what goes on with one stack. All raise ``FailedError``, and ``StoppedError``."""

    def __init__(self, stack: Stack, tools: Tools) -> None:
        self._stack = stack
        self._tools = tools

    def bring_up_to_date(self, definition: Definition) -> None:
        """Make a resource, change it, make it anew, or leave it, and note what was done."""
        stack = self._stack
        held = stack.made.get(definition.logical_id)
        if held is None:
            made = self.make(definition)
            stack.undo.append(Change(None, made))
            return
        self._tools.stopping()
        kind = kind_of(definition.type)
        with Step(stack, definition, "UPDATE_FAILED", held.physical_id):
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
        with Step(stack, definition, "UPDATE_FAILED", held.physical_id):
            site = self._site(definition)
            made = kind.update(site, held.physical_id, wanted, held.properties)
        now = Resource(definition, made.physical_id, wanted, made.attributes)
        if made.physical_id != held.physical_id:
            stack.undo[-1] = Change(held, now)
            stack.leftovers.append(held)
        stack.keep(now)
        stack.say_of(definition, "UPDATE_COMPLETE", made.physical_id, None, wanted)

    def undo(self, change: Change) -> None:
        """Have what was before a change of an update."""
        stack, before, after = self._stack, change.before, change.after
        if before is None:
            self.remove(after, "Delete")
            stack.made.pop(after.logical_id, None)
            return
        if not change.in_place:
            stack.keep(before)
            self.remove(after, "Delete")
            stack.say_of(before.definition, "UPDATE_COMPLETE", before.physical_id)
            return
        definition = before.definition
        stack.say_of(definition, "UPDATE_IN_PROGRESS", before.physical_id)
        with Step(stack, definition, "UPDATE_FAILED", before.physical_id):
            kind, site = kind_of(definition.type), self._site(definition)
            kind.update(site, before.physical_id, before.properties, after.properties)
        stack.keep(before)
        stack.say_of(definition, "UPDATE_COMPLETE", before.physical_id)

    def make(self, definition: Definition) -> Resource:
        """Make a resource."""
        self._tools.stopping()
        stack, kind = self._stack, kind_of(definition.type)
        stack.say_of(definition, "CREATE_IN_PROGRESS")
        with Step(stack, definition, "CREATE_FAILED"):
            wanted = self._properties(kind, definition)
        return self._make_with(kind, definition, wanted, "CREATE")

    def _make_with(
        self, kind: Kind, definition: Definition, wanted: Properties, verb: str
    ) -> Resource:
        stack = self._stack
        with Step(stack, definition, f"{verb}_FAILED"):
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

    def remove(self, resource: Resource, policy: str) -> None:
        """Delete a resource, unless its policy is that it stays."""
        self._tools.stopping()
        stack, definition = self._stack, resource.definition
        if policy in ("Retain", "RetainExceptOnCreate"):
            stack.say_of(definition, "DELETE_SKIPPED", resource.physical_id)
            return
        stack.say_of(definition, "DELETE_IN_PROGRESS", resource.physical_id)
        with Step(stack, definition, "DELETE_FAILED", resource.physical_id):
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

    @property
    def _version(self) -> Version:
        assert self._stack.version is not None
        return self._stack.version


class Step:
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
        if error is None or isinstance(error, StoppedError | FailedError):
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
        raise FailedError(failed_sentence(verb, [self._definition.logical_id])) from error


def failed_sentence(verb: str, names: Iterable[str]) -> str:
    """Return why a stack failed."""
    return f"The following resource(s) failed to {verb}: [{', '.join(names)}]."
