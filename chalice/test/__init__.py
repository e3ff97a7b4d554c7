"""A client that calls an app in this process: its routes, its functions, with events to call."""

from chalice.test.client import Client
from chalice.test.environment import BaseClient
from chalice.test.events import TestEventsClient
from chalice.test.functions import FunctionNotFoundError, InvokeResponse, TestLambdaClient
from chalice.test.http import HTTPResponse, TestHTTPClient

__all__ = [
    "BaseClient",
    "Client",
    "FunctionNotFoundError",
    "HTTPResponse",
    "InvokeResponse",
    "TestEventsClient",
    "TestHTTPClient",
    "TestLambdaClient",
]
