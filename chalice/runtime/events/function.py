"""Functions that nothing of the app triggers: called through Lambda itself."""

from __future__ import annotations

from functools import update_wrapper

from chalice.runtime.events import BaseLambdaEvent
from chalice.runtime.events.handler import EventSourceHandler, Registrar, event_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from chalice.runtime.app import Chalice
    from chalice.runtime.events.handler import BaseLambdaHandler


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


class Triggers(Registrar):
    """The decorator of functions that callers name."""

    _event_type: str = "pure_lambda"

    def lambda_function(
        self, name: str | None = None
    ) -> Callable[
        [Callable[[Any, Any], Any] | BaseLambdaHandler[Any]],
        EventSourceHandler[LambdaFunctionEvent],
    ]:
        """Deploy the function as it is: Lambda calls it with `(event, context)`."""
        return event_handler(
            self, "lambda_function", name, LambdaFunctionEvent, {}, adapt=PureLambdaWrapper
        )

    @staticmethod
    def _record_handler(
        app: Chalice, _type: str, name: str, entry: str, function: Callable[..., Any], _: Any
    ) -> None:
        """Record what the toolchain deploys."""
        app.pure_lambda_functions.append(LambdaFunction(function, name, entry))
