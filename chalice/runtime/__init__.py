"""What runs on Lambda: standard library only, and no module is loaded before it is needed."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_MODULES: Mapping[str, str] = {
    "aliases": "HeadersType MiddlewareFuncType UserHandlerFuncType",
    "app": "Chalice",
    "auth": (
        "AuthRequest AuthResponse AuthRoute Authorizer BuiltinAuthConfig ChaliceAuthorizer "
        "CognitoUserPoolAuthorizer CustomAuthorizer IAMAuthorizer"
    ),
    "blueprint": "Blueprint",
    "cors": "CORSConfig",
    "datastructures": "CaseInsensitiveMapping MultiDict",
    "decorators": "DecoratorAPI",
    "forms": "UploadedFile",
    "errors": (
        "ALL_ERRORS BadRequestError ChaliceError ChaliceUnhandledError ChaliceViewError "
        "ConflictError ForbiddenError MethodNotAllowedError NotFoundError RequestTimeoutError "
        "TooManyRequestsError UnauthorizedError UnprocessableEntityError "
        "WebsocketDisconnectedError"
    ),
    "events": "BaseEventSourceConfig BaseLambdaEvent",
    "events.dynamodb": "DynamoDBEvent DynamoDBEventConfig DynamoDBRecord",
    "events.eventbridge": "CloudWatchEvent CloudWatchEventConfig",
    "events.function": "LambdaFunction LambdaFunctionEvent PureLambdaWrapper",
    "events.handler": "BaseLambdaHandler EventSourceHandler",
    "events.kafka": "KafkaEvent KafkaEventConfig KafkaRecord",
    "events.kinesis": "KinesisEvent KinesisEventConfig KinesisRecord",
    "events.s3": "S3Event S3EventConfig",
    "events.schedule": "Cron Rate ScheduleExpression ScheduledEventConfig",
    "events.sns": "SNSEvent SNSEventConfig",
    "events.sqs": "SQSEvent SQSEventConfig SQSRecord",
    "http": "RestAPIEventHandler",
    "jsontypes": "handle_extra_types",
    "mediatypes": "_matches_content_type",
    "middleware": "ConvertToMiddleware MiddlewareHandler",
    "request": "Request",
    "response": "Response error_response",
    "routing": "APIGateway RouteEntry",
    "websocket": (
        "WebsocketAPI WebsocketConnectConfig WebsocketDisconnectConfig WebsocketEvent "
        "WebsocketEventSourceHandler WebsocketMessageConfig"
    ),
}
HOMES: Mapping[str, str] = {
    name: f"chalice.runtime.{module}"
    for module, names in _MODULES.items()
    for name in names.split()
}
"""Public name -> the module that defines it."""


def load(name: str) -> object:
    """The object behind a public name; its module is imported now if it was not before."""
    from importlib import import_module  # noqa: PLC0415

    return vars(import_module(HOMES[name]))[name]
