"""Runs deployed functions as AWS Lambda does: each in a process of its own, kept warm.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from chalice.cloud.functions.attachment import Attachment
from chalice.cloud.functions.code import CodeStore, directory_names, remove_tree
from chalice.cloud.functions.environment import Call, Environment, Sandbox
from chalice.cloud.functions.function import Credentials, FunctionConfig, Invocation
from chalice.cloud.functions.logs import LogSink, LogStream
from chalice.cloud.functions.runtimes import Runtimes
from chalice.cloud.functions.variables import environment_variables

_THROTTLED = (
    b'{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User",'
    b'"message":"Rate Exceeded."}'
)
_MISSING_LAYER = (
    "[WARNING] the layer {arn} belongs to another account, so what is in it is missing here. "
    "Publish a copy of it to the embedded cloud and list that, or require what it holds."
)
_T = TypeVar("_T")

DUMMY_CREDENTIALS = Credentials("ASIAEMBEDDEDCLOUD000", "embedded", "embedded")


def dummy_credentials(_: FunctionConfig) -> Credentials:
    """Return credentials that nobody knows."""
    return DUMMY_CREDENTIALS


@dataclass(eq=False, slots=True)
class _Pool:
    """The execution environments of one version of a function, while its configuration stays.

    ``idle`` has the one used last at its end. A retired pool takes none back.
    """

    function: FunctionConfig
    idle: list[Environment] = field(default_factory=list)
    retired: bool = False


class Executor:
    """All functions of one embedded cloud. Belongs to one event loop; not safe from threads.

    ``home`` is its own directory: unzipped code, runtimes and bytecode stay in it from one run to
    the next, and what a killed run left behind is removed. One executor at a time uses it.
    ``log_sink`` is called in the loop. ``environment`` is added to the variables of every
    function, ``AWS_ENDPOINT_URL`` say. ``credentials`` gives what a function's processes sign
    with, and stays the same for one function with one role. ``init_timeout`` and
    ``idle_timeout`` are in seconds.
    At most ``max_environments`` processes exist and invocations run; more wait their turn, and
    a function that invokes another one keeps its own place meanwhile.
    ``native_client`` False uses the pure-Python runtime client in place of awslambdaric's.
    ``attachment`` runs the functions that it concerns.
    """

    def __init__(
        self,
        home: Path,
        *,
        log_sink: LogSink,
        environment: Mapping[str, str] | None = None,
        credentials: Callable[[FunctionConfig], Credentials] = dummy_credentials,
        init_timeout: float = 10,
        idle_timeout: float = 300,
        max_environments: int = 32,
        native_client: bool = True,
        attachment: Attachment | None = None,
    ) -> None:
        home = home.resolve()
        self._attachment = attachment
        self._log_sink = log_sink
        self._extra = dict(environment or {})
        self._added: Mapping[str, str] = {}
        self._credentials = credentials
        self._init_timeout = init_timeout
        self._idle_timeout = idle_timeout
        self._max_environments = max_environments
        self._pycache = home / "pycache"
        self._scratch = home / "tmp"
        remove_tree(self._scratch)
        self._scratch.mkdir(parents=True)
        self._code = CodeStore(home / "code", self._pycache)
        self._runtimes = Runtimes(home / "runtimes", self._pycache, native_client=native_client)
        self._building = asyncio.Lock()
        self._slots = asyncio.Semaphore(max_environments)
        self._pools: dict[tuple[str, str], _Pool] = {}
        self._busy: set[Environment] = set()
        self._running: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[object]] = set()
        self._reaper: asyncio.TimerHandle | None = None
        self._closed = False

    async def invoke(
        self,
        function: FunctionConfig,
        payload: bytes,
        *,
        client_context: str | None = None,
        request_id: str | None = None,
    ) -> Invocation:
        """Run the function on an event, the JSON ``payload``; whatever it does ends in a result.

        ``client_context`` is a JSON document. ``request_id`` is for an event that is tried again;
        by default it is new. A caller who is cancelled leaves the function
        running to its end, as a caller who hangs up on Lambda does. Raises RuntimeError when
        the executor is closed.
        """
        if self._closed:
            raise RuntimeError("the executor is closed")
        call = Call(request_id or str(uuid.uuid4()), payload, client_context)
        reserved = function.reserved_concurrency
        if reserved is not None and self._running[function.arn] >= reserved:
            return Invocation(payload=_THROTTLED, request_id=call.request_id, throttled=True)
        self._running[function.arn] += 1
        return await asyncio.shield(self._in_background(self._run(function, call)))

    def can_run(self, function: FunctionConfig) -> bool:
        """Whether an invocation of the function would begin; if not, it waits until it can."""
        attachment = self._attached(function)
        return attachment is None or attachment.runs(function)

    async def forget(self, arn: str) -> None:
        """The function was changed or deleted: end its environments, the busy ones when done."""
        if self._attachment is not None:
            self._attachment.forget(arn)
        for key in [key for key in self._pools if f"{key[0]}:".startswith(f"{arn}:")]:
            await self._retire(self._pools.pop(key))

    def add_variables(self, variables: Mapping[str, str]) -> None:
        """Give every function these variables, in place of those that were added before.

        Each invocation that begins after this has them: all environments end, the busy ones
        when done.
        """
        self._added = dict(variables)
        retired = list(self._pools.values())
        self._pools = {key: _Pool(pool.function) for key, pool in self._pools.items()}
        for pool in retired:
            self._in_background(self._retire(pool))

    async def close(self) -> None:
        """End every process, whatever it does; invocations under way end in a fault."""
        self._closed = True
        if self._attachment is not None:
            self._attachment.close()
        if self._reaper is not None:
            self._reaper.cancel()
        for environment in self._busy:
            environment.abort()
        for pool in tuple(self._pools.values()):
            while pool.idle:
                await self._stop(pool.idle.pop())
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
            # Of tasks that have ended already it does not wait, from Python 3.12 on: let them
            # take themselves out.
            await asyncio.sleep(0)
        remove_tree(self._scratch)

    # One invocation.

    def _attached(self, function: FunctionConfig) -> Attachment | None:
        found = self._attachment
        return found if found is not None and found.concerns(function) else None

    async def _run(self, function: FunctionConfig, call: Call) -> Invocation:
        attachment = self._attached(function)
        try:
            if attachment is not None:
                return await attachment.invoke(function, call)
            async with self._slots:
                result = None
                while result is None:
                    if self._closed:
                        raise RuntimeError("the executor was closed")
                    result = await self._run_in(self._pool(function), call)
                return result
        finally:
            self._running[function.arn] -= 1
            if not self._running[function.arn]:
                del self._running[function.arn]

    async def _run_in(self, pool: _Pool, call: Call) -> Invocation | None:
        environment = self._take(pool)
        self._busy.add(environment)
        try:
            return await environment.invoke(call)
        finally:
            self._busy.discard(environment)
            if environment.alive and not pool.retired and not self._closed:
                environment.idle_since = time.monotonic()
                pool.idle.append(environment)
                self._reap_later()
            else:
                self._in_background(self._stop(environment))

    def _pool(self, function: FunctionConfig) -> _Pool:
        key = (function.arn, function.version)
        pool = self._pools.get(key)
        if pool is None or pool.function != function:
            self._pools[key] = _Pool(function)
            if pool is not None:
                self._in_background(self._retire(pool))
        return self._pools[key]

    def _take(self, pool: _Pool) -> Environment:
        """A warm environment, else a new one, in place of the one idle longest if need be."""
        while pool.idle:
            environment = pool.idle.pop()
            if environment.alive:
                return environment
            self._in_background(self._stop(environment))
        idle = [(other.idle[0].idle_since, other) for other in self._pools.values() if other.idle]
        existing = len(self._busy) + sum(len(other.idle) for _, other in idle)
        if existing >= self._max_environments:
            _, oldest = min(idle, key=lambda pair: pair[0])
            self._in_background(self._stop(oldest.idle.pop(0)))
        return self._new_environment(pool.function)

    def _new_environment(self, function: FunctionConfig) -> Environment:
        date = time.strftime("%Y/%m/%d", time.gmtime())
        log = LogStream(
            self._log_sink,
            function_name=function.name,
            group=function.log_group or f"/aws/lambda/{function.name}",
            name=f"{date}/[{function.version}]{uuid.uuid4().hex}",
            region=function.region,
            account=function.account,
        )
        scratch = self._scratch / uuid.uuid4().hex

        async def furnish(runtime_api: str) -> Sandbox:
            async with self._building:
                runtime = await asyncio.to_thread(self._runtimes.prepare, function.runtime)
            root = await self._code.unzip(function)
            layers = await self._code.unzip_layers(function)
            for layer in function.layers:
                if layer.content is None:
                    log.write(_MISSING_LAYER.format(arn=layer.arn))
            variables = environment_variables(
                function,
                log=log,
                root=root,
                layers=layers,
                scratch=scratch,
                runtime=runtime,
                pycache=self._pycache,
                runtime_api=runtime_api,
                credentials=self._credentials(function),
                extra={**self._extra, **self._added},
            )
            return Sandbox(runtime.interpreter.executable, root, variables)

        self._code.hold(function)
        return Environment(function, log, scratch, furnish, self._init_timeout)

    # The end of environments.

    async def _retire(self, pool: _Pool) -> None:
        pool.retired = True
        while pool.idle:
            await self._stop(pool.idle.pop())
        others = self._pools.values()
        kept = {name for other in others for name in directory_names(other.function)}
        await self._code.discard(pool.function, kept)

    async def _stop(self, environment: Environment) -> None:
        await environment.stop()
        await self._code.release(environment.function)

    def _reap_later(self) -> None:
        if self._reaper is None:
            loop = asyncio.get_running_loop()
            self._reaper = loop.call_later(self._idle_timeout / 2, self._reap)

    def _reap(self) -> None:
        """End the environments that have been idle too long."""
        self._reaper = None
        limit = time.monotonic() - self._idle_timeout
        for pool in self._pools.values():
            while pool.idle and (pool.idle[0].idle_since <= limit or not pool.idle[0].alive):
                self._in_background(self._stop(pool.idle.pop(0)))
        if any(pool.idle for pool in self._pools.values()):
            self._reap_later()

    def _in_background(self, work: Coroutine[object, object, _T]) -> asyncio.Task[_T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
