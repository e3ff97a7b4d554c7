"""Functions that answer at URLs of their own.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html

A URL is ``/_url/<url-id>/…`` of any host, and ``/…`` of a host whose name begins with
``<url-id>.lambda-url.``. Answers are sent when the function has ended, also of those that stream.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Protocol

from chalice.gateway.answers import JSON_TYPE, Answer, GatewayResponse, RefusedError
from chalice.gateway.deployment import FunctionUrl
from chalice.gateway.gatekeeper import is_signed, signed
from chalice.gateway.http.cors import Cors, is_preflight
from chalice.gateway.http.event import HttpCaller, Place, event_v2
from chalice.gateway.http.response import read_v2
from chalice.gateway.invocations import Invocations, InvocationTimeoutError
from chalice.gateway.invoker import FunctionNotFoundError, InvocationResult
from chalice.gateway.proxy import MalformedResponseError
from chalice.gateway.request import Receive, Request, read_body
from chalice.gateway.resource_policy import caller_of, context_of
from chalice.gateway.signatures import Principal, SignatureRefusedError, Signatures
from chalice.iam.evaluation import Decision, Policy, Question
from chalice.iam.evaluation_conditions import Context

log = logging.getLogger(__name__)

PREFIX = "/_url/"
TIMEOUT = 900.0
INVOKE = "lambda:InvokeFunctionUrl"

_LABEL = ".lambda-url."
_HOST = re.compile(r"([A-Za-z0-9]+)\.lambda-url\.")


class UrlCatalog(Protocol):
    """Knows the function URLs."""

    def find(self, url_id: str) -> FunctionUrl | None:
        """Return the URL with that id, None when there is none."""
        ...


class NoUrls:
    """Knows none."""

    def find(self, url_id: str) -> None:
        """Find nothing."""


NO_URLS = NoUrls()


def _said(status: int, error_type: str, sentence: str, key: str = "Message") -> GatewayResponse:
    return GatewayResponse(status, error_type, json.dumps({key: sentence}).encode())


FORBIDDEN = _said(
    403,
    "AccessDeniedException",
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
)
THROTTLED = _said(429, "TooManyRequestsException", "Rate Exceeded.")
UNKNOWN = _said(404, "ResourceNotFoundException", "Not Found")


class FunctionUrls:
    """Answers for function URLs.

    ``invocations`` run any function: whether somebody may run it is decided here.
    """

    def __init__(
        self, catalog: UrlCatalog, invocations: Invocations, signatures: Signatures
    ) -> None:
        self._catalog = catalog
        self._invocations = invocations
        self._signatures = signatures

    async def answer(self, address: tuple[str, str], request: Request, receive: Receive) -> Answer:
        """Return the answer to a request for an address (see `address_of`).

        Raises ClientGoneError.
        """
        try:
            request.check_size()
            answer = await self._answer(address, request, receive)
        except RefusedError as refused:
            answer = refused.response.answer()
        headers = [
            *answer.headers,
            (b"x-amzn-requestid", request.id.encode("ascii")),
            (b"x-amzn-trace-id", request.trace_id.encode("latin-1")),
        ]
        return Answer(answer.status, headers, answer.body, is_identified=True)

    async def _answer(self, address: tuple[str, str], request: Request, receive: Receive) -> Answer:
        url = self._catalog.find(address[0])
        if url is None:
            raise RefusedError(UNKNOWN)
        cors = Cors(url.cors) if url.cors else None
        if cors is not None and is_preflight(request):
            preflight = cors.preflight(request)
            return Answer(200, preflight.headers)
        try:
            answer = await self._run(url, address[1], request, receive)
        except RefusedError as refused:
            answer = refused.response.answer()
        return answer if cors is None else cors.apply(answer, request)

    async def _run(self, url: FunctionUrl, path: str, request: Request, receive: Receive) -> Answer:
        length = request.headers.get("Content-Length")
        principal, body = None, b""
        if url.auth_type == "AWS_IAM":
            if not is_signed(request):
                raise RefusedError(FORBIDDEN)
            body = await read_body(receive, length)
            principal = await self._verify(url, request, body)
        await self._decide(url, request, principal)
        if principal is None:
            body = await read_body(receive, length)
        event = event_v2(
            request, _place(url, path, request, principal), HttpCaller(principal=principal), body
        )
        result = await self._invoke(url, event)
        if result.throttled:
            raise RefusedError(THROTTLED)
        if result.error is not None:
            log.error("%s: %s", url.function, result.payload.decode("utf-8", "replace"))
            return _failed()
        try:
            return read_v2(result.payload, JSON_TYPE)
        except MalformedResponseError as error:
            log.error("%s: malformed response: %s", url.function, error)
            return _failed()

    async def _verify(self, url: FunctionUrl, request: Request, body: bytes) -> Principal:
        try:
            return await self._signatures.verify(signed(request, body), "lambda", url.region)
        except SignatureRefusedError as refused:
            sentence = str(refused)
            raise RefusedError(_said(403, refused.error_type, sentence, "message")) from refused

    async def _decide(
        self, url: FunctionUrl, request: Request, principal: Principal | None
    ) -> None:
        """Raise RefusedError unless the function's policy or the caller's own allows it."""
        values = {**context_of(request, None), "lambda:FunctionUrlAuthType": url.auth_type}
        question = Question(INVOKE, url.function, caller_of(principal), Context(values))
        said = Decision.NOT_ALLOWED
        if url.policy is not None:
            try:
                said = Policy(url.policy).decide(question)
            except ValueError as error:
                log.error("the policy of %s: %s", url.function, error)
                raise RefusedError(FORBIDDEN) from error
        own = Decision.NOT_ALLOWED
        if principal is not None:
            own = await self._signatures.decide(principal, INVOKE, url.function, values)
        if Decision.DENIED in (said, own) or Decision.ALLOWED not in (said, own):
            who = principal.arn if principal else "everybody"
            log.error("%s is not let in to the URL of %s", who, url.function)
            raise RefusedError(FORBIDDEN)

    async def _invoke(self, url: FunctionUrl, event: dict[str, object]) -> InvocationResult:
        try:
            return await self._invocations.run(url.function, event, TIMEOUT)
        except (InvocationTimeoutError, FunctionNotFoundError) as error:
            log.error("%s: %r", url.function, error)
            return InvocationResult(repr(error).encode(), error="Unhandled")


def address_of(request: Request) -> tuple[str, str] | None:
    """Return the id of the URL that a request is for, and the path there; None for no URL."""
    if request.path.startswith(PREFIX):
        url_id, slash, rest = request.path[len(PREFIX) :].partition("/")
        return url_id, slash + rest or "/"
    if _LABEL not in request.host:  # which is nearly always so, and sooner known
        return None
    found = _HOST.match(request.host)
    return None if found is None else (found.group(1).lower(), request.path)


def _failed() -> Answer:
    error_type = (b"x-amzn-errortype", b"InternalServerErrorException")
    return Answer(502, [(b"content-type", b"text/plain"), error_type], b"Internal Server Error")


def _place(url: FunctionUrl, path: str, request: Request, principal: Principal | None) -> Place:
    by_host = _HOST.match(request.host) is not None
    domain = f"{url.url_id}.lambda-url.{url.region}.on.aws"
    return Place(
        api_id=url.url_id,
        stage="$default",
        account=principal.account if principal else "anonymous",
        region=url.region,
        domain=request.host if by_host else domain,
        prefix=url.url_id,
        path=path,
        route="$default",
        resource="$default",
        request_id=request.id,
    )
