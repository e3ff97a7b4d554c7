"""The control plane, put together: moto, corrected, with its state, and the gateway beside it."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from chalice.cloud.access.authority import Authority, GatewaySignatures
from chalice.cloud.access.gate import Gate
from chalice.cloud.access.records import Records
from chalice.cloud.access.sessions import FunctionKeys, Session
from chalice.cloud.access.sources import missing_permission
from chalice.cloud.access.tokens import correct_sts
from chalice.cloud.api_invoker import ApiInvoker, UrlInvoker
from chalice.cloud.control.api_responses import correct_api_gateway
from chalice.cloud.control.domains import find_mapped
from chalice.cloud.control.forgetting import forget_instances
from chalice.cloud.control.function_urls import Urls
from chalice.cloud.control.invocations import Reply, invoke
from chalice.cloud.control.lambda_functions import correct_lambda
from chalice.cloud.control.logs import write_log_events
from chalice.cloud.control.lookups import Stages, find_api_key, list_functions
from chalice.cloud.control.managed_policies import correct_iam
from chalice.cloud.control.queues import correct_sqs
from chalice.cloud.control.routing import serialise_rules
from chalice.cloud.control.streams import correct_kinesis
from chalice.cloud.control.tables import correct_dynamodb
from chalice.cloud.control.v2_apis import correct_api_gateway_v2
from chalice.cloud.delivery.expiry import expire_items
from chalice.cloud.delivery.pollers import Pollers
from chalice.cloud.delivery.pushes import Pushes
from chalice.cloud.delivery.runner import Runner
from chalice.cloud.functions import Executor, LogBatch
from chalice.cloud.identity import UserPools
from chalice.cloud.keeper import Keeper, Traffic
from chalice.cloud.wsgi import WsgiApp
from chalice.gateway.answers import Answer, RefusedError
from chalice.gateway.gateway import Gateway
from chalice.gateway.mounts import SharedMount
from chalice.gateway.request import Request, Scope
from chalice.gateway.sockets.sockets import Sockets
from chalice.gateway.usage import Usage

if TYPE_CHECKING:
    from chalice.cloud.stacks.service import Stacks

_USUAL = ("sts", "iam", "logs", "lambda", "apigateway")


class ControlPlane:
    """What answers AWS calls, and the APIs that were made with them.

    There is one in a process, since moto's state is global. Making it imports moto and restores
    the state in ``state``; it may be made in a thread, and then belongs to ``loop``. APIs and
    functions are served at ``gateway_url``, AWS calls are answered at ``endpoint_url``.
    """

    def __init__(
        self,
        executor: Executor,
        loop: asyncio.AbstractEventLoop,
        state: Path,
        keys: FunctionKeys,
        gateway_url: str,
        endpoint_url: str,
    ) -> None:
        self.executor = executor
        self._keys = keys
        self._loop = loop
        self.traffic = Traffic()
        self.keeper = Keeper(state, self.traffic)
        self._pushes = Pushes(executor, loop, self.traffic, self.keeper.touch)
        self.authority = Authority(keys)
        self.records = Records()
        self.gate = Gate(self.authority, self.records)
        forget_instances()
        serialise_rules()
        self._pollers = Pollers(loop)
        missing = partial(missing_permission, self.authority)
        correct_lambda(self._pushes.events, self._pollers, missing, gateway_url)
        correct_iam()
        correct_sqs(self._pollers)
        correct_kinesis(self._pollers)
        correct_dynamodb(self._pollers)
        usage = Usage(time.time)
        correct_api_gateway(usage)
        correct_sts(self.authority.who)
        correct_api_gateway_v2(gateway_url)
        self._pushes.correct_services()
        self._stacks: Stacks | None = None
        self._stacks_lock = threading.Lock()
        self._endpoint_url = endpoint_url
        self.keeper.restore()
        self._dispatcher = DomainDispatcherApplication(create_backend_app)
        self.app: WsgiApp = self._dispatcher
        self._stages = Stages()
        self.user_pools = UserPools()
        invoker = ApiInvoker(executor)
        self.signatures = GatewaySignatures(self.authority, self.records)
        self.sockets = Sockets(
            self._stages,
            invoker,
            clock=time.time,
            new_id=uuid.uuid4,
            api_keys=find_api_key,
            signatures=self.signatures,
            managers=GatewaySignatures(self.authority, self.records, takes_strangers=True),
        )
        self._mount = SharedMount(self._stages, find_mapped)
        self.gateway = Gateway(
            self._mount,
            invoker,
            clock=time.time,
            new_id=uuid.uuid4,
            api_keys=find_api_key,
            signatures=self.signatures,
            issuers=self.user_pools,
            sockets=self.sockets,
            urls=Urls(),
            url_invoker=UrlInvoker(executor),
            usage=usage,
        )

    def start(self) -> None:
        """Begin to keep the state, and to deliver events, in the loop."""
        self._keeping = self._loop.create_task(self.keeper.run())
        runner = Runner(self.executor, self.traffic, self.keeper)
        self._pushes.start()
        self._expiring = self._loop.create_task(expire_items(runner))
        self._pollers.start(runner)
        if "chalice.cloud.stacks.store" in sys.modules:  # there are some in the snapshot
            self.stacks.worker.resume()

    def wake_pollers(self) -> None:
        """Read for functions that can run now and could not before."""
        self._pollers.changed()

    async def quiet(self) -> None:
        """Begin nothing more by ourselves: the functions are about to end."""
        if self._stacks is not None:
            await asyncio.to_thread(self._stacks.worker.stop)
        self._pushes.stop_clocks()
        self._expiring.cancel()
        await self._pollers.close()

    async def halt(self) -> None:
        """Deliver no more events: there are no requests any more that would cause some."""
        await self._pushes.close()

    async def close(self, *, save: bool) -> None:
        """End what goes on in the background, and ``save`` the state."""
        self._keeping.cancel()
        await self.gateway.close()
        if save:
            await self.keeper.save()

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
        events = self._pushes.events
        return await invoke(self.executor, events, name, qualifier, region, headers, payload)

    async def manage_connection(self, scope: Scope, body: bytes) -> Answer:
        """Answer a request to API Gateway's ``@connections``."""
        request = Request(scope, uuid.uuid4(), time.time())
        target = self._mount.find(request.host, request.path)
        try:
            return await self.sockets.management.answer(target, request, body)
        except RefusedError as refused:
            return refused.response.answer()

    def fire(self, name: str, region: str | None) -> str | None:
        """Send the event of a schedule at once, whatever its time and state.

        Return the ARN of its rule, None when there is no scheduled rule of that name.
        """
        return self._pushes.fire(name, region)

    @property
    def stacks(self) -> Stacks:
        """CloudFormation, which is loaded when it is first asked: from any thread."""
        from chalice.cloud.stacks.service import Stacks  # noqa: PLC0415  # a tenth of a second

        with self._stacks_lock:
            if self._stacks is None:
                self._stacks = Stacks(self._endpoint_url, self._session, self._changed)
            return self._stacks

    def _session(self, who: str, region: str) -> Session | None:
        """Return what to sign with in the name of an access key or, by its ARN, a role."""
        if who.startswith("arn:"):
            return self._keys.lend(who, "AWSCloudFormation")
        return self.authority.session(who, region)

    def _changed(self) -> None:
        self._loop.call_soon_threadsafe(self.keeper.touch)

    def write_logs(self, batch: LogBatch) -> None:
        """Take what a function logged."""
        events = [(event.timestamp, event.message) for event in batch.events]
        write_log_events(batch.account, batch.region, batch.group, batch.stream, events)

    def list_functions(self) -> list[dict[str, str]]:
        """Return name and region of every function."""
        return [{"name": name, "region": region} for region, name in list_functions()]

    def list_apis(self) -> list[dict[str, str]]:
        """Return id, name, stage, region and protocol of every stage that is served."""
        return [
            {
                "id": api.api_id,
                "name": name,
                "stage": api.stage,
                "region": api.region,
                "protocol": api.protocol,
            }
            for name, api in self._stages.all()
        ]
