"""Tells the cloud which lines of a function make each AWS call, while somebody wants to know.

Loaded by ``bootstrap.py`` into the function's process, so it keeps to what all Python versions
have. botocore, which may be of any version, is changed when the function imports it: each request
that goes to the cloud has one more header, added after it was signed.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import FrameType, ModuleType

HEADER = "x-chalice-caller"
"""A JSON list, the innermost line last, of ``["chalicelib/store.py", 12, "save"]``: the path in
the package of the function, the line, and the name of what it is in."""
MAX_FRAMES = 32
MAX_LENGTH = 4096
"""Of the header, in characters, all of them ASCII. What does not fit is left out at the front."""
_STARTED = "_chalice_started_by"


class Callers:
    """Knows which lines called. ``root`` is where the package of the function is unpacked.

    ``leads_here`` says whether a host is the cloud's. What is on the stack of the calling thread
    counts; if nothing of the project is, what is where the thread, or the task of a pool of
    threads, was started; else the frames of installed packages.
    """

    def __init__(self, root: str, leads_here: Callable[[str], bool]) -> None:
        self._root = os.path.join(root, "")  # noqa: PTH118 - pathlib is slow to load
        self._leads_here = leads_here
        self._installed: frozenset[str] | None = None
        self._task = threading.local()

    def install(self) -> None:
        """Change what there is already, and the rest as soon as it is imported."""
        self._change_threads()
        changes: dict[str, Callable[[Any], None]] = {
            "botocore.endpoint": self._change_botocore,
            "concurrent.futures.thread": self._change_pools,
        }
        for name in [name for name in changes if name in sys.modules]:
            changes[name](sys.modules[name])
        sys.meta_path.insert(0, _Finder(changes))

    def _header(self, url: str, frame: FrameType | None) -> str | None:
        """Return the header of a request to ``url``, None when it gets none."""
        from urllib.parse import urlsplit  # noqa: PLC0415 - botocore has it loaded

        if not self._leads_here(urlsplit(url).hostname or ""):
            return None
        frames = self._frames(frame)
        text = json.dumps(frames, separators=(",", ":"))
        while len(text) > MAX_LENGTH:
            frames = frames[1:]
            text = json.dumps(frames, separators=(",", ":"))
        return text if frames else None

    def _frames(self, frame: FrameType | None) -> Sequence[Any]:
        """Return what is known of how that frame came to be, in the shape of the header."""
        own, installed = self._look(frame)
        if own:
            return own
        thread = vars(threading.current_thread())
        return getattr(self._task, "frames", None) or thread.get(_STARTED) or installed

    def _look(self, frame: FrameType | None) -> tuple[Sequence[Any], Sequence[Any]]:
        """Return the frames of the project, and those of installed packages."""
        own: list[Any] = []
        installed: list[Any] = []
        while frame is not None and len(own) < MAX_FRAMES:
            code = frame.f_code
            if code.co_filename.startswith(self._root):
                name = code.co_filename[len(self._root) :]
                found = installed if self._is_installed(name) else own
                found.append([name, frame.f_lineno, code.co_name])
            frame = frame.f_back
        return own[::-1], installed[:MAX_FRAMES][::-1]

    def _is_installed(self, name: str) -> bool:
        """Whether the file came with a requirement, or is chalice itself."""
        if self._installed is None:
            self._installed = frozenset(_installed(self._root))
        return name in self._installed or name.startswith(f"chalice{os.sep}")

    def _change_botocore(self, module: Any) -> None:
        prepare = module.Endpoint.prepare_request

        def prepare_request(endpoint: Any, request: Any) -> Any:
            prepared = prepare(endpoint, request)
            text = self._header(prepared.url, sys._getframe(1))
            if text is not None:
                prepared.headers[HEADER] = text
            return prepared

        module.Endpoint.prepare_request = prepare_request

    def _change_threads(self) -> None:
        threads: Any = threading.Thread
        start = threads.start

        def start_thread(thread: threading.Thread) -> None:
            vars(thread)[_STARTED] = self._frames(sys._getframe(1))
            start(thread)

        threads.start = start_thread

    def _change_pools(self, module: Any) -> None:
        submit = module.ThreadPoolExecutor.submit

        def run(
            frames: Sequence[Any], task: Callable[..., Any], /, *args: Any, **named: Any
        ) -> Any:
            self._task.frames = frames
            try:
                return task(*args, **named)
            finally:
                self._task.frames = None

        def submit_task(pool: Any, task: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
            return submit(pool, run, self._frames(sys._getframe(1)), task, *args, **named)

        module.ThreadPoolExecutor.submit = submit_task


class _Finder:
    """Finds what the others find, and has it changed once it is loaded."""

    def __init__(self, changes: dict[str, Callable[[Any], None]]) -> None:
        self._changes = changes

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Called by the import system for every module that is not loaded yet."""
        change = self._changes.get(name)
        if change is None:
            return None
        others = [finder for finder in sys.meta_path if finder is not self]
        specs = (finder.find_spec(name, path, target) for finder in others)
        spec = next((spec for spec in specs if spec is not None), None)
        if spec is None or spec.loader is None:
            return spec
        loader: Any = spec.loader
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            change(module)

        loader.exec_module = exec_module  # of this one module alone
        return spec


def _installed(root: str) -> Iterator[str]:
    """Yield the paths of the modules that requirements brought, as their records name them."""
    for folder in os.listdir(root):  # noqa: PTH208
        path = os.path.join(root, folder, "RECORD")  # noqa: PTH118
        if folder.endswith(".dist-info") and os.path.isfile(path):  # noqa: PTH113
            with open(path, encoding="utf-8") as record:  # noqa: PTH123
                names = (line.rsplit(",", 2)[0].strip('"') for line in record)
                yield from (name for name in names if name.endswith(".py"))
