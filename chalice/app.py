"""Every public name of the runtime, at the module path that apps and their tools import from.

A name's module is imported when the name is first used. Assigning to a name here changes what the
runtime uses, which instrumentation relies on.
"""

from __future__ import annotations

import sys
from types import ModuleType

from chalice import __version__
from chalice.runtime import HOMES, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from chalice.runtime.aliases import HeadersType, MiddlewareFuncType, UserHandlerFuncType
    from chalice.runtime.app import Chalice
    from chalice.runtime.auth import (
        Authorizer,
        AuthRequest,
        AuthResponse,
        AuthRoute,
        BuiltinAuthConfig,
        ChaliceAuthorizer,
        CognitoUserPoolAuthorizer,
        CustomAuthorizer,
        IAMAuthorizer,
    )
    from chalice.runtime.blueprint import Blueprint
    from chalice.runtime.cors import CORSConfig
    from chalice.runtime.datastructures import CaseInsensitiveMapping, MultiDict
    from chalice.runtime.decorators import DecoratorAPI
    from chalice.runtime.errors import (
        ALL_ERRORS,
        BadRequestError,
        ChaliceError,
        ChaliceUnhandledError,
        ChaliceViewError,
        ConflictError,
        ForbiddenError,
        MethodNotAllowedError,
        NotFoundError,
        RequestTimeoutError,
        TooManyRequestsError,
        UnauthorizedError,
        UnprocessableEntityError,
        WebsocketDisconnectedError,
    )
    from chalice.runtime.events import BaseEventSourceConfig, BaseLambdaEvent
    from chalice.runtime.events.dynamodb import DynamoDBEvent, DynamoDBEventConfig, DynamoDBRecord
    from chalice.runtime.events.eventbridge import CloudWatchEvent, CloudWatchEventConfig
    from chalice.runtime.events.function import (
        LambdaFunction,
        LambdaFunctionEvent,
        PureLambdaWrapper,
    )
    from chalice.runtime.events.handler import BaseLambdaHandler, EventSourceHandler
    from chalice.runtime.events.kafka import KafkaEvent, KafkaEventConfig, KafkaRecord
    from chalice.runtime.events.kinesis import KinesisEvent, KinesisEventConfig, KinesisRecord
    from chalice.runtime.events.s3 import S3Event, S3EventConfig
    from chalice.runtime.events.schedule import Cron, Rate, ScheduledEventConfig, ScheduleExpression
    from chalice.runtime.events.sns import SNSEvent, SNSEventConfig
    from chalice.runtime.events.sqs import SQSEvent, SQSEventConfig, SQSRecord
    from chalice.runtime.forms import UploadedFile
    from chalice.runtime.http import RestAPIEventHandler
    from chalice.runtime.jsontypes import handle_extra_types
    from chalice.runtime.mediatypes import _matches_content_type
    from chalice.runtime.middleware import ConvertToMiddleware, MiddlewareHandler
    from chalice.runtime.request import Request
    from chalice.runtime.response import Response, error_response
    from chalice.runtime.routing import APIGateway, RouteEntry
    from chalice.runtime.websocket import (
        WebsocketAPI,
        WebsocketConnectConfig,
        WebsocketDisconnectConfig,
        WebsocketEvent,
        WebsocketEventSourceHandler,
        WebsocketMessageConfig,
    )

__all__ = [
    "ALL_ERRORS",
    "APIGateway",
    "AuthRequest",
    "AuthResponse",
    "AuthRoute",
    "Authorizer",
    "BadRequestError",
    "BaseEventSourceConfig",
    "BaseLambdaEvent",
    "BaseLambdaHandler",
    "Blueprint",
    "BuiltinAuthConfig",
    "CORSConfig",
    "CaseInsensitiveMapping",
    "Chalice",
    "ChaliceAuthorizer",
    "ChaliceError",
    "ChaliceUnhandledError",
    "ChaliceViewError",
    "CloudWatchEvent",
    "CloudWatchEventConfig",
    "CognitoUserPoolAuthorizer",
    "ConflictError",
    "ConvertToMiddleware",
    "Cron",
    "CustomAuthorizer",
    "DecoratorAPI",
    "DynamoDBEvent",
    "DynamoDBEventConfig",
    "DynamoDBRecord",
    "EventSourceHandler",
    "ForbiddenError",
    "HeadersType",
    "IAMAuthorizer",
    "KafkaEvent",
    "KafkaEventConfig",
    "KafkaRecord",
    "KinesisEvent",
    "KinesisEventConfig",
    "KinesisRecord",
    "LambdaFunction",
    "LambdaFunctionEvent",
    "MethodNotAllowedError",
    "MiddlewareFuncType",
    "MiddlewareHandler",
    "MultiDict",
    "NotFoundError",
    "PureLambdaWrapper",
    "Rate",
    "Request",
    "RequestTimeoutError",
    "Response",
    "RestAPIEventHandler",
    "RouteEntry",
    "S3Event",
    "S3EventConfig",
    "SNSEvent",
    "SNSEventConfig",
    "SQSEvent",
    "SQSEventConfig",
    "SQSRecord",
    "ScheduleExpression",
    "ScheduledEventConfig",
    "TooManyRequestsError",
    "UnauthorizedError",
    "UnprocessableEntityError",
    "UploadedFile",
    "UserHandlerFuncType",
    "WebsocketAPI",
    "WebsocketConnectConfig",
    "WebsocketDisconnectConfig",
    "WebsocketDisconnectedError",
    "WebsocketEvent",
    "WebsocketEventSourceHandler",
    "WebsocketMessageConfig",
    "__version__",
    "_matches_content_type",
    "error_response",
    "handle_extra_types",
]


class _App(ModuleType):
    _replaced: ClassVar[dict[str, object]] = {}
    """The values that were there before the first assignment."""

    def __getattr__(self, name: str) -> object:
        if name not in HOMES:
            raise AttributeError(f"module 'chalice.app' has no attribute {name!r}")
        value = vars(self)[name] = load(name)
        return value

    def __setattr__(self, name: str, value: object) -> None:
        if name in HOMES:
            self._replaced.setdefault(name, load(name))
            setattr(sys.modules[HOMES[name]], name, value)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if name in self._replaced:
            setattr(sys.modules[HOMES[name]], name, self._replaced.pop(name))
        super().__delattr__(name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *HOMES})


sys.modules[__name__].__class__ = _App
