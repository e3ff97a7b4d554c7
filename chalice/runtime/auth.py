"""Who may call a route: authorizers, and the policy that an authorizer function returns.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

from __future__ import annotations

from chalice.runtime.response import awaited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, ClassVar, TypeVar

    from typing_extensions import Self

    Scoped = TypeVar("Scoped", bound="Authorizer")


class Authorizer:
    """What every authorizer has: a name in the API document, and OAuth scopes."""

    name: str = ""
    scopes: list[str] = []  # noqa: RUF012

    def to_swagger(self) -> dict[str, Any]:
        """The security definition of the API document."""
        raise NotImplementedError("to_swagger")

    def with_scopes(self, scopes: list[str]) -> Self:
        """The same authorizer, requiring these OAuth scopes."""
        raise NotImplementedError("with_scopes")


class IAMAuthorizer(Authorizer):
    """Callers sign with AWS credentials (signature version 4)."""

    def __init__(self) -> None:
        self.name = "sigv4"
        self.scopes = []

    def to_swagger(self) -> dict[str, Any]:
        """The security definition of the API document."""
        return {
            "in": "header",
            "type": "apiKey",
            "name": "Authorization",
            "x-amazon-apigateway-authtype": "awsSigv4",
        }


class CognitoUserPoolAuthorizer(Authorizer):
    """Callers send a token of one of these Cognito user pools in `header`.

    `audience` are the ids of the pool's clients that tokens may be for; HTTP APIs need them.
    """

    def __init__(
        self,
        name: str,
        provider_arns: list[str],
        header: str = "Authorization",
        scopes: list[str] | None = None,
        *,
        audience: list[str] | None = None,
    ) -> None:
        if not isinstance(provider_arns, list):
            raise TypeError(f"provider_arns should be a list of ARNs, received: {provider_arns}")
        self.name = name
        self.scopes = scopes or []
        self._header = header
        self._provider_arns = provider_arns
        self.audience = audience or []

    def to_swagger(self) -> dict[str, Any]:
        """The security definition of the API document."""
        return {
            "in": "header",
            "type": "apiKey",
            "name": self._header,
            "x-amazon-apigateway-authtype": "cognito_user_pools",
            "x-amazon-apigateway-authorizer": {
                "type": "cognito_user_pools",
                "providerARNs": self._provider_arns,
            },
        }

    def with_scopes(self, scopes: list[str]) -> Self:
        """A copy that requires these OAuth scopes."""
        return _copy_with_scopes(self, scopes)


class CustomAuthorizer(Authorizer):
    """A Lambda function that is not of this app decides; `ttl_seconds` is how long that holds."""

    def __init__(
        self,
        name: str,
        authorizer_uri: str,
        ttl_seconds: int = 300,
        header: str = "Authorization",
        invoke_role_arn: str | None = None,
        scopes: list[str] | None = None,
    ) -> None:
        self.name = name
        self.scopes = scopes or []
        self._header = header
        self._authorizer_uri = authorizer_uri
        self._ttl_seconds = ttl_seconds
        self._invoke_role_arn = invoke_role_arn

    def to_swagger(self) -> dict[str, Any]:
        """The security definition of the API document."""
        authorizer: dict[str, Any] = {
            "type": "token",
            "authorizerUri": self._authorizer_uri,
            "authorizerResultTtlInSeconds": self._ttl_seconds,
        }
        if self._invoke_role_arn is not None:
            authorizer["authorizerCredentials"] = self._invoke_role_arn
        return {
            "in": "header",
            "type": "apiKey",
            "name": self._header,
            "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": authorizer,
        }

    def with_scopes(self, scopes: list[str]) -> Self:
        """A copy that requires these OAuth scopes."""
        return _copy_with_scopes(self, scopes)


def _copy_with_scopes(authorizer: Scoped, scopes: list[str]) -> Scoped:
    from copy import deepcopy  # noqa: PLC0415

    copy = deepcopy(authorizer)
    copy.scopes = scopes
    return copy


class BuiltinAuthConfig:
    """What the toolchain deploys for one `@app.authorizer` function."""

    def __init__(
        self,
        name: str,
        handler_string: str,
        ttl_seconds: int | None = None,
        execution_role: str | None = None,
        header: str = "Authorization",
    ) -> None:
        self.name = name
        self.handler_string = handler_string
        self.ttl_seconds = ttl_seconds
        self.execution_role = execution_role
        self.header = header


class _Registration:
    """The one place that an authorizer and its copies look for what the app knows of them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.config: BuiltinAuthConfig | None = None


