"""Answers of the gateway as an API wants them: another status, more headers, another body.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html

Of the template language, references such as ``$context.error.messageString`` are filled in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from chalice.gateway.answers import Answer, GatewayResponse, Headers, encode_headers
from chalice.gateway.deployment import Deployment
from chalice.gateway.request import Request, parse_query

RESPONSES = "x-amazon-apigateway-gateway-responses"

_HEADER = "gatewayresponse.header."
_REFERENCE = re.compile(r"\$!?(?:\{(context(?:\.[\w-]+)+)\}|(context(?:\.[\w-]+)+))")
_JSON = "application/json"


class OwnResponses:
    """What ``x-amazon-apigateway-gateway-responses`` says, by the kind of answer."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = {kind: dict(value or {}) for kind, value in definitions.items()}

    def answer(
        self, response: GatewayResponse, request: Request, deployment: Deployment, path: str
    ) -> Answer:
        """Return what the client gets; ``path`` is inside the stage."""
        answer = response.answer()
        kind = f"DEFAULT_{response.status // 100}XX"
        definition = self._definitions.get(response.kind) or self._definitions.get(kind)
        if definition is None:
            return answer
        context = _context(response, request, deployment, path)
        status = int(definition.get("statusCode") or answer.status)
        body, headers = answer.body, list(answer.headers)
        templates: Mapping[str, str] = definition.get("responseTemplates") or {}
        if templates:
            media_type = _media_type(templates, request.headers.get("Accept", ""))
            body = _fill(templates[media_type], context).encode()
            headers[0] = (b"content-type", media_type.encode("latin-1", "replace"))
        return Answer(status, _merge(headers, definition, request, context), body)


def _merge(
    headers: Headers, definition: Mapping[str, Any], request: Request, context: Mapping[str, str]
) -> Headers:
    parameters: Mapping[str, str] = definition.get("responseParameters") or {}
    more = {
        name[len(_HEADER) :]: _value(str(source), request, context)
        for name, source in parameters.items()
        if name.startswith(_HEADER)
    }
    encoded = encode_headers((name, value) for name, value in more.items() if value is not None)
    names = {name for name, _ in encoded}
    return [pair for pair in headers if pair[0] not in names] + encoded


def _value(source: str, request: Request, context: Mapping[str, str]) -> str | None:
    """Return what ``'*'``, ``method.request.header.origin`` or ``context.requestId`` stands for."""
    if source[:1] == source[-1:] == "'" and len(source) > 1:
        return source[1:-1]
    if source.startswith("method.request.header."):
        return request.headers.get(source.rpartition(".")[2].title())
    if source.startswith("method.request.querystring."):
        values = parse_query(request.query).get(source.rpartition(".")[2])
        return values[-1] if values else None
    return context.get(source)


def _media_type(templates: Mapping[str, str], accept: str) -> str:
    accepted = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    for wanted in (*accepted, _JSON):
        if wanted in templates:
            return wanted
    return next(iter(templates))


def _fill(template: str, context: Mapping[str, str]) -> str:
    return _REFERENCE.sub(lambda found: context.get(found.group(1) or found.group(2), ""), template)


def _context(
    response: GatewayResponse, request: Request, deployment: Deployment, path: str
) -> Mapping[str, str]:
    said = json.loads(response.body)
    message = said.get("message", said.get("Message"))
    return {
        "context.error.message": "null" if message is None else str(message),
        "context.error.messageString": json.dumps(message),
        "context.error.responseType": response.kind,
        "context.requestId": request.id,
        "context.extendedRequestId": request.extended_id,
        "context.httpMethod": request.method,
        "context.path": path,
        "context.protocol": request.protocol,
        "context.stage": deployment.stage,
        "context.apiId": deployment.api_id,
        "context.accountId": deployment.account,
        "context.requestTimeEpoch": str(int(request.now * 1000)),
        "context.identity.sourceIp": request.source_ip,
        "context.identity.userAgent": request.headers.get("User-Agent", ""),
    }
