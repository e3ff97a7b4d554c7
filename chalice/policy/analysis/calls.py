"""What happens when a value is called."""

from __future__ import annotations

import ast
import re

from chalice.policy.analysis import (
    apps,
    builtins,
    clients,
    containers,
    libraries,
    resources,
    storage,
    strings,
)
from chalice.policy.analysis.attributes import attribute
from chalice.policy.analysis.classes import foreign_base, instantiate
from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.escapes import Decoration, escape, pass_through, written
from chalice.policy.analysis.values import (
    NOTHING,
    Atom,
    Bound,
    Class,
    Client,
    Collection,
    Container,
    Descriptor,
    External,
    Function,
    Instance,
    Method,
    Paginator,
    Partial,
    Record,
    Resource,
    Response,
    Series,
    Session,
    Super,
    Text,
    Tuple,
    Unknown,
    Value,
    Waiter,
    Writer,
    ordered,
)

_METHOD = re.compile(
    r"(abort|add|associate|attach|batch|cancel|complete|copy|create|decrypt|delete|describe|detach"
    r"|disable|enable|encrypt|execute|generate|get|head|invoke|list|modify|post|publish|put|query"
    r"|receive|register|remove|restore|run|scan|select|send|set|sign|start|stop|subscribe|tag"
    r"|terminate|transact|untag|update|upload|verify)(_[a-z0-9]+)*"
)
_PARAMETER = re.compile(r"([A-Z][a-z0-9]+)+|[A-Z]{2,}[A-Za-z]*")


def call(frame: Frame, node: ast.AST, value: Value, given: Arguments) -> Value:
    """Return what calling the value with these arguments gives."""
    if len(value) == 1:
        (atom,) = value
        return _call(frame, node, atom, given)
    found = NOTHING
    frame.engine.work += len(value)
    for atom in _likely(frame, value):
        found = frame.atoms.join(found, _call(frame, node, atom, given))
    return found


def _likely(frame: Frame, value: Value) -> list[Atom]:
    """Return what is called; of several clients only those that have the method."""
    atoms = list(ordered(value))
    having = [
        atom
        for atom in atoms
        if isinstance(atom, Method)
        and isinstance(atom.receiver, Client)
        and clients.has_method(frame, atom.receiver, atom.name)
    ]
    if not having:
        return atoms
    return [
        atom
        for atom in atoms
        if atom in having or not (isinstance(atom, Method) and isinstance(atom.receiver, Client))
    ]


def _call(frame: Frame, node: ast.AST, atom: Atom, given: Arguments) -> Value:
    match atom:
        case Function():
            return frame.engine.invoke(frame, node, atom, given)
        case Bound():
            first = frozenset({atom.receiver})
            positional = [first, *given.positional]
            more = Arguments(positional, given.keywords, given.rest, given.extra)
            return _call(frame, node, atom.function, more)
        case Class():
            return instantiate(frame, node, atom, given)
        case Method():
            return _call_method(frame, node, atom, given)
        case External():
            return _call_external(frame, node, atom, given)
        case Partial():
            keywords = {**dict(atom.keywords), **given.keywords}
            positional = [*atom.positional, *given.positional]
            more = Arguments(positional, keywords, given.rest, given.extra)
            return call(frame, node, atom.target, more)
        case Descriptor(kind="wrapper"):  # ConvertToMiddleware: it wraps the handler
            inner = call(frame, node, atom.function, Arguments([frame.atoms.unknown]))
            return call(frame, node, inner, Arguments([], {}, frame.atoms.unknown))
        case Descriptor():
            return call(frame, node, atom.function, given)
        case Instance():
            hook = attribute(frame, node, frozenset({atom}), "__call__")
            return call(frame, node, hook, given) if hook else frame.atoms.unknown
        case Response():
            return frame.atoms.unknown
        case Unknown() if isinstance(node, Decoration):
            return given.positional[0] | frame.atoms.unknown
        case Unknown():
            _suspect(frame, node, given)
            return escape(frame, node, given)
    return NOTHING


