"""What Lambda runs for each function: modules, handlers, and what goes with these."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from chalice.policy.analysis.apps import EVENTS, WEBSOCKET_NAMES, name_of, owner_of
from chalice.policy.analysis.attributes import attribute, module_attribute
from chalice.policy.analysis.contexts import Context, Frame
from chalice.policy.analysis.engine import Arguments, Engine, Registration
from chalice.policy.analysis.values import (
    NOTHING,
    Atom,
    Bound,
    External,
    Function,
    Instance,
    Partial,
    Value,
    ordered,
)

ROUTES_FUNCTION = "api_handler"
_CALLABLE = (Function, Bound, Partial)


class Entries:
    """The Lambda functions, each with the context in which what it runs is called.

    `handlers` has function -> handler as Lambda has it: ``app.app`` for all routes of that app,
    ``chalicelib.jobs.clean``. The module of `app` is run for all of them, as the runtime does.
    """

    def __init__(self, engine: Engine, handlers: Mapping[str, str], app: str = "app.app") -> None:
        self._engine = engine
        self._app = app
        self._app_module = app.rpartition(".")[0]
        self._handlers = handlers
        self.roots = {name: engine.root(name) for name in handlers}

    def run(self) -> None:
        """Run everything, until nothing more is found to run."""
        self.load()
        seen = -1
        while seen != len(self._engine.registrations) + sum(map(_size, self.roots.values())):
            seen = len(self._engine.registrations) + sum(map(_size, self.roots.values()))
            for name, root in self.roots.items():
                self._call(Frame(self._engine, root), name, self._handlers[name])
            self._engine.settle()

    def load(self) -> None:
        """Import the modules of all functions, which registers the handlers."""
        for name, root in self.roots.items():
            self._import(Frame(self._engine, root), self._handlers[name])
        self._engine.settle()

    def _import(self, frame: Frame, handler: str) -> None:
        self._engine.import_module(frame, self._app_module, 0)
        parts = handler.split(".")
        for length in range(len(parts), 0, -1):
            if self._engine.import_module(frame, ".".join(parts[:length]), 0) is not None:
                return

    def _call(self, frame: Frame, name: str, handler: str) -> None:
        unknown = frame.atoms.unknown
        for value, argument in self._functions(frame, name, handler):
            given = Arguments([argument] if argument else [], {}, unknown, unknown)
            self._engine.call(frame, ast.Pass(), value, given)

    def _functions(self, frame: Frame, name: str, handler: str) -> Iterator[tuple[Value, Value]]:
        """Yield what is called: handlers, then middleware and error handlers around them."""
        value = self._resolve(frame, handler)
        registrations = self._registrations()
        functions = frozenset(each for each in value if isinstance(each, _CALLABLE))
        owners = [owner_of(atom) for atom in value if isinstance(atom, (External, Instance))]
        mine = [
            each
            for each in registrations
            if (
                self._is_of(each, name, value)
                if each.kind != "route"
                else not functions and self._belongs(each.owner, owners)
            )
        ]
        yield from ((each.function, each.argument) for each in mine)
        if functions and not mine:
            yield functions, NOTHING
        kinds = {"http" if each.kind == "route" else EVENTS.get(each.kind, "") for each in mine}
        families = [each.owner for each in mine if each.kind != "authorizer"]
        for each in registrations:
            if (
                each.kind == "middleware"
                and (kinds - {""})
                and (each.event == "all" or each.event in kinds)
            ) or (
                each.kind == "error"
                and any(self._is_around(each.owner, owner) for owner in families)
            ):
                yield each.function, NOTHING

    def _is_of(self, registration: Registration, name: str, value: Value) -> bool:
        """Tell whether a handler is that of a function, by its name or by what it is."""
        if registration.kind not in EVENTS and registration.kind != "authorizer":
            return False
        return name in self._full_names(registration) or not registration.function.isdisjoint(value)

    def _registrations(self) -> list[Registration]:
        return list(self._engine.registrations.values())

    def _resolve(self, frame: Frame, handler: str) -> Value:
        parts = handler.split(".")
        for length in range(len(parts) - 1, 0, -1):
            module = self._engine.project.module(".".join(parts[:length]))
            if module is None:
                continue
            value = module_attribute(frame, module, parts[length])
            for name in parts[length + 1 :]:
                value = attribute(frame, ast.Pass(), value, name)
            return value
        return NOTHING

    def _belongs(self, owner: object, apps: list[object]) -> bool:
        """Tell whether routes of an owner are an app's; any are of an app that is not known."""
        return not apps or any(self._is_around(app, owner) for app in apps)

    def _is_around(self, outer: object, inner: object) -> bool:
        """Tell whether one is the other, or has it as a blueprint, at any depth.

        A blueprint that is registered nowhere to be seen is taken to be everyone's.
        """
        seen: set[object] = set()
        pending = [inner]
        while pending:
            each = pending.pop()
            if each == outer:
                return True
            if each in seen:
                continue
            seen.add(each)
            parents = [parent for parent, child in self._engine.nestings if child == each]
            if not parents and isinstance(each, tuple) and each[0] == "Blueprint":
                return True
            pending += parents
        return False

    def _full_names(self, registration: Registration) -> set[str]:
        """Return the names of the function on Lambda, one for each way it is registered."""
        own = registration.name or WEBSOCKET_NAMES.get(registration.kind, "")
        prefixes = self._prefixes(registration.owner, set())
        names = {prefix + own for prefix in prefixes}
        return names | {WEBSOCKET_NAMES.get(registration.kind, own)}

    def _prefixes(self, owner: object, seen: set[object]) -> set[str]:
        parents = [
            (parent, prefix)
            for (parent, child), prefix in self._engine.nestings.items()
            if child == owner and parent not in seen
        ]
        if not parents:
            return {""}
        return {
            outer + prefix
            for parent, prefix in parents
            for outer in self._prefixes(parent, seen | {owner})
        }

    def discovered(self) -> dict[str, str]:
        """Return the functions that the source declares, and their handlers."""
        found: dict[str, str] = {}
        for each in self._registrations():
            if each.kind == "route":
                found[ROUTES_FUNCTION] = self._app_handler()
            elif each.kind in EVENTS or each.kind == "authorizer":
                prefixes = self._prefixes(each.owner, set())
                names = {prefix + (each.name or "") for prefix in prefixes}
                if each.kind in WEBSOCKET_NAMES:
                    names = {WEBSOCKET_NAMES[each.kind]}
                for name in sorted(names):
                    found[name] = self._handler_string(each.function)
        return dict(sorted(found.items()))

    def _app_handler(self) -> str:
        module = self._engine.project.module(self._app_module)
        if module is not None:
            for name, value in self._engine.heap.globals_of(module):
                for atom in ordered(value):
                    if isinstance(atom, (External, Instance)) and _is_app(atom):
                        return f"{self._app_module}.{name}"
        return self._app

    def _handler_string(self, function: Value) -> str:
        for each in ordered(function):
            atom: Atom = each
            while isinstance(atom, Bound):
                atom = atom.function
            if isinstance(atom, Function):
                return f"{atom.unit.module.name}.{name_of(self._engine.heap, atom)}"
        return self._app


def _is_app(atom: External | Instance) -> bool:
    if isinstance(atom, External):
        return atom.path in ("chalice.Chalice()", "chalice.app.Chalice()")
    return False


def _size(root: Context) -> int:
    return len(root.edges)
