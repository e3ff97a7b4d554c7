"""A session with AWS, or with whatever answers at an endpoint in its stead."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

import botocore.session
from botocore.config import Config as ClientConfig

from chalice import __version__
from chalice.aws.calls import REGION_HINT, Pause, doing
from chalice.errors import ToolError
from chalice.model.values import Place

LOCAL_REGION = "us-east-1"
_LOCAL_KEY = "local"
# What a session for the embedded cloud reads of the AWS configuration: the region in the
# environment. (config key, environment variables, default, conversion) as botocore wants it.
_NO_FILES: dict[str, Any] = {
    "profile": (None, [], None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "region": (None, ["AWS_REGION", "AWS_DEFAULT_REGION"], LOCAL_REGION, None),
}


class Session:
    """Makes clients, one a service, with the standard credential chain.

    ``endpoint_url`` is where every call goes instead of AWS (None: AWS, or AWS_ENDPOINT_URL).
    ``gateway_url`` is where REST APIs are served then: ``http://127.0.0.1:4581``.
    ``connect_timeout`` is in seconds. ``pause`` waits between tries of a call.
    """

    def __init__(
        self,
        *,
        profile: str | None = None,
        endpoint_url: str | None = None,
        gateway_url: str | None = None,
        connect_timeout: int | None = None,
        pause: Pause = time.sleep,
    ) -> None:
        self.pause = pause
        self._endpoint_url = endpoint_url
        self._gateway_url = gateway_url
        self._clients: dict[tuple[str, str | None], Any] = {}
        self._lock = Lock()
        self._place: Place | None = None
        self._session = (
            botocore.session.Session(profile=profile)
            if endpoint_url is None
            else botocore.session.Session(session_vars=_NO_FILES)
        )
        self._session.user_agent_name = "aws-chalice"
        self._session.user_agent_version = __version__
        self._config = ClientConfig(
            retries={"mode": "standard"},
            max_pool_connections=16,
            connect_timeout=60 if connect_timeout is None else connect_timeout,
        )
        if endpoint_url is not None:
            self._session.set_credentials(_LOCAL_KEY, _LOCAL_KEY, _LOCAL_KEY)

    @property
    def is_local(self) -> bool:
        """Whether the calls go to the embedded cloud."""
        return self._gateway_url is not None

    def environment(self) -> Mapping[str, str]:
        """Return the variables by which other code reaches the embedded cloud; none for AWS."""
        if not self.is_local or self._endpoint_url is None:
            return {}
        return {
            "AWS_ENDPOINT_URL": self._endpoint_url,
            "AWS_DEFAULT_REGION": self.region(),
            "AWS_ACCESS_KEY_ID": _LOCAL_KEY,
            "AWS_SECRET_ACCESS_KEY": _LOCAL_KEY,
        }

    def region(self) -> str:
        """Return the region that is configured; for the embedded cloud, us-east-1 by default."""
        region = self.configured_region()
        if region is None:
            raise ToolError("no AWS region is configured", hint=REGION_HINT)
        return region

    def configured_region(self) -> str | None:
        """Return the region that is configured, None if none is."""
        with doing("reading the AWS configuration"):
            region: str | None = self._session.get_config_variable("region")
        return region

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the one client of ``service``; it may be used from any thread.

        ``region`` None is the one that is configured.
        """
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._connect(service, region, self._config)
            return self._clients[service, region]

    def client_that_asks_once(self, service: str, region: str, read_timeout: float) -> Any:
        """Return a client that waits ``read_timeout`` seconds for an answer and never repeats."""
        once = ClientConfig(
            retries={"total_max_attempts": 1}, read_timeout=read_timeout, tcp_keepalive=True
        )
        return self._connect(service, region, self._config.merge(once))

    def _connect(self, service: str, region: str | None, config: ClientConfig) -> Any:
        with doing(f"connecting to {service}"):
            return self._session.create_client(
                service,
                region_name=region or self.region(),
                endpoint_url=self._endpoint_url,
                config=config,
            )

    def place(self) -> Place:
        """Return where this session deploys to; asks AWS once who is calling."""
        if self._place is None:
            sts = self.client("sts")
            with doing("asking AWS who is calling"):
                account = sts.get_caller_identity()["Account"]
            self._place = Place(sts.meta.partition, self.region(), account)
        return self._place

    def rest_api_url(self, rest_api_id: str, stage_name: str) -> str:
        """Return the URL at which a stage of a REST API answers, with a slash at its end."""
        if self._gateway_url is not None:
            return f"{self._gateway_url}/{rest_api_id}/{stage_name}/"
        return f"https://{self._execute_api(rest_api_id)}/{stage_name}/"

    def http_api_url(self, api_id: str, stage_name: str) -> str:
        """Return the URL at which a stage of an HTTP API answers, with a slash at its end."""
        path = "" if stage_name == "$default" else f"{stage_name}/"
        if self._gateway_url is not None:
            return f"{self._gateway_url}/{api_id}/{path}"
        return f"https://{self._execute_api(api_id)}/{path}"

    def websocket_api_url(self, api_id: str, stage_name: str) -> str:
        """Return the URL that WebSocket clients connect to, with a slash at its end."""
        if self._gateway_url is not None:
            return f"{self._gateway_url.replace('http', 'ws', 1)}/{api_id}/{stage_name}/"
        return f"wss://{self._execute_api(api_id)}/{stage_name}/"

    def _execute_api(self, api_id: str) -> str:
        place = self.place()
        partitions = self._session.get_data("endpoints")["partitions"]
        suffix = next(
            (each["dnsSuffix"] for each in partitions if each["partition"] == place.partition),
            "amazonaws.com",
        )
        return f"{api_id}.execute-api.{place.region}.{suffix}"
