from __future__ import annotations

import time
from uuid import UUID

from chalice.local import Clock, LambdaContext


class Watch:
    def __init__(self, *times: float) -> None:
        self.times = list(times)

    def time(self) -> float:
        return self.times.pop(0)


def test_the_remaining_time_runs_down_and_below_zero() -> None:
    context = LambdaContext("name", 256, max_runtime_ms=10_000, time_source=Watch(100, 101.5, 120))
    assert context.get_remaining_time_in_millis() == 8500
    assert context.get_remaining_time_in_millis() == -10_000


def test_an_invocation_may_take_three_seconds_unless_told_otherwise() -> None:
    context = LambdaContext("name", 256, time_source=Watch(100, 100))
    assert context.get_remaining_time_in_millis() == 3000


def test_the_module_time_is_a_time_source() -> None:
    assert LambdaContext("name", 256, 60_000, time_source=time).get_remaining_time_in_millis() > 0
    assert Clock().time() >= time.time() - 3600


def test_the_context_says_what_runs() -> None:
    context = LambdaContext("name", 256)
    assert context.function_name == "name"
    assert context.function_version == "$LATEST"
    assert context.memory_limit_in_mb == 256
    assert context.invoked_function_arn == ""
    assert (context.log_group_name, context.log_stream_name) == ("", "")
    assert (context.identity, context.client_context) == (None, None)
    assert str(UUID(context.aws_request_id)) == context.aws_request_id
    assert context.aws_request_id != LambdaContext("name", 256).aws_request_id
