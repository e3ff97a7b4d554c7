"""An app behind an API Gateway in this process: what tests use, and a server of it."""

from chalice.app import Chalice
from chalice.local.arn import ARNMatcher, LocalARNBuilder
from chalice.local.authorizer import LocalGatewayAuthorizer
from chalice.local.context import Clock, LambdaContext
from chalice.local.dev_server import LocalDevServer, create_local_server
from chalice.local.errors import (
    ForbiddenError,
    InvalidAuthorizerError,
    LocalGatewayException,
    NotAuthorizedError,
)
from chalice.local.event import LambdaEventConverter
from chalice.local.gateway import LocalGateway
from chalice.local.routes import MatchResult, RouteMatcher

# An app gives each thread its own request by itself: serving it takes no other class.
LocalChalice = CustomLocalChalice = Chalice

__all__ = [
    "ARNMatcher",
    "Clock",
    "CustomLocalChalice",
    "ForbiddenError",
    "InvalidAuthorizerError",
    "LambdaContext",
    "LambdaEventConverter",
    "LocalARNBuilder",
    "LocalChalice",
    "LocalDevServer",
    "LocalGateway",
    "LocalGatewayAuthorizer",
    "LocalGatewayException",
    "MatchResult",
    "NotAuthorizedError",
    "RouteMatcher",
    "create_local_server",
]
