"""Asynchronous invocation: events that a function takes when it can, more than once if need be.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import partial
from typing import Any

from moto.awslambda.models import lambda_backends

from chalice.cloud.control.event_invoke import EventInvokeBackend, EventSettings, WaitingEvent
from chalice.cloud.control.lookups import NoSuchFunctionError, find_function, parse_function_name
from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.delivery.destinations import Ending, dead_letter, end_of, record
from chalice.cloud.delivery.outbox import Outbox
from chalice.cloud.delivery.targets import Letter, UndeliverableError, put_object, send
from chalice.cloud.delivery.times import iso_seconds
from chalice.cloud.functions import Executor

LOGGER = logging.getLogger(__name__)

RETRY_DELAYS = (1.0, 2.0)
"""Seconds before each retry of an event whose function failed. AWS waits one minute, then two."""
MAX_AGE = 6 * 3600.0
"""Seconds after which Lambda gives an event up."""
_MAX_THROTTLE_DELAY = 60.0  # seconds between attempts while a function is throttled, at most


class EventQueue:
    """Delivers events to functions: at once, then twice more while the function fails.

    Events that are not done with are part of the state of the cloud: those that wait when it
    stops are delivered when it starts again. So a function may see an event twice, as on AWS.
    ``clock`` is in seconds since 1970; ``changed`` is called in the loop.
    """

    def __init__(
        self,
        executor: Executor,
        loop: asyncio.AbstractEventLoop,
        outbox: Outbox,
        changed: Callable[[], None],
        *,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        max_age: float = MAX_AGE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._executor = executor
        self._loop = loop
        self._outbox = outbox
        self._changed = changed
        self._retry_delays = retry_delays
        self._max_age = max_age
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def resume(self) -> None:
        """Deliver what waited when the cloud stopped; in the loop, once."""
        for event in list(_waiting_events()):
            self._start(event)

    def submit(self, arn: str, payload: bytes) -> str:
        """Take an event for the function with that ARN; from any thread. Return its request id."""
        event = WaitingEvent(str(uuid.uuid4()), arn, payload or b"{}", self._clock())
        _functions(arn).waiting_events.add(event)
        self._loop.call_soon_threadsafe(self._start, event)
        return event.request_id

    def forget(self, arn: str) -> None:
        """End what runs the function with that ARN, which was deleted; from any thread."""
        self._loop.call_soon_threadsafe(self._keep, self._executor.forget(arn))

    async def close(self) -> None:
        """Stop delivering. What is not done with waits for the next start, as does what comes."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, event: WaitingEvent) -> None:
        self._changed()
        if not self._closed:
            self._keep(self._deliver(event))

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, event: WaitingEvent) -> None:
        throttles = 0
        while True:
            try:
                named = parse_function_name(event.arn, "")
                function = find_function(named)
                settings = _functions(event.arn).event_settings(named.name, named.qualifier)
            except NoSuchFunctionError:
                LOGGER.warning("an event for %s is dropped: the function is gone", event.arn)
                self._forget(event)
                return
            result = await self._executor.invoke(
                function, event.payload, request_id=event.request_id
            )
            if result.throttled:
                delay = min(_MAX_THROTTLE_DELAY, 2.0**throttles)
                throttles += 1
            elif result.error is not None:
                event.attempts += 1
                delay = self._retry_delays[min(event.attempts, len(self._retry_delays)) - 1]
            else:
                delay = 0.0
            condition = end_of(
                event,
                result,
                retries=len(self._retry_delays) if settings.retries is None else settings.retries,
                max_age=self._max_age if settings.max_age is None else settings.max_age,
                next_try=self._clock() + delay,
                stopped=function.reserved_concurrency == 0,
            )
            if condition is not None:
                self._end(Ending(event, condition, result, function.version), settings)
                return
            await asyncio.sleep(delay)

    def _end(self, ending: Ending, settings: EventSettings) -> None:
        failed = ending.condition != "Success"
        destination = settings.on_failure if failed else settings.on_success
        dead_letters = settings.dead_letters if failed else None
        if failed:
            said = ending.result.payload[:500].decode(errors="replace")
            where = " and ".join(each for each in (destination, dead_letters) if each)
            became = f"goes to {where}" if where else "is dropped"
            LOGGER.warning("an event for %s %s: %s", ending.event.arn, became, said)
        if destination or dead_letters:
            self._outbox.later(partial(self._send, ending, destination, dead_letters))
        else:
            self._forget(ending.event)

    def _send(self, ending: Ending, destination: str | None, dead_letters: str | None) -> None:
        """Send what the destinations get; in a thread."""
        for target, tell in ((dead_letters, _send_dead_letter), (destination, _send_record)):
            try:
                if target:
                    tell(target, ending, self._clock())
            except UndeliverableError as error:
                LOGGER.error("the end of an event for %s is not told: %s", ending.event.arn, error)
        self._loop.call_soon_threadsafe(self._forget, ending.event)

    def _forget(self, event: WaitingEvent) -> None:
        _functions(event.arn).waiting_events.discard(event)
        self._changed()


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        LOGGER.exception("an event is not delivered")


def _send_dead_letter(target: str, ending: Ending, _: float) -> None:
    body, attributes = dead_letter(ending)
    send(target, Letter(body, attributes), None)


def _send_record(destination: str, ending: Ending, now: float) -> None:
    document = record(ending, now)
    body = json.dumps(document)
    event = ending.event
    match destination.split(":")[2]:
        case "events":
            outcome = "Success" if ending.condition == "Success" else "Failure"
            told = {
                "version": "0",
                "id": str(uuid.uuid4()),
                "detail-type": f"Lambda Function Invocation Result - {outcome}",
                "source": "lambda",
                "account": ACCOUNT,
                "time": iso_seconds(now),
                "region": event.arn.split(":")[3],
                "resources": [destination, f"{event.arn}:{ending.version}"],
                "detail": document,
            }
            send(destination, Letter(body, event=told), None)
        case "s3":
            moment = time.gmtime(now)
            day = time.strftime("%Y/%m/%d/%Y-%m-%dT%H.%M.%S", moment)
            name = event.arn.split(":")[6]
            put_object(destination, f"aws/lambda/async/{name}/{day}-{uuid.uuid4()}", body)
        case _:
            send(destination, Letter(body), None)


def _waiting_events() -> Iterator[WaitingEvent]:
    for backend in list(lambda_backends[ACCOUNT].values()):
        assert isinstance(backend, EventInvokeBackend)
        yield from backend.waiting_events.all()


def _functions(arn: str) -> EventInvokeBackend:
    backend = lambda_backends[ACCOUNT][arn.split(":")[3]]
    assert isinstance(backend, EventInvokeBackend)
    return backend
