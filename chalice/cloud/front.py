"""The AWS port: an ASGI application before moto.

It answers for the cloud itself (``/_chalice/…``: health, report, ``messages?queue=NAME``, which
shows what is in a queue and leaves it there, and ``fire?rule=NAME``, which runs a schedule at
once), keeps web pages out, runs Lambda's Invoke, answers for CloudFormation, hands everything else
to moto, and turns what moto cannot do into an error that clients do not retry.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import IO, TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

from chalice.cloud import wsgi
from chalice.cloud.functions import Attachment
from chalice.cloud.functions.sandbox.callers import HEADER
from chalice.cloud.guard import refusal
from chalice.cloud.wsgi import ClientGoneError, Receive, Scope, Send
from chalice.gateway.signatures import SignedRequest

if TYPE_CHECKING:
    from chalice.cloud.plane import ControlPlane

LOGGER = logging.getLogger(__name__)

_THREADS = 64  # most requests need a millisecond; long polls keep a thread for seconds
_INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations/?")
_CREDENTIAL = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")
_DEFAULT_REGION = "us-east-1"
_ENFORCEMENT, _CALLS = "/_chalice/enforcement", "/_chalice/calls"
_CALLERS = "/_chalice/callers"
_SIGNATURES, _DECISIONS = "/_chalice/signatures", "/_chalice/decisions"
ANSWERS = "/_chalice/stacks/answers/"
"""Under which custom resources put their answers, with what nobody can guess."""

_DEPLOYER = "aws-chalice/"  # how clients of chalice.aws.session call themselves
_XML_SERVICES = frozenset({"iam", "sts", "s3", "sqs", "sns", "ec2", "cloudformation", "route53"})
_READ_ONLY = re.compile(r"(Get|List|Describe|Head|Filter|Lookup|BatchGet)[A-Z]")

Response: TypeAlias = tuple[int, list[tuple[bytes, bytes]], bytes]
Report: TypeAlias = Callable[[], Mapping[str, object]]


class AwsFront:
    """The application.

    ``plane`` is the control plane once it is loaded; requests wait for it. ``health`` and
    ``report`` are what ``/_chalice/health`` and ``/_chalice/report`` answer. Calls that do not
    come from our own deployer wait for the ``attachment``, if there is one.
    """

    def __init__(
        self,
        plane: asyncio.Future[ControlPlane],
        health: Report,
        report: Report,
        attachment: Attachment | None = None,
    ) -> None:
        self._plane = plane
        self._attachment = attachment
        self._own = {"/_chalice/health": health, "/_chalice/report": report}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="aws")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await send({"type": f"{scope['type']}.close", "code": 1008})
            return
        began = time.perf_counter()
        try:
            status, headers, content = await self._answer(scope, receive)
        except ClientGoneError:
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})
        if not scope["path"].startswith("/_chalice/"):
            took = (time.perf_counter() - began) * 1000
            what = f"{_service(scope)[0]} {scope['method']} {_raw_path(scope)}"
            LOGGER.info("%s %d %.0f ms", what, status, took)

    def close(self) -> None:
        """Let running requests end and accept no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        # Only functions trust the certificates of our TLS port, so no page gets as far as this.
        reason = None if scope.get("scheme") == "https" else refusal(headers)
        if reason is not None:
            return _json(403, {"__type": "AccessDeniedException", "message": f"Refused: {reason}"})
        path = scope["path"]
        if path in self._own:
            return _json(200, self._own[path]())
        if path in (_ENFORCEMENT, _CALLS, _CALLERS, _SIGNATURES, _DECISIONS):
            return await self._answer_access(scope, receive)
        if path == "/_chalice/fire" and scope["method"] == "POST":
            return _fire(await asyncio.shield(self._plane), scope)
        if path == "/_chalice/messages" and scope["method"] == "GET":
            return await _look_into_queue(self._plane, scope)
        if path.startswith(ANSWERS) and scope["method"] == "PUT":
            return await self._take_answer(scope, receive)
        if path.startswith(("/_chalice/", "/moto-api")):
            return _json(404, {"message": "Not Found"})
        signature = headers.get("authorization", "")
        if signature.startswith("AWS4") and _CREDENTIAL.search(signature) is None:
            sentence = "The Authorization header holds no credential scope."
            return _json(400, {"__type": "IncompleteSignatureException", "message": sentence})
        body = await wsgi.read_body(receive)
        with body:
            plane = await asyncio.shield(self._plane)
            if self._attachment is not None and _DEPLOYER not in headers.get("user-agent", ""):
                await self._attachment.until_open()
            refused = await self._check(plane, scope, headers, body)
            if refused is not None:
                return refused
            if HEADER in headers:  # it is for us alone
                sent = [pair for pair in scope["headers"] if pair[0] != HEADER.encode()]
                scope = {**scope, "headers": sent}
            invoked = _INVOKE.fullmatch(_raw_path(scope))
            if invoked and scope["method"] == "POST":
                return await _invoke(plane, unquote(invoked.group(1)), scope, headers, body)
            match _service(scope)[0]:
                case "execute-api":
                    return await _manage_connection(plane, scope, body)
                case "cloudformation":
                    return await self._ask_stacks(plane, scope, body)
            return await self._ask_moto(plane, scope, body)

    async def _check(
        self, plane: ControlPlane, scope: Scope, headers: Mapping[str, str], body: IO[bytes]
    ) -> Response | None:
        """Return what to answer a caller whom no policy lets do what is asked, else None."""
        method, path, query = scope["method"], _raw_path(scope), _query(scope)
        if not plane.gate.concerns(method, path, query, headers):
            return None
        request = _signed(scope, body)
        source_ip = (scope.get("client") or ("127.0.0.1",))[0]
        loop = asyncio.get_running_loop()
        try:
            check = plane.gate.check
            refused = await loop.run_in_executor(self._threads, check, request, source_ip)
        except Exception as error:
            return _failure(scope, error)
        if refused is None:
            return None
        sent = {**refused.headers, "content-length": str(len(refused.body))}
        return (
            refused.status,
            [(name.encode(), value.encode()) for name, value in sent.items()],
            refused.body,
        )

    async def _answer_access(self, scope: Scope, receive: Receive) -> Response:
        from chalice.cloud.access import pages  # noqa: PLC0415  # imports moto

        plane = await asyncio.shield(self._plane)
        with await wsgi.read_body(receive) as body:
            if scope["path"] == _ENFORCEMENT:
                answer = pages.answer_enforcement(plane.authority, scope["method"], body.read())
            elif scope["path"] == _CALLERS:
                answer = pages.answer_callers(plane.executor, scope["method"], body.read())
            elif scope["path"] == _SIGNATURES:
                answer = await pages.answer_signature(plane.signatures, body.read())
            elif scope["path"] == _DECISIONS:
                answer = await pages.answer_decision(plane.signatures, body.read())
            else:
                answer = pages.answer_calls(plane.records, scope["method"], _query(scope))
        return _json(*answer)

    async def _ask_stacks(self, plane: ControlPlane, scope: Scope, body: IO[bytes]) -> Response:
        request = _signed(scope, body)
        loop = asyncio.get_running_loop()
        async with plane.traffic.request():
            try:
                answer = partial(_answer_for_stacks, plane, request)
                response = await loop.run_in_executor(self._threads, answer)
            except Exception as error:
                response = _failure(scope, error)
        plane.keeper.touch()
        return response

    async def _take_answer(self, scope: Scope, receive: Receive) -> Response:
        plane = await asyncio.shield(self._plane)
        with await wsgi.read_body(receive) as body:
            token = scope["path"].removeprefix(ANSWERS)
            taken = plane.stacks.answers.take(token, body.read())
        return _json(200 if taken else 404, {})

    async def _ask_moto(self, plane: ControlPlane, scope: Scope, body: IO[bytes]) -> Response:
        async with plane.traffic.request():
            try:
                response = await wsgi.call(plane.app, scope, body, self._threads)
                if _is_unknown_path(response):
                    raise NotImplementedError(f"{scope['method']} {_raw_path(scope)}")
            except Exception as error:
                response = _failure(scope, error)
        if _may_change(scope):
            plane.keeper.touch()
        return response


