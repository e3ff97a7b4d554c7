"""Commands that call AWS call a scripted one."""

from __future__ import annotations

from tests.aws.conftest import scripted

__all__ = ["scripted"]
