"""The API: what each operation does. Parameters and answers have botocore's shapes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from chalice.cloud.stacks.changes import differs, show_changes
from chalice.cloud.stacks.errors import StackError
from chalice.cloud.stacks.store import ChangeSet, OnFailure, Stack, Version, now, store_of
from chalice.cloud.stacks.template import parse_template
from chalice.cloud.stacks.versions import Caller, Versions

Given: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = dict[str, Any]

_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
_UPDATABLE = frozenset(
    {
        "CREATE_COMPLETE",
        "IMPORT_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_FAILED",
        "UPDATE_ROLLBACK_COMPLETE",
    }
)
NO_UPDATES = "No updates are to be performed."
_NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)


class StackActions:
    """What makes, changes and deletes stacks. ``start`` begins what a stack's status says."""

    def __init__(self, versions: Versions, start: Callable[[Stack], None]) -> None:
        self._versions = versions
        self._start = start

    def create_stack(self, given: Given, caller: Caller) -> Answer:
        """Answer CreateStack."""
        name = _checked_name(given)
        store = store_of(caller.region)
        if store.find(name) is not None:
            raise StackError(f"Stack [{name}] already exists", "AlreadyExistsException")
        on_failure = given.get("OnFailure")
        if on_failure and given.get("DisableRollback"):
            raise StackError("Only one of DisableRollback or OnFailure can be specified")
        stack = store.new(
            name,
            token=given.get("ClientRequestToken"),
            is_protected=bool(given.get("EnableTerminationProtection")),
            on_failure=on_failure or _on_failure(given),
        )
        stack.version = self._versions.read(given, caller, stack, direct=True)
        store.add(stack)
        self._begin(stack, "CREATE_IN_PROGRESS", "User Initiated")
        return {"StackId": stack.id}

    def update_stack(self, given: Given, caller: Caller) -> Answer:
        """Answer UpdateStack."""
        stack = find_stack(given, caller)
        _check_updatable(stack)
        version = self._versions.read(given, caller, stack, direct=True)
        if not differs(stack, version):
            raise StackError(NO_UPDATES)
        stack.token = given.get("ClientRequestToken")
        stack.on_failure = _on_failure(given)
        self._update(stack, version)
        return {"StackId": stack.id}

    def delete_stack(self, given: Given, caller: Caller) -> Answer:
        """Answer DeleteStack."""
        stack = store_of(caller.region).find(str(given["StackName"]))
        if stack is None or stack.status in ("DELETE_COMPLETE", "DELETE_IN_PROGRESS"):
            return {}
        if stack.is_protected:
            raise StackError(
                f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            )
        if stack.is_busy:
            raise StackError(
                f"Stack [{stack.name}] cannot be deleted while in status {stack.status}: the "
                "embedded cloud waits for what goes on"
            )
        _check_exports(stack)
        retained = frozenset(given.get("RetainResources") or ())
        if retained and stack.status != "DELETE_FAILED":
            raise StackError(
                "Invalid operation on stack [{stack.id}]. Specify resources to retain only when "
                "the stack is in the DELETE_FAILED state."
            )
        stack.retained = retained
        stack.token = given.get("ClientRequestToken")
        if stack.version is None:
            stack.say("DELETE_COMPLETE")
            stack.deleted = now()
            return {}
        if given.get("RoleARN"):
            self._versions.check_role(str(given["RoleARN"]), caller)
        role = given.get("RoleARN") or stack.version.role
        call = self._versions.calls(caller)
        stack.change(role=role, access_key=caller.access_key if call.who else "")
        self._begin(stack, "DELETE_IN_PROGRESS", "User Initiated")
        return {}

    def continue_update_rollback(self, given: Given, caller: Caller) -> Answer:
        """Answer ContinueUpdateRollback."""
        stack = find_stack(given, caller)
        if stack.status != "UPDATE_ROLLBACK_FAILED":
            raise StackError(
                f"Stack [{stack.name}] is in {stack.status} state and can not be rolled back."
            )
        skipped = set(given.get("ResourcesToSkip") or ())
        stack.undo = [each for each in stack.undo if each.after.logical_id not in skipped]
        self._begin(stack, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
        return {}

    def update_termination_protection(self, given: Given, caller: Caller) -> Answer:
        """Answer UpdateTerminationProtection."""
        stack = find_stack(given, caller)
        stack.is_protected = bool(given["EnableTerminationProtection"])
        return {"StackId": stack.id}

    def create_change_set(self, given: Given, caller: Caller) -> Answer:
        """Answer CreateChangeSet."""
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
                stack = store.new(_checked_name(given))
        elif kind == "UPDATE":
            stack = find_stack(given, caller)
            _check_updatable(stack)
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
        stack.token = given.get("ClientRequestToken")
        stack.on_failure = change_set.on_failure or _on_failure(given)
        if change_set.kind == "CREATE":
            stack.version = change_set.version
            stack.change_sets.clear()
            self._begin(stack, "CREATE_IN_PROGRESS", "User Initiated")
        else:
            _check_updatable(stack)
            # What others export may be another value by now.
            stack.change_sets.clear()
            self._update(stack, change_set.version)
        stack.change_sets[change_set.name] = change_set
        change_set.execution = "EXECUTE_COMPLETE"
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
            version = self._versions.read(
                {**given, "TemplateBody": body, "TemplateURL": None}
                if len(body) <= 51_200 or not given.get("TemplateURL")
                else given,
                caller,
                stack,
                direct=False,
            )
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

    def _update(self, stack: Stack, version: Version) -> None:
        stack.undo.clear()
        stack.leftovers.clear()
        stack.former, stack.version = stack.version, version
        stack.updated = now()
        self._begin(stack, "UPDATE_IN_PROGRESS", "User Initiated")

    def _begin(self, stack: Stack, status: str, reason: str) -> None:
        stack.say(status, reason)
        self._start(stack)


def find_stack(given: Given, caller: Caller) -> Stack:
    """Return the stack that a call names. Raises ``StackError`` when there is none."""
    name = str(given.get("StackName", ""))
    found = store_of(caller.region).find(name)
    if found is None:
        raise StackError(f"Stack [{name}] does not exist")
    return found


def find_change_set(given: Given, caller: Caller) -> tuple[Stack, ChangeSet]:
    """Return the change set that a call names, and its stack. Raises ``StackError``."""
    name = str(given["ChangeSetName"])
    stacks = [find_stack(given, caller)] if given.get("StackName") else None
    for stack in stacks if stacks is not None else store_of(caller.region).living():
        for each in stack.change_sets.values():
            if each.id == name or (stacks is not None and each.name == name):
                return stack, each
    raise StackError(f"ChangeSet [{name}] does not exist", "ChangeSetNotFound")


def _checked_name(given: Given) -> str:
    name = str(given["StackName"])
    if not _NAME.fullmatch(name):
        raise StackError(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: "
            "[a-zA-Z][-a-zA-Z0-9]*"
        )
    return name


def _on_failure(given: Given) -> OnFailure:
    return "DO_NOTHING" if given.get("DisableRollback") else "ROLLBACK"


def _check_updatable(stack: Stack) -> None:
    if stack.status not in _UPDATABLE:
        raise StackError(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


def _check_exports(stack: Stack) -> None:
    for name in stack.exports():
        users = importers(stack.region, name)
        if users:
            raise StackError(
                f"Export {name} cannot be deleted as it is in use by {' and '.join(users)}"
            )


def importers(region: str, export: str) -> list[str]:
    """Return the names of the stacks that import a value."""
    return [
        stack.name
        for stack in store_of(region).living()
        if stack.version is not None and export in stack.version.imported
    ]
