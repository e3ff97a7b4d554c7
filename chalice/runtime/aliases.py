"""Names for the types of callables and headers, for annotations in users' code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MiddlewareFuncType = Callable[[Any, Callable[[Any], Any]], Any]
UserHandlerFuncType = Callable[..., Any]
HeadersType = dict[str, str | list[str]]
