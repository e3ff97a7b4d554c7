"""The control plane, put together: moto, corrected, with its state, in front of the executor."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from chalice.cloud.control.api_responses import correct_api_gateway
from chalice.cloud.control.forgetting import forget_instances
from chalice.cloud.control.invocations import EventQueue, Reply, invoke
from chalice.cloud.control.lambda_functions import correct_lambda
from chalice.cloud.control.logs import write_log_events
from chalice.cloud.functions import Executor, LogBatch
from chalice.cloud.keeper import Keeper, Traffic
from chalice.cloud.wsgi import WsgiApp

LOGGER = logging.getLogger(__name__)

_USUAL = ("sts", "iam", "logs", "lambda", "apigateway")


class ControlPlane:
    """What answers AWS calls. Making it imports moto, which takes most of a second."""

    def __init__(
        self, executor: Executor, loop: asyncio.AbstractEventLoop, traffic: Traffic, state: Path
    ) -> None:
        forget_instances()
        self.executor = executor
        self.events = EventQueue(executor, loop)
        correct_lambda(self.events.submit)
        correct_api_gateway()
        self.traffic = traffic
        self.keeper = Keeper(state, traffic)
        self.keeper.restore()
        self._dispatcher = DomainDispatcherApplication(create_backend_app)
        self.app: WsgiApp = self._dispatcher

    def preload(self) -> None:
        """Make the applications of the services that a deployment uses."""
        for service in _USUAL:
            scope = f"AWS4-HMAC-SHA256 Credential=x/20000101/us-east-1/{service}/aws4_request, "
            environ: dict[str, Any] = {"PATH_INFO": "/", "HTTP_AUTHORIZATION": scope}
            self._dispatcher.get_application(environ)

    async def invoke(
        self,
        name: str,
        qualifier: str | None,
        region: str,
        headers: Mapping[str, str],
        payload: bytes,
    ) -> Reply:
        """Answer Lambda's Invoke."""
        return await invoke(
            self.executor, self.events, name, qualifier, region, headers, payload
        )


def write_logs(batch: LogBatch) -> None:
    """Take what a function logged."""
    events = [(event.timestamp, event.message) for event in batch.events]
    write_log_events(batch.account, batch.region, batch.group, batch.stream, events)
