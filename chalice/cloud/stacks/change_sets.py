"""The API: change sets, which show what would be done before it is."""

from __future__ import annotations

import uuid

from chalice.cloud.stacks.actions import (
    Answer,
    Given,
    StackActions,
    check_known,
    check_updatable,
    checked_name,
    find_stack,
)
from chalice.cloud.stacks.changes import differs, show_changes
from chalice.cloud.stacks.errors import StackError
from chalice.cloud.stacks.store import ChangeSet, Stack, now, store_of
from chalice.cloud.stacks.template import parse_template
from chalice.cloud.stacks.versions import Caller, Versions

_NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)


class ChangeSetActions:
    """What proposes changes, and does what was proposed."""

    def __init__(self, versions: Versions, stacks: StackActions) -> None:
        self._versions = versions
        self._stacks = stacks

    def create_change_set(self, given: Given, caller: Caller) -> Answer:
        """Answer CreateChangeSet."""
        check_known(given)
        kind = given.get("ChangeSetType") or "UPDATE"
        store = store_of(caller.region)
        stack = store.find(str(given["StackName"]))
        if kind == "CREATE":
            if stack is not None and stack.status != "REVIEW_IN_PROGRESS":
                raise StackError(
                    f"Stack [{stack.name}] already exists and cannot be created again with the "
                    f"changeSet [{given['ChangeSetName']}]."
                )
            if stack is None:
                stack = store.new(checked_name(given))
        elif kind == "UPDATE":
            stack = find_stack(given, caller)
            check_updatable(stack)
        else:
            raise StackError(f"The embedded cloud makes no change sets of the type {kind}")
        name = str(given["ChangeSetName"])
        if name in stack.change_sets:
            raise StackError(
                f"ChangeSet {name} cannot be created due to a mismatch with existing attribute "
                "Template",
                "AlreadyExistsException",
            )
        change_set = self._propose(given, caller, stack, kind)
        if stack.id not in store.stacks:
            store.add(stack)
            stack.say("REVIEW_IN_PROGRESS", "User Initiated")
        stack.change_sets[name] = change_set
        return {"Id": change_set.id, "StackId": stack.id}

    def execute_change_set(self, given: Given, caller: Caller) -> Answer:
        """Answer ExecuteChangeSet."""
        stack, change_set = find_change_set(given, caller)
        if change_set.execution != "AVAILABLE" or change_set.version is None:
            raise StackError(
                f"ChangeSet [{change_set.id}] cannot be executed in its current status of "
                f"[{change_set.status}]",
                "InvalidChangeSetStatus",
            )
        wish = {**given, "OnFailure": change_set.on_failure}
        if change_set.kind == "UPDATE":
            self._stacks.update(stack, change_set.version, wish)
        else:
            self._stacks.create(stack, change_set.version, wish)
        change_set.execution = "EXECUTE_COMPLETE"
        stack.change_sets = {change_set.name: change_set}  # the others are for what is no more
        return {}

    def delete_change_set(self, given: Given, caller: Caller) -> Answer:
        """Answer DeleteChangeSet."""
        try:
            stack, change_set = find_change_set(given, caller)
        except StackError:
            return {}
        stack.change_sets.pop(change_set.name, None)
        return {}

    def _propose(self, given: Given, caller: Caller, stack: Stack, kind: str) -> ChangeSet:
        name = str(given["ChangeSetName"])
        prefix = stack.id.split(":stack/")[0]
        change_set = ChangeSet(
            name,
            f"{prefix}:changeSet/{name}/{uuid.uuid4()}",
            "CREATE" if kind == "CREATE" else "UPDATE",
            None,
            now(),
            given.get("Description"),
            on_failure=given.get("OnStackFailure"),
        )
        body = self._versions.body(given, caller, stack.version)
        try:
            version = self._versions.read(given, body, caller, stack, direct=False)
            change_set.version = version
            change_set.changes = show_changes(stack, version)
            if stack.version is not None and not differs(stack, version):
                raise StackError(_NO_CHANGES)
        except StackError as error:
            # What is wrong before transforms is an error of the call, afterwards of the change set.
            if not parse_template(body).get("Transform") and str(error) != _NO_CHANGES:
                raise
            change_set.status, change_set.execution = "FAILED", "UNAVAILABLE"
            change_set.reason = str(error)
        return change_set


def find_change_set(given: Given, caller: Caller) -> tuple[Stack, ChangeSet]:
    """Return the change set that a call names, and its stack. Raises ``StackError``."""
    name = str(given["ChangeSetName"])
    stacks = [find_stack(given, caller)] if given.get("StackName") else None
    for stack in stacks if stacks is not None else store_of(caller.region).living():
        for each in stack.change_sets.values():
            if each.id == name or (stacks is not None and each.name == name):
                return stack, each
    raise StackError(f"ChangeSet [{name}] does not exist", "ChangeSetNotFound")
