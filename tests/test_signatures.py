"""The names that programs import, and what they may pass to them by position."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from chalice import Blueprint, Chalice
from chalice.app import DecoratorAPI
from chalice.constants import DEFAULT_HANDLER_NAME, DEFAULT_STAGE_NAME

DECORATORS = {
    "route": "path, **kwargs",
    "authorizer": "ttl_seconds=None, execution_role=None, name=None, header='Authorization'",
    "schedule": "expression, name=None, description=''",
    "on_cw_event": "event_pattern, name=None",
    "on_s3_event": "bucket, events=None, prefix=None, suffix=None, name=None",
    "on_sns_message": "topic, name=None",
    "on_sqs_message": "queue=None, batch_size=1, name=None, queue_arn=None, "
    "maximum_batching_window_in_seconds=0, maximum_concurrency=None",
    "on_kinesis_record": "stream, batch_size=100, starting_position='LATEST', name=None, "
    "maximum_batching_window_in_seconds=0",
    "on_dynamodb_record": "stream_arn, batch_size=100, starting_position='LATEST', name=None, "
    "maximum_batching_window_in_seconds=0",
    "lambda_function": "name=None",
    "on_ws_connect": "name=None",
    "on_ws_message": "name=None",
    "on_ws_disconnect": "name=None",
    "middleware": "event_type='all'",
    "register_middleware": "func, event_type='all'",
    "needs": "action, resource=None",
}
APP = {
    "APIGateway": "",
    "AuthRequest": "auth_type, token, method_arn",
    "AuthResponse": "routes, principal_id, context=None",
    "AuthRoute": "path, methods",
    "Blueprint": "import_name",
    "BuiltinAuthConfig": "name, handler_string, ttl_seconds=None, execution_role=None, "
    "header='Authorization'",
    "CORSConfig": "allow_origin='*', allow_headers=None, expose_headers=None, max_age=None, "
    "allow_credentials=None",
    "CaseInsensitiveMapping": "mapping",
    "Chalice": "app_name, debug=False, configure_logs=True, env=None",
    "ChaliceAuthorizer": "name, func, scopes=None",
    "CloudWatchEvent": "event_dict, context",
    "CloudWatchEventConfig": "name, handler_string, event_pattern",
    "CognitoUserPoolAuthorizer": "name, provider_arns, header='Authorization', scopes=None",
    "ConvertToMiddleware": "lambda_wrapper",
    "Cron": "minutes, hours, day_of_month, month, day_of_week, year",
    "CustomAuthorizer": "name, authorizer_uri, ttl_seconds=300, header='Authorization', "
    "invoke_role_arn=None, scopes=None",
    "DynamoDBEvent": "event_dict, context",
    "DynamoDBEventConfig": "name, handler_string, stream_arn, batch_size, starting_position, "
    "maximum_batching_window_in_seconds",
    "DynamoDBRecord": "event_dict, context",
    "EventSourceHandler": "func, event_class, middleware_handlers=None",
    "IAMAuthorizer": "",
    "KinesisEvent": "event_dict, context",
    "KinesisEventConfig": "name, handler_string, stream, batch_size, starting_position, "
    "maximum_batching_window_in_seconds",
    "KinesisRecord": "event_dict, context",
    "LambdaFunction": "func, name, handler_string",
    "LambdaFunctionEvent": "event_dict, context",
    "MiddlewareHandler": "handler, next_handler",
    "MultiDict": "mapping",
    "PureLambdaWrapper": "original_func",
    "Rate": "value, unit",
    "Request": "event_dict, lambda_context=None",
    "Response": "body, headers=None, status_code=200",
    "RouteEntry": "view_function, view_name, path, method, api_key_required=None, "
    "content_types=None, cors=False, authorizer=None",
    "S3Event": "event_dict, context",
    "S3EventConfig": "name, bucket, events, prefix, suffix, handler_string",
    "SNSEvent": "event_dict, context",
    "SNSEventConfig": "name, handler_string, topic",
    "SQSEvent": "event_dict, context",
    "SQSEventConfig": "name, handler_string, queue, queue_arn, batch_size, "
    "maximum_batching_window_in_seconds, maximum_concurrency",
    "SQSRecord": "event_dict, context",
    "ScheduledEventConfig": "name, handler_string, schedule_expression, description",
    "WebsocketAPI": "env=None",
    "WebsocketConnectConfig": "name, handler_string, user_handler",
    "WebsocketDisconnectConfig": "name, handler_string, user_handler",
    "WebsocketDisconnectedError": "connection_id",
    "WebsocketEvent": "event_dict, context",
    "WebsocketEventSourceHandler": "func, event_class, websocket_api, middleware_handlers=None",
    "WebsocketMessageConfig": "name, route_key_handled, handler_string, user_handler",
    "error_response": "message, error_code, http_status_code, headers=None",
    "handle_extra_types": "obj",
    "Chalice.register_blueprint": "blueprint, name_prefix=None, url_prefix=None",
    "Chalice.__call__": "event, context",
    "Blueprint.register": "app, options",
    "AuthResponse.to_dict": "request",
    "MultiDict.getlist": "name",
    "Response.to_dict": "binary_types=None",
    "WebsocketAPI.configure": "domain_name, stage",
    "WebsocketAPI.configure_from_api_id": "api_id, stage",
    "WebsocketAPI.send": "connection_id, message",
    "WebsocketAPI.close": "connection_id",
    "WebsocketAPI.info": "connection_id",
}
TEST = {
    "BaseClient": "app, config",
    "Client": "app, stage_name='dev', project_dir='.'",
    "HTTPResponse": "body, headers, status_code",
    "InvokeResponse": "payload",
    "TestHTTPClient.request": "method, path, headers=None, body=b''",
    "TestHTTPClient.get": "path, **kwargs",
    "TestLambdaClient.invoke": "function_name, payload=None",
    "TestEventsClient.generate_sns_event": "message, subject='', message_attributes=None",
    "TestEventsClient.generate_s3_event": "bucket, key, event_name='ObjectCreated:Put'",
    "TestEventsClient.generate_sqs_event": "message_bodies, queue_name='queue-name'",
    "TestEventsClient.generate_cw_event": "source, detail_type, detail, resources, "
    "region='us-west-2'",
    "TestEventsClient.generate_kinesis_event": "message_bodies, stream_name='stream-name'",
}
LOCAL = {
    "ARNMatcher": "target_arn",
    "ARNMatcher.does_any_resource_match": "resources",
    "Clock.time": "",
    "ForbiddenError": "headers, body=None",
    "InvalidAuthorizerError": "headers, body=None",
    "LambdaContext": "function_name, memory_size, max_runtime_ms=3000, time_source=None",
    "LambdaEventConverter": "route_matcher, binary_types=None",
    "LambdaEventConverter.create_lambda_event": "method, path, headers, body=None",
    "LocalARNBuilder.build_arn": "method, path",
    "LocalDevServer": "app_object, config, host, port",
    "LocalDevServer.handle_single_request": "",
    "LocalDevServer.serve_forever": "",
    "LocalDevServer.shutdown": "",
    "LocalGateway.handle_request": "method, path, headers, body",
    "LocalGatewayAuthorizer.authorize": "raw_path, lambda_event, lambda_context",
    "LocalGatewayException": "headers, body=None",
    "MatchResult": "route, captured, query_params",
    "NotAuthorizedError": "headers, body=None",
    "RouteMatcher": "route_urls",
    "RouteMatcher.match_route": "url",
    "create_local_server": "app_obj, config, host, port",
}
WITHOUT_SIGNATURE = {
    "chalice": "__version__ chalice_version BadRequestError ChaliceUnhandledError "
    "ChaliceViewError ConflictError ForbiddenError NotFoundError TooManyRequestsError "
    "UnauthorizedError UnprocessableEntityError",
    "chalice.app": "ALL_ERRORS Authorizer BadRequestError BaseEventSourceConfig BaseLambdaEvent "
    "BaseLambdaHandler ChaliceError ChaliceUnhandledError ChaliceViewError ConflictError "
    "DecoratorAPI ForbiddenError HeadersType MethodNotAllowedError MiddlewareFuncType "
    "NotFoundError RequestTimeoutError RestAPIEventHandler ScheduleExpression "
    "TooManyRequestsError UnauthorizedError UnprocessableEntityError UserHandlerFuncType",
    "chalice.test": "FunctionNotFoundError TestEventsClient TestHTTPClient TestLambdaClient",
    "chalice.local": "Clock CustomLocalChalice LocalChalice",
}
TOP = (
    "AuthResponse AuthRoute Blueprint CORSConfig Chalice CognitoUserPoolAuthorizer "
    "ConvertToMiddleware Cron CustomAuthorizer IAMAuthorizer Rate Response "
    "WebsocketDisconnectedError"
)
SIGNATURES = {
    "chalice": {name: APP[name] for name in TOP.split()},
    "chalice.app": APP,
    "chalice.test": TEST,
    "chalice.local": LOCAL,
}


def public(module: str, path: str) -> Any:
    value: Any = importlib.import_module(module)
    for name in path.split("."):
        value = getattr(value, name)
    return value


def parameters(function: Callable[..., Any], *, is_method: bool) -> list[str]:
    """`["a", "b=1"]`: without annotations, `self`, and what only a keyword can set."""
    found = [*inspect.signature(function).parameters.values()][1 if is_method else 0 :]
    return [
        str(each.replace(annotation=inspect.Parameter.empty))
        for each in found
        if each.kind is not inspect.Parameter.KEYWORD_ONLY and "**options" not in str(each)
    ]


@pytest.mark.parametrize("owner", [Chalice, Blueprint, DecoratorAPI])
def test_decorators_take_what_they_always_took(owner: type) -> None:
    found = {
        name: ", ".join(parameters(getattr(owner, name), is_method=True)) for name in DECORATORS
    }
    assert found == DECORATORS


@pytest.mark.parametrize(
    ("module", "path"), [(module, path) for module in SIGNATURES for path in SIGNATURES[module]]
)
def test_arguments_keep_their_names_and_places(module: str, path: str) -> None:
    is_method = "." in path
    found = parameters(public(module, path), is_method=is_method)
    expected = SIGNATURES[module][path].split(", ") if SIGNATURES[module][path] else []
    assert found[: len(expected)] == expected
    assert all("=" in added for added in found[len(expected) :])


@pytest.mark.parametrize("module", WITHOUT_SIGNATURE)
def test_other_public_names_can_be_imported(module: str) -> None:
    for name in WITHOUT_SIGNATURE[module].split():
        assert public(module, name) is not None


def test_the_defaults_of_the_tool_are_constants() -> None:
    assert (DEFAULT_STAGE_NAME, DEFAULT_HANDLER_NAME) == ("dev", "api_handler")
