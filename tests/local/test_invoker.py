"""Functions that run in this process."""

from __future__ import annotations

from typing import Any

import pytest

from chalice import Chalice
from chalice.local.context import LambdaContext
from chalice.local.invoker import run
from chalice.local.served import Function


def test_a_failure_is_shown_from_the_users_code_on(caplog: pytest.LogCaptureFixture) -> None:
    app = Chalice(app_name="demo")

    @app.on_sqs_message(queue="orders")
    def order(event: Any) -> None:
        raise ValueError("bad order")

    function = Function("order", app.handler_map["order"], timeout=3, memory=128)
    result = run(function, {"Records": []}, LambdaContext("order", 128, 3000))

    assert result.error == "Unhandled"
    lines = caplog.text.splitlines()
    first = lines.index("Traceback (most recent call last):") + 1
    assert lines[first].startswith(f'  File "{__file__}"')
    assert lines[-1] == "ValueError: bad order"