def _call_external(frame: Frame, node: ast.AST, atom: External, given: Arguments) -> Value:
    for handle in (libraries.call_library, builtins.call_builtin, apps.call_app):
        found = handle(frame, node, atom, given)
        if found is not None:
            return found
    receiver = atom.site
    if isinstance(receiver, Instance):
        _run_overridden(frame, node, receiver, atom)
    _suspect(frame, node, given)
    root = atom.path.partition(".")[0]
    if root in storage.AWS_LIBRARIES:
        frame.context.report(
            node,
            f"`{root}` calls AWS itself, and is not read",
            'declare what it calls: `app.needs("service:Action", ...)`',
        )
    decorated = pass_through(frame, node, atom, given)
    if decorated is not None:
        return decorated
    result = escape(frame, node, given, atom)
    if libraries.is_kept(atom):
        made = frame.atoms.make(External, f"{atom.path}()", atom.site or node)
        result = (result - frame.atoms.unknown) | {made}
    return result


def _run_overridden(frame: Frame, node: ast.AST, receiver: Instance, atom: External) -> None:
    """Run the methods that a library's method calls in turn: ``Thread.start`` calls ``run``."""
    own = {each.name for each in receiver.cls.unit.node.body if isinstance(each, ast.FunctionDef)}
    base = foreign_base(frame, receiver.cls)
    if base is None or atom.path.endswith("().__init__") or base.path.startswith("chalice."):
        return
    if receiver in frame.overridden:
        return
    frame.overridden.add(receiver)
    for name in sorted(name for name in own if not name.startswith("__")):
        loose = Arguments([], {}, frame.atoms.unknown, NOTHING)
        call(frame, node, attribute(frame, node, frozenset({receiver}), name), loose)


def _suspect(frame: Frame, node: ast.AST, given: Arguments) -> None:
    """Report a call that looks like one of AWS, of something that is not known."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    names = [each.arg for each in node.keywords if each.arg]
    if not names or not all(_PARAMETER.fullmatch(name) for name in names):
        return
    if _METHOD.fullmatch(node.func.attr):
        frame.context.report(
            node,
            f"`{written(node.func)}` looks like a call of AWS, of a client that is not known",
            "make the client where the analysis can follow it, or "
            'declare the call: `app.needs("service:Action", ...)`',
        )


def _call_method(frame: Frame, node: ast.AST, method: Method, given: Arguments) -> Value:
    receiver = method.receiver
    name = method.name
    atoms = frame.atoms
    match receiver:
        case Client():
            return clients.call_client(frame, node, receiver, name, given)
        case Resource():
            return resources.call_method(frame, node, receiver, name, given)
        case Collection():
            return resources.call_collection(frame, node, receiver, name, given)
        case Session():
            return clients.call_session(frame, node, receiver, name, given)
        case Paginator() if name == "paginate":
            page = clients.made(frame, node, receiver.client, receiver.operation, given)
            return atoms.sequence(page)
        case Waiter() if name == "wait":
            return clients.made(frame, node, receiver.client, receiver.operation, given)
        case Writer():
            return _write(frame, node, receiver, name)
        case Text():
            return strings.call_method(frame, receiver, name, given)
        case Response() if name == "get" and given.positional:
            key = containers.key_of(given.positional[0])
            return containers.response_item(frame, receiver, key)
        case Response():
            return containers.response_item(frame, receiver, None)
        case Container() | Tuple() | Series() | Record():
            return containers.call_method(frame, receiver, name, given, node)
        case Descriptor() if name in ("setter", "deleter", "getter"):
            kind = "setter" if name == "setter" else "property"
            function = given.get(0, "function") or NOTHING
            return frozenset({receiver, atoms.make(Descriptor, kind, function)})
        case Super():
            return atoms.unknown
    return atoms.unknown


def _write(frame: Frame, node: ast.AST, writer: Writer, name: str) -> Value:
    """Write in batches to a table."""
    if name in ("put_item", "delete_item"):
        table = dict(writer.table.identifiers).get("Name", frame.atoms.unknown)
        kind = "PutRequest" if name == "put_item" else "DeleteRequest"
        request = frame.atoms.record({kind: frame.atoms.unknown}, NOTHING)
        names = containers.new_container(frame, node, "dict")
        containers.set_item(frame, names, table, frame.atoms.sequence(request))
        given = Arguments([], {"RequestItems": frozenset({names})})
        clients.made(frame, node, writer.table.client, "BatchWriteItem", given)
    return frozenset({writer}) if name == "__enter__" else frame.atoms.unknown