def _answer_for_stacks(plane: ControlPlane, request: SignedRequest) -> Response:
    return plane.stacks.answer(request)


async def _invoke(
    plane: ControlPlane, name: str, scope: Scope, headers: Mapping[str, str], body: IO[bytes]
) -> Response:
    qualifier = parse_qs(_query(scope)).get("Qualifier", [None])[0]
    region = _service(scope)[1]
    reply = await plane.invoke(name, qualifier, region, headers, body.read())
    sent = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(reply.body))]
    sent += [(key.lower().encode(), value.encode()) for key, value in reply.headers.items()]
    return reply.status, sent if reply.status != 204 else [], reply.body


async def _manage_connection(plane: ControlPlane, scope: Scope, body: IO[bytes]) -> Response:
    answer = await plane.manage_connection(scope, body.read())
    length = (b"content-length", b"%d" % len(answer.body))
    headers = answer.headers if answer.status == 204 else [*answer.headers, length]
    return answer.status, headers, answer.body


def _fire(plane: ControlPlane, scope: Scope) -> Response:
    query = parse_qs(scope["query_string"].decode("latin-1"))
    name, region = query.get("rule", [""])[0], query.get("region", [None])[0]
    arn = plane.fire(name, region)
    if arn is None:
        return _json(404, {"message": f"There is no rule `{name}` with a schedule."})
    return _json(200, {"rule": arn})


