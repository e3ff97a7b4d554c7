"""All that one service tells another by itself, put together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from chalice.cloud.control.buckets import correct_s3
from chalice.cloud.control.event_buses import correct_events, find_rule, scheduled_rules
from chalice.cloud.control.schedules import correct_scheduler, enabled_schedules
from chalice.cloud.control.topics import correct_sns
from chalice.cloud.delivery.events import EventQueue
from chalice.cloud.delivery.notifications import BucketNotifier
from chalice.cloud.delivery.outbox import Outbox
from chalice.cloud.delivery.rules import RuleTargets
from chalice.cloud.delivery.scheduler import ScheduleTargets
from chalice.cloud.delivery.schedules import Ticker
from chalice.cloud.delivery.topics import TopicPublisher
from chalice.cloud.functions import Executor
from chalice.cloud.keeper import Traffic


class Pushes:
    """Asynchronous invocation, S3, SNS, EventBridge and its Scheduler. Belongs to ``loop``.

    ``changed`` is called in the loop when the state may have changed.
    """

    def __init__(
        self,
        executor: Executor,
        loop: asyncio.AbstractEventLoop,
        traffic: Traffic,
        changed: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._outbox = Outbox(loop, traffic, changed)
        self.events = EventQueue(executor, loop, self._outbox, changed)
        self._rule_clock = Ticker(loop, scheduled_rules)
        self._rules = RuleTargets(self._outbox, self._rule_clock.wake)
        self._schedule_clock = Ticker(loop, enabled_schedules)

    def correct_services(self) -> None:
        """Let moto serve the services that push."""
        correct_events(self._rules)
        correct_scheduler(self._schedule_clock.wake)
        correct_s3(BucketNotifier(self._outbox))
        correct_sns(TopicPublisher(self._outbox))

    def start(self) -> None:
        """Begin, with the state restored: in the loop."""
        schedules = ScheduleTargets(self._outbox)
        self._clocks = [
            self._loop.create_task(self._rule_clock.run(self._rules.fire)),
            self._loop.create_task(self._schedule_clock.run(schedules.fire)),
        ]
        self.events.resume()

    def fire(self, name: str, region: str | None) -> str | None:
        """Send the event of a scheduled rule at once, whatever its time and state.

        Return its ARN, None when there is no scheduled rule of that name.
        """
        rule = find_rule(name, region)
        if rule is None or not rule.scheduled_expression:
            return None
        self._rules.fire(rule, time.time())
        return rule.arn

    def stop_clocks(self) -> None:
        """Begin nothing more by ourselves."""
        for clock in self._clocks:
            clock.cancel()

    async def close(self) -> None:
        """Deliver no more, when there are no requests any more that would cause something."""
        await self.events.close()
        await self._outbox.close()
