"""Functions that nothing of the app triggers: called through Lambda itself."""

from __future__ import annotations

from functools import update_wrapper

from chalice.runtime.events import BaseLambdaEvent
from chalice.runtime.events.handler import EventSourceHandler, event_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from chalice.runtime.triggers import TriggerDecorators


class LambdaFunctionEvent(BaseLambdaEvent):
    """What the function was called with, as middleware sees it: `event` can be any JSON value."""

    event: Any

    def _extract_attributes(self, event_dict: Any) -> None:
        self.event = event_dict

    @classmethod
    def recognizes(cls, event_dict: Any) -> bool:
        """Always."""
        return True

    def to_dict(self) -> Any:
        """The event itself, not a copy."""
        return self.event


class PureLambdaWrapper:
    """A function of `(event, context)` as a function of one LambdaFunctionEvent."""

    def __init__(self, original_func: Callable[[Any, Any], Any]) -> None:
        update_wrapper(self, original_func, updated=())
        self._original_func = original_func

    def __call__(self, event: LambdaFunctionEvent) -> Any:
        """What the function returns."""
        return self._original_func(event.to_dict(), event.context)


class LambdaFunction:
    """What the toolchain deploys for one `@app.lambda_function`."""

    def __init__(self, func: Callable[[Any, Any], Any], name: str, handler_string: str) -> None:
        self.func = func
        self.name = name
        self.handler_string = handler_string

    def __call__(self, event: Any, context: Any) -> Any:
        """What the function returns, without middleware."""
        return self.func(event, context)


def lambda_function(
    api: TriggerDecorators, name: str | None
) -> Callable[[Callable[[Any, Any], Any]], EventSourceHandler[LambdaFunctionEvent]]:
    """The decorator that makes a handler of `(event, context)` and registers it."""
    return event_handler(
        api, "lambda_function", name, LambdaFunctionEvent, {}, adapt=PureLambdaWrapper
    )
