"""Functions of libraries through which AWS is reached, or values go."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TypeAlias

from chalice.policy.analysis import builtins, clients, storage
from chalice.policy.analysis.containers import key_of, new_container
from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.escapes import run_loosely
from chalice.policy.analysis.iteration import elements
from chalice.policy.analysis.strings import combined
from chalice.policy.analysis.texts import GAP, Parts, Variable, exact
from chalice.policy.analysis.values import (
    NOTHING,
    Bound,
    Class,
    Descriptor,
    External,
    Function,
    Partial,
    Text,
    Tuple,
    Value,
    ordered,
)

Library: TypeAlias = Callable[[Frame, ast.AST, Arguments], Value]


def call_library(frame: Frame, node: ast.AST, atom: External, given: Arguments) -> Value | None:
    """Return what a known function of a library gives, None when it is not known."""
    path = atom.path
    if path in _SESSIONS:
        return clients.make_session(frame, given)
    if path in _CLIENTS:
        session = clients.default_session(frame)
        return clients.call_session(frame, node, session, path.rpartition(".")[2], given)
    known = _FUNCTIONS.get(path)
    if known is not None:
        return known(frame, node, given)
    method = path.rpartition(".")[2]
    if ")." in path and method in _EXECUTING:
        return _EXECUTING[method](frame, node, given)
    return storage.call_storage(frame, node, atom, given)


def is_kept(atom: External) -> bool:
    """Tell whether what the call gives is worth telling apart from other unknown things."""
    root, _, rest = atom.path.partition(".")
    return root in _FOLLOWED or rest.rpartition(".")[2][:1].isupper()


def _first(given: Arguments) -> Value:
    return given.get(0, "") or NOTHING


def _same(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    return _first(given) or frame.atoms.unknown


def _decorator_with_options(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    """``@cache`` and ``@cache(size=1)``: what it makes of a function is the function."""
    functions = [
        atom
        for atom in ordered(_first(given))
        if isinstance(atom, (Function, Bound, Descriptor, Class, Partial))
    ]
    if functions:
        return frozenset(functions)
    return frozenset({frame.atoms.make(External, "functools.same", None)})


def _wraps(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    renamed = frozenset({frame.atoms.make(External, "functools.renamed", None)})
    return frozenset({frame.atoms.make(Partial, renamed, (_first(given),), ())})


def _renamed(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    """Give the second function the name of the first, as ``wraps`` does."""
    wrapper = given.get(1, "wrapper") or NOTHING
    for wrapped in ordered(_first(given)):
        if not isinstance(wrapped, Function):
            continue
        name = frame.heap.peek((wrapped, "__name__")) or frame.atoms.literal(wrapped.unit.name)
        for atom in wrapper:
            frame.heap.write((atom, "__name__"), name)
    return wrapper


def _property(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    return frozenset({frame.atoms.make(Descriptor, "property", _first(given))})


def _getenv(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    return environment_variable(frame, _first(given), given.get(1, "default"), needed=False)


def _getitem_env(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    return environment_variable(frame, _first(given), None, needed=True)


def environment_variable(
    frame: Frame, names: Value, default: Value | None, *, needed: bool
) -> Value:
    """Return what an environment variable may hold."""
    found: list[Value] = []
    for atom in ordered(names):
        name = key_of(frozenset({atom}))
        if not isinstance(name, str):
            found.append(frame.atoms.text(GAP))
            continue
        set_here = frame.heap.read(("environ", name), frame.context)
        if set_here:
            found.append(set_here)
        texts: list[Parts | None] = [None]
        if default:
            texts = []
            for each in ordered(default):
                if isinstance(each, Text):
                    texts.append(each.parts)
                else:
                    texts.append(None)
                    if not _is_set(frame, name):
                        found.append(frozenset({each}))
        for text in texts:
            found.append(frame.atoms.text((Variable(name, text),)))
        if not needed and not default and not _is_set(frame, name):
            found.append(frame.atoms.none)
    return frame.atoms.join(NOTHING, *found) or frame.atoms.text(GAP)


def _is_set(frame: Frame, name: str) -> bool:
    environments = frame.engine.environments
    return bool(environments) and all(name in each for each in environments)


def _set_environment(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    name = key_of(_first(given))
    value = given.get(1, "default") or NOTHING
    if isinstance(name, str):
        set_variable(frame, name, value)
    return value or frame.atoms.unknown


def set_variable(frame: Frame, name: str, value: Value) -> None:
    """Note that the code sets an environment variable."""
    frame.heap.write(("environ", name), value)


def _path_join(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    pieces: list[Value] = []
    for value in given.positional:
        pieces += [frame.atoms.literal("/"), value] if pieces else [value]
    return combined(frame, pieces)


def _reduce(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    each = elements(frame, node, given.get(1, "iterable") or NOTHING)
    start = given.get(2, "initial") or each
    return frame.engine.call(frame, node, _first(given), Arguments([start, each]))


def _gather(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    items = [*given.positional]
    if given.rest:
        return frame.atoms.sequence(frame.atoms.join(given.rest, *items))
    return frame.atoms.tuple(items)


def _call_first(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    """``asyncio.to_thread(function, *arguments)`` and the like."""
    function, *positional = given.positional or [NOTHING]
    more = Arguments(positional, given.keywords, given.rest, given.extra)
    return frame.engine.call(frame, node, function, more)


def _call_second(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    """``loop.run_in_executor(None, function, *arguments)``."""
    return _call_first(frame, node, Arguments(given.positional[1:], {}, given.rest))


def _submit(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    """``executor.submit``: the future stands for what it will give."""
    _call_first(frame, node, given)
    return frame.atoms.unknown


def _map_elements(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    function, *values = given.positional or [NOTHING]
    parts = [elements(frame, node, value) for value in values]
    return frame.atoms.sequence(frame.engine.call(frame, node, function, Arguments(parts)))


def _thread(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    """``Thread(target=..., args=...)``: taken to run where it is made."""
    target = given.get(1, "target") or NOTHING
    passed = given.get(3, "args") or NOTHING
    positional: list[Value] = []
    for atom in passed:
        positional = list(atom.items) if isinstance(atom, Tuple) else positional
    if not positional and passed:
        each = elements(frame, node, passed)
        for atom in ordered(target):
            run_loosely(frame, node, atom, [each])
    elif target:
        frame.engine.call(frame, node, target, Arguments(positional))
    return frozenset({frame.atoms.make(External, "threading.Thread()", node)})


def _field(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    factory = given.keywords.get("default_factory") or given.keywords.get("factory")
    if factory:
        return frame.engine.call(frame, node, factory, Arguments())
    return given.keywords.get("default") or NOTHING


def _default_dict(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    container = new_container(frame, node, "dict")
    factory = _first(given)
    if factory and factory != frame.atoms.none:
        made = frame.engine.call(frame, node, factory, Arguments())
        frame.heap.write((container, "*"), made)
    return frozenset({container})


def _list(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    container = new_container(frame, node, "list")
    frame.heap.write((container, "*"), elements(frame, node, _first(given)))
    return frozenset({container})


def _chain(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    found = [elements(frame, node, value) for value in given.positional]
    return frame.atoms.sequence(frame.atoms.join(NOTHING, *found))


def _attribute_getter(frame: Frame, node: ast.AST, given: Arguments) -> Value:
    """``operator.methodcaller`` and ``attrgetter`` of a name: what they do is not followed."""
    name = key_of(_first(given))
    text = exact((name,)) if isinstance(name, str) else None
    if text is None:
        return frame.atoms.unknown
    frame.context.report(
        node,
        f"`{text}` is looked up through `operator`, which is not followed",
        "call the method where it is used, or declare it with `app.needs(...)`",
    )
    return frame.atoms.unknown


_SESSIONS = frozenset(
    {
        "boto3.Session",
        "boto3.session.Session",
        "aioboto3.Session",
        "aioboto3.session.Session",
        "botocore.session.Session",
        "botocore.session.get_session",
        "aiobotocore.session.get_session",
        "aiobotocore.session.AioSession",
        "aiobotocore.get_session",
    }
)
_CLIENTS = frozenset({"boto3.client", "boto3.resource", "aioboto3.client", "aioboto3.resource"})
_FOLLOWED = frozenset(
    {"boto3", "chalice", "aws_lambda_powertools", "concurrent", "asyncio", "s3fs", "environs"}
)
_FUNCTIONS: Mapping[str, Library] = {
    "os.getenv": _getenv,
    "os.environ.get": _getenv,
    "os.environ.__getitem__": _getitem_env,
    "os.environ.setdefault": _set_environment,
    "os.putenv": _set_environment,
    "os.path.join": _path_join,
    "decouple.config": _getenv,
    "environs.Env()": _getitem_env,
    "environs.Env().str": _getenv,
    "posixpath.join": _path_join,
    "functools.partial": builtins.make_partial,
    "functools.partialmethod": builtins.make_partial,
    "functools.lru_cache": _decorator_with_options,
    "functools.cache": _decorator_with_options,
    "functools.same": _same,
    "functools.wraps": _wraps,
    "functools.renamed": _renamed,
    "functools.update_wrapper": _same,
    "functools.singledispatch": _same,
    "functools.cached_property": _property,
    "functools.reduce": _reduce,
    "werkzeug.utils.cached_property": _property,
    "cached_property.cached_property": _property,
    "contextlib.contextmanager": _same,
    "contextlib.asynccontextmanager": _same,
    "contextlib.closing": _same,
    "contextlib.nullcontext": _same,
    "abc.abstractmethod": _same,
    "abc.abstractproperty": _property,
    "typing.overload": _same,
    "typing.final": _same,
    "typing.cast": lambda frame, node, given: given.get(1, "val") or frame.atoms.unknown,
    "dataclasses.dataclass": _decorator_with_options,
    "dataclasses.field": _field,
    "attr.ib": _field,
    "attr.s": _decorator_with_options,
    "attrs.define": _decorator_with_options,
    "attrs.field": _field,
    "pydantic.Field": _field,
    "copy.copy": _same,
    "copy.deepcopy": _same,
    "asyncio.run": _same,
    "asyncio.create_task": _same,
    "asyncio.ensure_future": _same,
    "asyncio.wait_for": _same,
    "asyncio.shield": _same,
    "asyncio.gather": _gather,
    "asyncio.to_thread": _call_first,
    "asgiref.sync.async_to_sync": _same,
    "asgiref.sync.sync_to_async": _same,
    "anyio.run": _call_first,
    "anyio.to_thread.run_sync": _call_first,
    "threading.Thread": _thread,
    "threading.Timer": lambda frame, node, given: _thread(
        frame,
        node,
        Arguments(
            [],
            {
                "target": given.get(1, "function") or NOTHING,
                "args": given.get(2, "args") or NOTHING,
            },
        ),
    ),
    "multiprocessing.Process": _thread,
    "collections.defaultdict": _default_dict,
    "collections.OrderedDict": lambda frame, node, given: frame.engine.call(
        frame,
        node,
        frozenset({frame.atoms.make(External, "builtins.dict", None)}),
        given,
    ),
    "collections.deque": _list,
    "itertools.chain": _chain,
    "itertools.chain.from_iterable": lambda frame, node, given: frame.atoms.sequence(
        elements(frame, node, elements(frame, node, _first(given)))
    ),
    "itertools.islice": lambda frame, node, given: frame.atoms.sequence(
        elements(frame, node, _first(given))
    ),
    "itertools.cycle": lambda frame, node, given: frame.atoms.sequence(
        elements(frame, node, _first(given))
    ),
    "operator.methodcaller": _attribute_getter,
    "importlib.import_module": builtins.import_module,
}
_EXECUTING: Mapping[str, Library] = {
    "submit": _submit,
    "map": _map_elements,
    "apply": _call_first,
    "apply_async": _submit,
    "starmap": _map_elements,
    "imap": _map_elements,
    "imap_unordered": _map_elements,
    "run_in_executor": _call_second,
    "run_until_complete": _same,
    "create_task": _same,
    "call_soon": _submit,
    "enter_context": _same,
    "enter_async_context": _same,
}
