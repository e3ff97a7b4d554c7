"""Something that happens in AWS, and the handlers that it invokes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

from chalice.app import Chalice
from chalice.sources.occasions import Occasion

if TYPE_CHECKING:
    from chalice.test.functions import TestLambdaClient


@dataclass(frozen=True)
class Delivery:
    """One invocation of a handler that an event triggered: its name, and what it returned."""

    function: str
    payload: Any


class Emitter:
    """Invokes the handlers of an app; `functions` returns what invokes one."""

    def __init__(
        self, app: Chalice, functions: Callable[[], TestLambdaClient] | None = None
    ) -> None:
        self._app = app
        self._functions = functions

    if TYPE_CHECKING:

        @overload
        def emit(
            self,
            kind: Literal["s3"],
            /,
            *,
            bucket: str,
            key: str,
            event: str = ...,
            size: int = ...,
        ) -> list[Delivery]: ...

        @overload
        def emit(
            self,
            kind: Literal["sns"],
            /,
            *,
            topic: str,
            message: str,
            subject: str | None = ...,
            attributes: Mapping[str, Any] = ...,
        ) -> list[Delivery]: ...

        @overload
        def emit(
            self,
            kind: Literal["sqs"],
            /,
            *,
            queue: str,
            body: str | Sequence[str],
            attributes: Mapping[str, Any] = ...,
            group: str | None = ...,
        ) -> list[Delivery]: ...

        @overload
        def emit(
            self,
            kind: Literal["kinesis"],
            /,
            *,
            stream: str,
            data: bytes | Sequence[bytes],
            key: str = ...,
        ) -> list[Delivery]: ...

        @overload
        def emit(
            self,
            kind: Literal["dynamodb"],
            /,
            *,
            table: str,
            keys: Mapping[str, Any],
            event: Literal["INSERT", "MODIFY", "REMOVE"] = ...,
            new: Mapping[str, Any] | None = ...,
            old: Mapping[str, Any] | None = ...,
        ) -> list[Delivery]: ...

        @overload
        def emit(
            self,
            kind: Literal["eventbridge"],
            /,
            *,
            source: str,
            detail_type: str,
            detail: Mapping[str, Any] = ...,
            resources: Sequence[str] = ...,
            bus: str = ...,
        ) -> list[Delivery]: ...

        @overload
        def emit(
            self, kind: Literal["schedule"], /, *, name: str | None = ...
        ) -> list[Delivery]: ...

        @overload
        def emit(
            self,
            kind: Literal["kafka"],
            /,
            *,
            topic: str,
            value: bytes | Sequence[bytes],
            key: bytes | None = ...,
            headers: Mapping[str, str] = ...,
        ) -> list[Delivery]: ...

    def emit(self, kind: str, /, **facts: Any) -> list[Delivery]:
        """Let something happen, and invoke all handlers that hear of it; what they raise is raised.

        `emit("s3", bucket="photos", key="in/sea.jpg")` invokes those whose bucket, prefix, suffix
        and events fit; of queues, streams, topics and buses those whose filters and patterns let
        it through, in batches as large as they may be. Returns what each invocation returned, in
        the order of the handlers' declaration; an empty list if nobody hears of it.
        """
        from chalice.test.facts import FACTS, events_of  # noqa: PLC0415

        if kind not in FACTS:
            raise ValueError(f"no source is called {kind!r}: use one of {', '.join(FACTS)}")
        if self._functions is None:
            raise ValueError("this client only makes events: use that of `Client(app).events`")
        functions = self._functions()
        return [
            Delivery(name, functions.invoke(name, event).payload)
            for name, event in events_of(self._app, FACTS[kind](**facts), Occasion())
        ]