class ChaliceAuthorizer(Authorizer):
    """A function of the app that decides who may call; Lambda calls this object."""

    def __init__(
        self, name: str, func: Callable[[AuthRequest], Any], scopes: list[str] | None = None
    ) -> None:
        from functools import update_wrapper  # noqa: PLC0415

        update_wrapper(self, func)
        self._registration = _Registration(name)
        self.func = func
        self.scopes = scopes or []

    @property
    def name(self) -> str:
        """What it is registered as, so with the prefix of its blueprint once an app knows it."""
        return self._registration.name

    @name.setter
    def name(self, name: str) -> None:
        self._registration.name = name

    @property
    def config(self) -> BuiltinAuthConfig | None:
        """What was registered; None before the app knows the authorizer."""
        return self._registration.config

    @config.setter
    def config(self, config: BuiltinAuthConfig | None) -> None:
        self._registration.config = config

    def with_scopes(self, scopes: list[str]) -> Self:
        """A copy that requires these OAuth scopes and shares the registration, even a later one."""
        copy = type(self)(self.name, self.func, scopes)
        copy._registration = self._registration
        return copy

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        """The policy for a TOKEN event; a result that is no AuthResponse is returned unchanged."""
        if self.config is None:
            from chalice.runtime.deployed import import_app  # noqa: PLC0415

            import_app()
        request = AuthRequest(event["type"], event["authorizationToken"], event["methodArn"])
        response = awaited(self.func(request))
        return response.to_dict(request) if isinstance(response, AuthResponse) else response


class AuthRequest:
    """What an authorizer function is asked: a token for a method ARN."""

    def __init__(self, auth_type: str, token: str, method_arn: str) -> None:
        self.auth_type = auth_type
        self.token = token
        self.method_arn = method_arn


class AuthRoute:
    """Some methods of one path; `*` stands for all."""

    def __init__(self, path: str, methods: list[str]) -> None:
        self.path = path
        self.methods = methods


class AuthResponse:
    """What a caller may do: routes are paths (all methods) or AuthRoutes; views see `context`."""

    ALL_HTTP_METHODS: ClassVar[list[str]] = [
        "DELETE",
        "HEAD",
        "OPTIONS",
        "PATCH",
        "POST",
        "PUT",
        "GET",
    ]

    def __init__(
        self,
        routes: Sequence[str | AuthRoute],
        principal_id: str,
        context: dict[str, Any] | None = None,
    ) -> None:
        self.routes = routes
        self.principal_id = principal_id
        self.context = {} if context is None else context

    def to_dict(self, request: AuthRequest) -> dict[str, Any]:
        """API Gateway's form: an IAM policy with one statement, principal and context."""
        return {
            "context": self.context,
            "principalId": self.principal_id,
            "policyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Action": "execute-api:Invoke",
                        "Effect": "Allow",
                        "Resource": self._resources(request.method_arn),
                    }
                ],
            },
        }

    def _resources(self, method_arn: str) -> list[str]:
        *arn, path = method_arn.split(":", 5)
        stage = ":".join((*arn, "/".join(path.split("/")[:2])))
        resources = []
        for route in self.routes:
            if not isinstance(route, AuthRoute):
                route = AuthRoute(route, ["*"])  # noqa: PLW2901
            if route.path:  # an empty path allows nothing
                tail = route.path.removeprefix("/")
                resources += [f"{stage}/{method}/{tail}" for method in route.methods]
        return resources
