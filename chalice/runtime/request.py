"""The HTTP request that a view sees, read from API Gateway's proxy event as it is asked for.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

from _contextvars import ContextVar  # `contextvars` is one more file to read at a cold start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from functools import cached_property as on_demand
    from typing import Any

    from chalice.runtime.datastructures import CaseInsensitiveMapping, MultiDict
else:

    class on_demand:  # noqa: N801
        """An attribute computed when first read; `functools.cached_property` takes a lock."""

        __slots__ = ("_compute", "_name")

        def __init__(self, compute: Callable[[Any], Any]) -> None:
            self._compute = compute
            self._name = compute.__name__

        def __get__(self, instance: Any, owner: type) -> Any:
            if instance is None:
                return self
            value = instance.__dict__[self._name] = self._compute(instance)
            return value


class Request:
    """One HTTP request. Views may set attributes of their own on it."""

    def __init__(self, event_dict: dict[str, Any], lambda_context: Any = None) -> None:
        self._event = event_dict
        self.lambda_context = lambda_context

    @on_demand
    def query_params(self) -> MultiDict | None:
        """The query string by name, None without one."""
        from chalice.runtime.datastructures import MultiDict  # noqa: PLC0415

        values = self._event.get("multiValueQueryStringParameters")
        if values is None:
            return None
        return MultiDict(None if values == "" else values)

    @on_demand
    def headers(self) -> CaseInsensitiveMapping:
        """The headers by name in any case; the last value of one that repeats."""
        from chalice.runtime.datastructures import CaseInsensitiveMapping  # noqa: PLC0415

        return CaseInsensitiveMapping(self._event.get("headers"))

    @on_demand
    def uri_params(self) -> dict[str, str] | None:
        """The values of the `{names}` in the path, None without any."""
        parameters: dict[str, str] | None = self._event.get("pathParameters")
        return parameters

    @on_demand
    def method(self) -> str:
        """`GET`, `POST` and so on."""
        method: str = self.context.get("httpMethod", "")
        return method

    @on_demand
    def path(self) -> str:
        """The pattern of the route, such as `/users/{id}`; `context["path"]` is the actual path."""
        path: str = self.context.get("resourcePath", "")
        return path

    @on_demand
    def context(self) -> dict[str, Any]:
        """API Gateway's request context: `identity`, `authorizer`, `stage`, `requestId` ..."""
        context: dict[str, Any] = self._event.get("requestContext", {})
        return context

    @property
    def request_context(self) -> dict[str, Any]:
        """Another name of `context`."""
        return self.context

    @on_demand
    def stage_vars(self) -> dict[str, str] | None:
        """API Gateway's stage variables."""
        variables: dict[str, str] | None = self._event.get("stageVariables")
        return variables

    @on_demand
    def _body(self) -> str | bytes | None:
        body: str | bytes | None = self._event.get("body")
        return body

    @on_demand
    def _raw_body(self) -> bytes:
        body = self._body
        if body is None:
            return b""
        if self._event.get("isBase64Encoded", False):
            from binascii import a2b_base64  # noqa: PLC0415

            return a2b_base64(body)
        return body.encode() if isinstance(body, str) else body

    @property
    def raw_body(self) -> bytes:
        """The body as the client sent it, empty without one."""
        return self._raw_body

    @on_demand
    def _json_body(self) -> Any:
        from json import loads  # noqa: PLC0415

        try:
            return loads(self.raw_body)
        except (ValueError, RecursionError):
            from chalice.runtime.errors import BadRequestError  # noqa: PLC0415

            raise BadRequestError("Error Parsing JSON") from None

    @property
    def json_body(self) -> Any:
        """The body parsed; None without a JSON Content-Type. Raises BadRequestError."""
        if not self.headers.get("content-type", "").lower().startswith("application/json"):
            return None
        return self._json_body

    @on_demand
    def _form(self) -> tuple[MultiDict, MultiDict]:
        from chalice.runtime.errors import BadRequestError  # noqa: PLC0415
        from chalice.runtime.forms import read_form  # noqa: PLC0415

        try:
            body = self.raw_body
        except ValueError:
            raise BadRequestError("Error Parsing Form: not base64") from None
        return read_form(self.headers.get("content-type", ""), body)

    @on_demand
    def form(self) -> MultiDict:
        """The text fields of a form, urlencoded or multipart/form-data; empty without one.

        Raises BadRequestError for a broken form.
        """
        return self._form[0]

    @on_demand
    def files(self) -> MultiDict:
        """The files of a multipart/form-data form by name, each an UploadedFile; as `form`."""
        return self._form[1]

    @on_demand
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        from chalice.runtime.cookies import parse_cookies  # noqa: PLC0415

        return parse_cookies(self.headers.get("cookie", ""))

    def to_dict(self) -> dict[str, Any]:
        """A summary that JSON can hold: no body, no Lambda context."""
        query = self.query_params
        return {
            "query_params": None if query is None else query.last_values(),
            "headers": dict(self.headers),
            "uri_params": self.uri_params,
            "method": self.method,
            "context": self.context,
            "stage_vars": self.stage_vars,
            "path": self.path,
        }

    def to_original_event(self) -> dict[str, Any]:
        """The event itself, not a copy."""
        event: dict[str, Any] = getattr(self._event, "original", self._event)
        return event


class CurrentInvocation:
    """What is served: each thread and task has its own; its Request is made when asked for.

    `latest` answers in threads that serve nothing themselves, such as those that a view starts.
    """

    __slots__ = ("latest", "own")

    def __init__(self) -> None:
        self.own: ContextVar[list[Any]] = ContextVar("chalice_invocation")
        self.latest: list[Any] = [None, None, None]

    def begin(self, invocation: list[Any]) -> None:
        """Serve `[event, lambda_context]`, or `[event, lambda_context, request]`."""
        self.latest = invocation
        self.own.set(invocation)

    @property
    def request(self) -> Request | None:
        """None before the first invocation and for an event that is none."""
        invocation = self.own.get(self.latest)
        if len(invocation) == 2:
            invocation.append(Request(*invocation))  # of two threads that do so the first wins
        request: Request | None = invocation[2]
        return request

    @property
    def event(self) -> Any:
        """The event as it came, None before the first invocation."""
        return self.own.get(self.latest)[0]

    @property
    def lambda_context(self) -> Any:
        """The Lambda context, None before the first invocation."""
        return self.own.get(self.latest)[1]
