"""A client that calls an app in this process: its routes, its functions, with events to call."""

from chalice.test.callers import Auth
from chalice.test.client import Client
from chalice.test.emitter import Delivery
from chalice.test.environment import BaseClient
from chalice.test.events import TestEventsClient
from chalice.test.functions import FunctionNotFoundError, InvokeResponse, TestLambdaClient
from chalice.test.http import HTTPResponse, TestHTTPClient
from chalice.test.websockets import (
    NoMessageError,
    TestConnection,
    TestWebsocketClient,
    WebsocketRefusedError,
)

__all__ = [
    "Auth",
    "BaseClient",
    "Client",
    "Delivery",
    "FunctionNotFoundError",
    "HTTPResponse",
    "InvokeResponse",
    "NoMessageError",
    "TestConnection",
    "TestEventsClient",
    "TestHTTPClient",
    "TestLambdaClient",
    "TestWebsocketClient",
    "WebsocketRefusedError",
]
