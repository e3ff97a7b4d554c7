"""Compiled files, so that a function does not compile what it imports each time it starts.

They are made by the Python that will load them, if it is here. They say that nobody is to compare
them with their sources, and have no times in them, so one Python makes one file of one source.

https://docs.python.org/3/reference/import.html#cached-bytecode-invalidation
"""

from __future__ import annotations

import os
import struct
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from chalice.bundle import archive
from chalice.bundle.archive import File, Member
from chalice.bundle.interpreters import Interpreter
from chalice.errors import ToolError

# What cannot be compiled is left out: some packages bring templates and files for other Pythons.
# Version 2 of the format does not depend on how often an object is referred to at the moment.
_COMPILE = """
import importlib.util, marshal, struct, sys, warnings

warnings.simplefilter("ignore")
sys.setrecursionlimit(10000)
source, target = sys.stdin.buffer, sys.stdout.buffer
start = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little")
while True:
    head = source.read(8)
    if not head:
        break
    sizes = struct.unpack("<II", head)
    name, text = source.read(sizes[0]).decode(), source.read(sizes[1])
    try:
        code = compile(text, "/var/task/" + name, "exec", 0, True, 0)
        try:
            body = marshal.dumps(code, 2)
        except ValueError:
            body = marshal.dumps(code)
        made = start + importlib.util.source_hash(text) + body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        made = b""
    target.write(struct.pack("<I", len(made)) + made)
"""
_SMALL = 300_000  # bytes of sources that are not worth another process


def compiled(files: Iterable[File | Member], interpreter: Interpreter) -> list[Member]:
    """Return the compiled files of the modules among ``files``."""
    modules = [file for file in files if _is_module(file.name)]
    sources = [(file.name, file.read()) for file in modules]
    total = sum(len(data) for _, data in sources)
    workers = os.cpu_count() or 1
    # Some parts more than workers, so that one is compressed while others are compiled.
    count = min(workers * 2, 1 + total // _SMALL)
    parts = [sources[each::count] for each in range(count)]
    with ThreadPoolExecutor(workers) as pool:
        done = pool.map(lambda part: list(map(archive.member, _compile(part, interpreter))), parts)
        return [file for part in done for file in part]


def place_of(module: str, tag: str) -> str:
    """Return where the compiled file of a module lies."""
    folder, separator, name = module.rpartition("/")
    return f"{folder}{separator}__pycache__/{name.removesuffix('.py')}.{tag}.pyc"


def module_of(place: str) -> str | None:
    """Return the module that a file is compiled from; None for a file that is no such."""
    folder, cache, name = place.rpartition("__pycache__/")
    return f"{folder}{name.split('.')[0]}.py" if cache and name.endswith(".pyc") else None


def _is_module(name: str) -> bool:
    parts = name.split("/")
    return (
        name.endswith(".py")
        and all(part.isidentifier() for part in parts[:-1])
        and parts[-1].count(".") == 1
        and parts[0] != "bin"
    )


def _compile(sources: Sequence[tuple[str, bytes]], interpreter: Interpreter) -> Iterator[File]:
    if not sources:
        return
    # Files, for much goes in and out, and pipes are fed a few kilobytes at a time.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as made:
        for name, data in sources:
            encoded = name.encode()
            given.write(struct.pack("<II", len(encoded), len(data)) + encoded + data)
        given.seek(0)
        done = subprocess.run(  # noqa: S603
            [interpreter.executable, "-s", "-S", "-c", _COMPILE],
            env={"PYTHONHASHSEED": "0"},
            stdin=given,
            stdout=made,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode != 0:
            raise ToolError(
                f"Python {interpreter.version} cannot compile the bundle",
                where=str(interpreter.executable),
                excerpt=done.stderr.decode("utf-8", "replace").strip()[-400:],
                hint='`"bundle_bytecode": false` in .chalice/config.json does without',
            )
        made.seek(0)
        for name, _ in sources:
            if data := made.read(int.from_bytes(made.read(4), "little")):
                yield File(place_of(name, interpreter.tag), data, False)
