"""What CloudFormation refuses, and why a resource cannot be made."""

from __future__ import annotations


class StackError(Exception):
    """A call that cannot be: AWS's code for it, and a sentence."""

    def __init__(self, message: str, code: str = "ValidationError") -> None:
        super().__init__(message)
        self.code = code


class ResourceError(Exception):
    """One resource cannot be made, changed or deleted, for a reason that the template gives."""


class StoppedError(Exception):
    """The cloud stops; what was going on continues when it starts again."""


class UnfinishedError(ResourceError):
    """A resource failed when a part of it was there, under ``physical_id``: it is deleted."""

    def __init__(self, message: str, physical_id: str) -> None:
        super().__init__(message)
        self.physical_id = physical_id
