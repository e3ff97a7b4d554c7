"""The API: what each operation does. Parameters and answers have botocore's shapes."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from chalice.cloud.stacks.changes import differs
from chalice.cloud.stacks.errors import StackError
from chalice.cloud.stacks.store import (
    OnFailure,
    Stack,
    StackStore,
    Version,
    now,
    store_of,
)
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
_UNKNOWN = (
    "ResourcesToImport",
    "StackPolicyBody",
    "StackPolicyDuringUpdateBody",
    "StackPolicyDuringUpdateURL",
    "StackPolicyURL",
)
"""Parameters of calls that ask for what is not here."""
NO_UPDATES = "No updates are to be performed."


class StackActions:
    """What makes, changes and deletes stacks. ``start`` does, in the background, what a stack's
    status says once the second argument was called.
    """

    def __init__(
        self, versions: Versions, start: Callable[[Stack, Callable[[], None]], None]
    ) -> None:
        self._versions = versions
        self._start = start
        self._lock = threading.Lock()

    def create_stack(self, given: Given, caller: Caller) -> Answer:
        """Answer CreateStack."""
        name = checked_name(given)
        check_known(given)
        store = store_of(caller.region)
        _check_free(store, name)
        if given.get("OnFailure") and given.get("DisableRollback"):
            raise StackError("Only one of DisableRollback or OnFailure can be specified")
        stack = store.new(
            name,
            token=given.get("ClientRequestToken"),
            is_protected=bool(given.get("EnableTerminationProtection")),
            on_failure=on_failure_of(given),
        )
        body = self._versions.body(given, caller, None)
        stack.version = self._versions.read(given, body, caller, stack, direct=True)
        with self._lock:
            _check_free(store, name)
            store.add(stack)
            self._begin(stack, "CREATE_IN_PROGRESS")
        return {"StackId": stack.id}

    def update_stack(self, given: Given, caller: Caller) -> Answer:
        """Answer UpdateStack."""
        check_known(given)
        stack = find_stack(given, caller)
        check_updatable(stack)
        body = self._versions.body(given, caller, stack.version)
        version = self._versions.read(given, body, caller, stack, direct=True)
        if not differs(stack, version):
            raise StackError(NO_UPDATES)
        self.update(stack, version, given)
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
        _check_exports(stack)
        retained = frozenset(given.get("RetainResources") or ())
        if retained and stack.status != "DELETE_FAILED":
            raise StackError(
                f"Invalid operation on stack [{stack.id}]. Specify resources to retain only when "
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
        who = caller.access_key if call.who else ""

        def begin() -> None:
            stack.change(role=role, access_key=who)
            stack.say("DELETE_IN_PROGRESS", "User Initiated")

        self._start(stack, begin)
        return {}

    def cancel_update_stack(self, given: Given, caller: Caller) -> Answer:
        """Answer CancelUpdateStack."""
        stack = find_stack(given, caller)
        if stack.status != "UPDATE_IN_PROGRESS":
            raise StackError("CancelUpdateStack cannot be called from current stack status")

        def begin() -> None:
            if stack.status == "UPDATE_IN_PROGRESS":
                stack.say("UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")

        self._start(stack, begin)
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
        self._begin(stack, "UPDATE_ROLLBACK_IN_PROGRESS")
        return {}

    def update_termination_protection(self, given: Given, caller: Caller) -> Answer:
        """Answer UpdateTerminationProtection."""
        stack = find_stack(given, caller)
        stack.is_protected = bool(given["EnableTerminationProtection"])
        return {"StackId": stack.id}

    def create(self, stack: Stack, version: Version, given: Given) -> None:
        """Begin to make what was proposed for a stack."""
        with self._lock:
            if stack.status != "REVIEW_IN_PROGRESS":
                raise StackError(f"Stack [{stack.name}] already exists", "AlreadyExistsException")
            stack.version = version
            stack.token = given.get("ClientRequestToken")
            stack.on_failure = on_failure_of(given)
            self._begin(stack, "CREATE_IN_PROGRESS")

    def update(self, stack: Stack, version: Version, given: Given) -> None:
        """Begin to make a stack into another version of it."""
        with self._lock:
            check_updatable(stack)
            stack.token = given.get("ClientRequestToken")
            stack.on_failure = on_failure_of(given)
            stack.undo.clear()
            stack.leftovers.clear()
            stack.former, stack.version = stack.version, version
            stack.updated = now()
            self._begin(stack, "UPDATE_IN_PROGRESS")

    def _begin(self, stack: Stack, status: str) -> None:
        self._start(stack, lambda: stack.say(status, "User Initiated"))


def find_stack(given: Given, caller: Caller) -> Stack:
    """Return the stack that a call names. Raises ``StackError`` when there is none."""
    name = str(given.get("StackName", ""))
    found = store_of(caller.region).find(name)
    if found is None:
        raise StackError(f"Stack [{name}] does not exist")
    return found


def checked_name(given: Given) -> str:
    """Return the name for a new stack. Raises ``StackError``."""
    name = str(given["StackName"])
    if not _NAME.fullmatch(name):
        raise StackError(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: "
            "[a-zA-Z][-a-zA-Z0-9]*"
        )
    return name


def on_failure_of(given: Given) -> OnFailure:
    """Return what a call wants done when it fails."""
    match given.get("OnFailure"):
        case "DELETE":
            return "DELETE"
        case "DO_NOTHING":
            return "DO_NOTHING"
    return "DO_NOTHING" if given.get("DisableRollback") else "ROLLBACK"


def check_known(given: Given) -> None:
    """Raise ``StackError`` when a call asks for what is not here."""
    unknown = [name for name in _UNKNOWN if given.get(name)]
    if (given.get("RollbackConfiguration") or {}).get("RollbackTriggers"):
        unknown.append("RollbackTriggers")
    if unknown:
        raise StackError(f"The embedded cloud does not know {unknown[0]}")


def _check_free(store: StackStore, name: str) -> None:
    if store.find(name) is not None:
        raise StackError(f"Stack [{name}] already exists", "AlreadyExistsException")


def check_updatable(stack: Stack) -> None:
    """Raise ``StackError`` unless the stack can be updated now."""
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
