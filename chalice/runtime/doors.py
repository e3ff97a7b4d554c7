"""Answers events of the doors that are no REST API: HTTP API, function URL, and load balancer.

HTTP APIs and function URLs send payload 2.0. Their events and the load balancer's become the REST
API's, so that a view sees one and the same request whichever door it came through:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

from __future__ import annotations

from itertools import product

from chalice.runtime.http import RestAPIEventHandler, with_cors
from chalice.runtime.mediatypes import header_value
from chalice.runtime.response import Response, error_response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from chalice.runtime.app import Chalice
    from chalice.runtime.matching import PathTable
    from chalice.runtime.request import CurrentInvocation


class DoorEvent(dict[str, "Any"]):
    """An event in the REST API's form; `original` is the event as it came."""

    def __init__(self, original: dict[str, Any], **rest: Any) -> None:
        super().__init__(rest)
        self.original = original


class HttpDoor:
    """Payload 2.0: an HTTP API or a function URL."""

    def read(self, event: dict[str, Any]) -> DoorEvent:
        """The event with the raw path as `path`, and without the route that it belongs to."""
        from chalice.runtime.forms import parse_urlencoded  # noqa: PLC0415

        context = event["requestContext"]
        http = context["http"]
        headers = dict(event.get("headers") or {})
        if event.get("cookies"):
            headers.setdefault("cookie", "; ".join(event["cookies"]))
        path = event.get("rawPath") or http["path"]
        stage = f"/{context.get('stage', '$default')}"
        if path == stage or path.startswith(f"{stage}/"):
            path = path[len(stage) :] or "/"
        query = parse_urlencoded(event.get("rawQueryString") or "")
        return DoorEvent(
            event,
            path=path,
            headers=headers,
            multiValueQueryStringParameters=query or None,
            pathParameters=event.get("pathParameters"),
            requestContext={
                **context,
                **_authorizer(context.get("authorizer")),
                "httpMethod": http["method"],
                "path": event.get("rawPath") or http["path"],
                "protocol": http.get("protocol"),
                "identity": {
                    "sourceIp": http.get("sourceIp"),
                    "userAgent": http.get("userAgent"),
                },
            },
            stageVariables=event.get("stageVariables"),
            body=event.get("body"),
            isBase64Encoded=event.get("isBase64Encoded", False),
        )

    def write(self, answer: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        """The answer in the form of payload 2.0: header names in lower case, cookies apart."""
        headers: dict[str, str] = {}
        cookies = []
        for name, value in _header_lines(answer):
            if name.lower() == "set-cookie":
                cookies.append(value)
            else:
                _add_line(headers, name.lower(), value)
        written = {
            "statusCode": answer["statusCode"],
            "headers": headers,
            "body": answer["body"],
            "isBase64Encoded": answer.get("isBase64Encoded", False),
        }
        return {**written, "cookies": cookies} if cookies else written


class BalancerDoor:
    """An application load balancer, with or without multi-value headers."""

    def read(self, event: dict[str, Any]) -> DoorEvent:
        """The event in the REST API's form, and without the route that it belongs to."""
        many = event.get("multiValueHeaders")
        headers = (
            dict(event.get("headers") or {})
            if many is None
            else {name: _joined(name, values) for name, values in many.items()}
        )
        addresses = header_value(headers, "x-forwarded-for") or ""
        return DoorEvent(
            event,
            path=event["path"],
            headers=headers,
            multiValueQueryStringParameters=_decoded_query(event) or None,
            pathParameters=None,
            requestContext={
                **event["requestContext"],
                "httpMethod": event["httpMethod"],
                "path": event["path"],
                "identity": {
                    "sourceIp": addresses.rpartition(",")[2].strip() or None,
                    "userAgent": header_value(headers, "user-agent"),
                },
            },
            stageVariables=None,
            body=event.get("body") or None,
            isBase64Encoded=event.get("isBase64Encoded", False),
        )

    def write(self, answer: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        """The answer, with headers as the event has them."""
        status = answer["statusCode"]
        written = {
            "statusCode": status,
            "statusDescription": _description(status),
            "isBase64Encoded": answer.get("isBase64Encoded", False),
            "body": answer["body"],
        }
        if event.get("multiValueHeaders") is not None:
            lists: dict[str, list[str]] = {}
            for name, value in _header_lines(answer):
                lists.setdefault(name, []).append(value)
            return {**written, "multiValueHeaders": lists}
        headers: dict[str, str] = {}
        spellings = map("".join, product(*((char, char.upper()) for char in "set-cookie")))
        for name, value in _header_lines(answer):
            if name.lower() == "set-cookie":
                # A dict has no room for a header twice, but for its name in two spellings.
                headers[next(spelling for spelling in spellings if spelling not in headers)] = value
            else:
                _add_line(headers, name.lower(), value)
        return {**written, "headers": headers}


HTTP = HttpDoor()
BALANCER = BalancerDoor()


def door_of(event: Any) -> HttpDoor | BalancerDoor | None:
    """The door that the event came through, None if it is another kind of event."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    if not isinstance(context, dict):
        return None
    if "http" in context:
        return HTTP
    return BALANCER if "elb" in context else None


class DoorHandler(RestAPIEventHandler):
    """Serves the routes of an app as the REST API's gateway and its handler do together.

    There is no binary media type and no Accept check: these doors take base64 for any answer.
    """

    def __init__(self, app: Chalice, invocation: CurrentInvocation) -> None:
        super().__init__(app, invocation)
        self._paths: PathTable | None = None
        self._path_count = 0

    def answer_door(self, event: Any, context: Any) -> dict[str, Any] | None:
        """The answer in the form of the event's door, None for other events."""
        door = door_of(event)
        if door is None:
            return None
        try:
            rest_event = door.read(event)
            self._route(rest_event)
            answer = (
                self._preflight(rest_event)
                or self._refusal(rest_event)
                or self.answer(rest_event, context)
            )
            return door.write(answer, event)
        except Exception as error:
            self._invocation.begin([None, context, None])
            return door.write(self._internal_error(error).to_dict(()), event)

    def _prepare_binary_types(self, binary_types: list[str]) -> None:
        pass

    def _route(self, event: DoorEvent) -> None:
        """Put the route of the event's path, the path itself if none has it, where REST does."""
        routes = self._app.routes
        path = event["path"]
        _, _, keyed = event.original.get("routeKey", "").partition(" ")
        if keyed in routes:  # an HTTP API has found it
            route: str = keyed
        else:
            if self._paths is None or self._path_count != len(routes):
                from chalice.runtime.matching import PathTable, problem_of  # noqa: PLC0415

                self._paths = PathTable(path for path in routes if problem_of(path) is None)
                self._path_count = len(routes)
            route, captured = self._paths.match(path) or (path, {})
            event["pathParameters"] = captured or None
        event["requestContext"]["resourcePath"] = route

    def _preflight(self, event: DoorEvent) -> dict[str, Any] | None:
        """What the REST API itself answers browsers that ask what CORS allows."""
        context = event["requestContext"]
        entries = self._app.routes.get(context["resourcePath"], {})
        shared = {method: entry.cors for method, entry in entries.items() if entry.cors is not None}
        if context["httpMethod"] != "OPTIONS" or "OPTIONS" in entries or not shared:
            return None
        headers = {
            "Access-Control-Allow-Methods": ",".join([*shared, "OPTIONS"]),
            **next(iter(shared.values())).get_access_control_headers(),
        }
        return Response("", headers=headers).to_dict(())

    def _refusal(self, event: DoorEvent) -> dict[str, Any] | None:
        """The answer for a route that wants callers authorized, when no door has seen to that.

        The REST API does so before it calls the function. An HTTP API or a function URL that did
        says who the caller is; a load balancer never does. API keys are the REST API's alone.
        """
        context = event["requestContext"]
        entry = self._app.routes.get(context["resourcePath"], {}).get(context["httpMethod"])
        if entry is None or not (entry.authorizer or entry.api_key_required):
            return None
        if context.get("authorizer") and not entry.api_key_required:
            return None
        self._app.log.error(
            "Refused %s %s: the route needs an authorizer or API key, and what is in front of "
            "this function has checked neither",
            context["httpMethod"],
            context["resourcePath"],
        )
        return with_cors(error_response("Unauthorized", "UnauthorizedError", 401), entry).to_dict(
            ()
        )

    def _unsupported_method(self, context: dict[str, Any]) -> Response:
        if context["resourcePath"] in self._app.routes:
            return super()._unsupported_method(context)
        return error_response(f"No such path: {context['resourcePath']}", "NotFoundError", 404)


def _authorizer(authorizer: Any) -> Mapping[str, Any]:
    """What an authorizer said, with claims and a function's values where the REST API has them."""
    if not isinstance(authorizer, dict):
        return {}
    token, values = authorizer.get("jwt"), authorizer.get("lambda")
    return {
        "authorizer": {
            **(values if isinstance(values, dict) else {}),
            **({"claims": token.get("claims")} if isinstance(token, dict) else {}),
            **authorizer,
        }
    }


def _joined(name: str, values: list[str]) -> str:
    return "; ".join(values) if name.lower() == "cookie" else values[-1]


def _decoded_query(event: dict[str, Any]) -> dict[str, list[str]]:
    """The query by name; a load balancer passes on names and values as the client encoded them."""
    from urllib.parse import unquote_plus  # noqa: PLC0415

    many = event.get("multiValueQueryStringParameters")
    if many is None:
        single = event.get("queryStringParameters") or {}
        many = {name: [value] for name, value in single.items()}
    query: dict[str, list[str]] = {}
    for name, values in many.items():
        query.setdefault(unquote_plus(name), []).extend(map(unquote_plus, values))
    return query


def _header_lines(answer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each header line to send; the REST API says that an answer without a type is JSON."""
    headers, lists = answer["headers"], answer["multiValueHeaders"]
    if (
        header_value(headers, "content-type") is None
        and header_value(lists, "content-type") is None
    ):
        yield "Content-Type", "application/json"
    yield from headers.items()
    for name, values in lists.items():
        yield from ((name, value) for value in values)


def _add_line(headers: dict[str, str], name: str, value: str) -> None:
    headers[name] = f"{headers[name]}, {value}" if name in headers else value


def _description(status: int) -> str:
    from http import HTTPStatus  # noqa: PLC0415

    try:
        return f"{int(status)} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{int(status)} Unknown"
