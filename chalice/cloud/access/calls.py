"""Which operation of which service a request asks for, with which parameters.

botocore's models say it, read by the routers and parsers that moto itself serves requests with.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, TypeAlias, cast

from botocore.exceptions import UnknownServiceError
from botocore.parsers import RpcV2CBORParser
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from chalice.cloud.access.services import services_of
from chalice.gateway.signatures import SignedRequest

LOGGER = logging.getLogger(__name__)

Protocol: TypeAlias = Literal["json", "query", "ec2", "rest-json", "rest-xml", "cbor"]

_CBOR_PATH = re.compile(r"/service/[^/]+/operation/([^/]+)/?")


@dataclass(frozen=True, slots=True)
class Call:
    """One call. ``service`` is botocore's name, ``scope`` the one that requests are signed for.

    ``operation`` is the name that the request gives, or ``METHOD /path`` when no operation of the
    service fits. ``parameters`` have botocore's names. ``is_query_compatible`` says that clients
    which speak JSON with the service expect its older error codes.
    """

    service: str
    scope: str
    operation: str
    protocol: Protocol
    parameters: Mapping[str, Any] = field(default_factory=dict)
    is_known: bool = True
    is_head: bool = False
    is_query_compatible: bool = False


def read_call(request: SignedRequest, scope: str) -> Call:
    """Return what the request, signed for the service ``scope``, asks for."""
    headers = dict(request.headers)
    is_head = request.method == "HEAD"
    found = _CBOR_PATH.fullmatch(request.path)
    if headers.get("smithy-protocol") == "rpc-v2-cbor" and found:
        return _read_cbor(request, scope, found.group(1))
    asked = http_request(request)
    for service in services_of(scope):
        try:
            model = _model(service)
            operation, uri = get_service_router(service).match(asked)
        except (HTTPException, NotImplementedError, UnknownServiceError, ValueError):
            continue
        protocol = determine_request_protocol(model, asked.content_type)
        parameters = _parse(operation, protocol, asked, uri)
        return Call(
            service,
            scope,
            operation.name,
            cast(Protocol, protocol),
            parameters,
            is_head=is_head,
            is_query_compatible="awsQueryCompatible" in model.metadata,
        )
    return _unknown(request, headers, scope, asked)


def _unknown(
    request: SignedRequest, headers: Mapping[str, str], scope: str, asked: Request
) -> Call:
    service = services_of(scope)[0]
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    action = asked.values.get("Action", "")
    protocol: Protocol = "json" if target else "query" if action else _protocol_of(service)
    operation = target or action or f"{request.method} {request.path}"
    is_head = request.method == "HEAD"
    return Call(service, scope, operation, protocol, is_known=False, is_head=is_head)


def _protocol_of(service: str) -> Protocol:
    try:
        return cast(Protocol, str(_model(service).protocol))
    except (UnknownServiceError, ValueError):
        return "rest-json"


def http_request(request: SignedRequest) -> Request:
    """Return the request as moto's parsers take it."""
    headers = dict(request.headers)
    query = f"?{request.query}" if request.query else ""
    asked = Request.from_values(
        method=request.method,
        base_url=f"http://{headers.get('host', 'localhost')}",
        path=request.path,
        query_string=request.query,
        headers=[pair for pair in request.headers if pair[0] != "transfer-encoding"],
        input_stream=io.BytesIO(request.body),
        content_length=len(request.body),
        environ_overrides={"RAW_URI": f"{request.path}{query}"},
    )
    return cast(Request, asked)


def _parse(
    operation: OperationModel, protocol: str, asked: Request, uri: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the parameters; none when the request is malformed, which its service will say."""
    if operation.input_shape is None:
        return {}
    parser = PROTOCOL_PARSERS[protocol](operation)
    is_stream = operation.has_streaming_input
    parts: Any = {
        "body": b"" if is_stream else asked.get_data(),
        "headers": asked.headers,
        "method": asked.method,
        "url_params": uri,
        "url_path": asked.path,
        "values": asked.values,
    }
    try:
        parsed = parser.parse(parts)
    except Exception as error:
        LOGGER.debug("the parameters of %s cannot be read: %r", operation.name, error)
        return {**uri}
    if "QueueUrl" not in parsed and "QueueName" in uri:
        parsed["QueueUrl"] = asked.url  # of SQS, whose URL may stand for the parameter
    return cast(Mapping[str, Any], parsed)


def _read_cbor(request: SignedRequest, scope: str, operation: str) -> Call:
    service = services_of(scope)[0]
    try:
        parameters = _cbor().parse_data_item(io.BytesIO(request.body)) if request.body else {}
    except Exception as error:
        LOGGER.debug("the parameters of %s cannot be read: %r", operation, error)
        parameters = {}
    is_known = operation in _model(service).operation_names
    known = parameters if isinstance(parameters, dict) else {}
    return Call(service, scope, operation, "cbor", known, is_known=is_known)


@lru_cache(maxsize=1)
def _cbor() -> Any:
    return RpcV2CBORParser()


@lru_cache(maxsize=64)
def _model(service: str) -> ServiceModel:
    return get_service_model(service)
