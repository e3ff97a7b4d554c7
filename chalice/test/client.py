"""The client of one app, and the configuration that its calls run under."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from chalice.app import Chalice
from chalice.test.environment import config_of
from chalice.test.events import TestEventsClient
from chalice.test.functions import TestLambdaClient
from chalice.test.http import TestHTTPClient
from chalice.test.websockets import TestWebsocketClient

if TYPE_CHECKING:
    from typing_extensions import Self

    from chalice.config import Config


class Client:
    """Calls `app` as stage `stage_name` of the project in `project_dir` would.

    Of the project only `.chalice/config.json` is read, at the first use of what calls the app;
    without that file the configuration is the default one. It raises ToolError for a file that
    is not valid. Each call has the environment variables of its function; they are gone after it.
    """

    def __init__(
        self,
        app: Chalice,
        stage_name: str = "dev",
        project_dir: str | os.PathLike[str] = ".",
    ) -> None:
        self._app = app
        self._stage_name = stage_name
        self._project_dir = Path(project_dir)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if "ws" in vars(self):  # it was used
            self.ws.close()

    @cached_property
    def http(self) -> TestHTTPClient:
        """Requests to the app's routes."""
        return TestHTTPClient(self._app, self._config)

    @cached_property
    def lambda_(self) -> TestLambdaClient:
        """Invocations of the app's functions."""
        return TestLambdaClient(self._app, self._config)

    @cached_property
    def events(self) -> TestEventsClient:
        """Events to invoke functions with, and what invokes all that hear of one."""
        return TestEventsClient(self._app, lambda: self.lambda_)

    @cached_property
    def ws(self) -> TestWebsocketClient:
        """Clients of the app's WebSocket API. From now on the app sends to them alone."""
        return TestWebsocketClient(self._app, self._config)

    @cached_property
    def _config(self) -> Config:
        return config_of(self._project_dir, self._stage_name)
