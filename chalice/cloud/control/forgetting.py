"""moto remembers every object it ever made, for its dashboard: a cloud that runs for weeks may not.

A strong reference to each log event, request and S3 object stays in ``instances_tracked``,
deleted or not. Nothing we serve reads it.
"""

from __future__ import annotations

from typing import Any

from moto.core.common_models import BaseModel


def forget_instances() -> None:
    """Make moto's models like other objects: gone when nothing refers to them."""

    def new(cls: type[BaseModel], *args: Any, **kwargs: Any) -> BaseModel:
        instance: BaseModel = object.__new__(cls)
        return instance

    BaseModel.__new__ = new  # type: ignore[method-assign]
