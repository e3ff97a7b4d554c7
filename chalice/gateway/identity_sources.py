"""What identifies a caller: the parts of a request that an authorizer's identity sources name.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html

REST APIs write ``method.request.header.name``, HTTP APIs ``$request.header.name``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chalice.gateway.request import Request, parse_query


def read_sources(
    sources: Iterable[str],
    request: Request,
    variables: Mapping[str, str] | None,
    context: Mapping[str, object],
) -> tuple[str, ...] | None:
    """Return the value of each source, None when one of them is missing or empty.

    ``context`` is the event's ``requestContext``.
    """
    values = []
    for source in sources:
        value = _read(source.removeprefix("$").removeprefix("method."), request, variables, context)
        if not value:
            return None
        values.append(value)
    return tuple(values)


def _read(
    source: str,
    request: Request,
    variables: Mapping[str, str] | None,
    context: Mapping[str, object],
) -> str | None:
    kind, _, name = source.partition(".")
    if kind == "request":
        part, _, name = name.partition(".")
        if part == "header":
            values = request.multi_headers.get(name.title())
            return ",".join(values) if values else None
        if part == "querystring":
            found = parse_query(request.query).get(name)
            return ",".join(found) if found else None
        return None
    if kind == "stageVariables":
        return (variables or {}).get(name)
    if kind == "context":
        value: object = context
        for key in name.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        return None if value is None or isinstance(value, Mapping) else str(value)
    return None