async def _look_into_queue(plane: asyncio.Future[ControlPlane], scope: Scope) -> Response:
    await asyncio.shield(plane)
    from chalice.cloud.control.messages import messages_of  # noqa: PLC0415  # imports moto

    query = parse_qs(_query(scope))
    name, region = query.get("queue", [""])[0], query.get("region", [_DEFAULT_REGION])[0]
    messages = messages_of(name, region)
    if messages is None:
        return _json(404, {"message": f"There is no queue `{name}` in {region}."})
    return _json(200, {"messages": messages})


def _signed(scope: Scope, body: IO[bytes]) -> SignedRequest:
    """Return a request as those take it who look at its signature; the body stays unread."""
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    content = body.read()
    body.seek(0)
    path, query = _raw_path(scope), _query(scope)
    return SignedRequest(scope["method"], path, query, pairs, content, time.time())


def _raw_path(scope: Scope) -> str:
    path: str = scope["raw_path"].decode("latin-1")
    return path


def _query(scope: Scope) -> str:
    query: str = scope["query_string"].decode("latin-1")
    return query


def _service(scope: Scope) -> tuple[str, str]:
    """Return service and region that a request is signed for; S3 takes unsigned ones."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            found = _CREDENTIAL.search(value.decode("latin-1"))
            if found:
                return found.group(2), found.group(1)
    return "s3", _DEFAULT_REGION


def _may_change(scope: Scope) -> bool:
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return b"Action=" in scope["query_string"]
    targets = [value for name, value in scope["headers"] if name == b"x-amz-target"]
    action = targets[0].decode("latin-1").rpartition(".")[2] if targets else ""
    return _READ_ONLY.match(action) is None


def _is_unknown_path(response: Response) -> bool:
    """Whether moto has no such path: then alone is its answer a page."""
    return response[0] == 404 and response[2].lstrip()[:14].lower() == b"<!doctype html"


def _failure(scope: Scope, error: Exception) -> Response:
    """Answer for moto, which raised. A 500 would be retried for a minute to no avail."""
    service = _service(scope)[0]
    LOGGER.error("%s %s %s", service, scope["method"], _raw_path(scope), exc_info=error)
    if isinstance(error, NotImplementedError):
        sentence = f"The embedded cloud cannot do this: {error}"
    else:
        sentence = f"The embedded cloud failed: {error!r}. `chalice cloud logs` shows where."
    if service not in _XML_SERVICES:
        return _json(501, {"__type": "NotImplementedException", "message": sentence})
    inner = f"<Error><Code>NotImplemented</Code><Message>{escape(sentence)}</Message></Error>"
    text = inner if service == "s3" else f"<ErrorResponse>{inner}</ErrorResponse>"
    return 501, [(b"content-type", b"text/xml")], text.encode()


def _json(status: int, content: Mapping[str, object]) -> Response:
    body = json.dumps(content).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    if status >= 400:
        headers.append((b"x-amzn-errortype", str(content.get("__type", "")).encode()))
    return status, headers, body
