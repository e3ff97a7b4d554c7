"""The gate before the services: each call is identified, weighed, recorded, and refused if need
be.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence

from moto.utilities.utils import get_partition

from chalice.cloud.access import context as conditions
from chalice.cloud.access.authority import Authority
from chalice.cloud.access.calls import Call, read_call
from chalice.cloud.access.errors import PolicyBrokenError
from chalice.cloud.access.needs import needs_of
from chalice.cloud.access.principals import Principal
from chalice.cloud.access.records import Frame, RecordedAction, Records, record, stack_of
from chalice.cloud.access.refusals import Refusal, deny, refuse
from chalice.cloud.access.signatures import read_signature
from chalice.cloud.access.uploads import may_be_upload, read_upload
from chalice.gateway.signature_v4 import NotIdentifiedError
from chalice.gateway.signatures import SignedRequest
from chalice.iam.evaluation import Kind, Verdict

LOGGER = logging.getLogger(__name__)

_DEFAULT_REGION = "us-east-1"


class Gate:
    """Lets calls through, or not.

    ``concerns`` is quick and asked for every request; ``check`` reads the whole request and is
    asked, in a thread, for those that it concerns.
    """

    def __init__(
        self, authority: Authority, records: Records, clock: Callable[[], float] = time.time
    ) -> None:
        self._authority = authority
        self._records = records
        self._clock = clock

    def concerns(self, method: str, path: str, query: str, headers: Mapping[str, str]) -> bool:
        """Whether a request is made with an access key that the cloud gave out; all others are
        made by the root, who may do everything.
        """
        request = SignedRequest(method, path, query, list(headers.items()), b"", 0)
        signature = read_signature(request)
        if signature is None:
            return may_be_upload(method, headers)
        return self._authority.is_known(signature.access_key, signature.region)

    def check(self, request: SignedRequest, source_ip: str) -> Refusal | None:
        """Return what to answer in place of the service, None when the call may go on."""
        signature = read_signature(request)
        if signature is None:
            return self._check_upload(request, source_ip)
        try:
            principal = self._authority.owner(signature, request)
        except NotIdentifiedError as error:
            LOGGER.warning("a request of %s is refused: %s", signature.access_key, error)
            return refuse(read_call(request, signature.service), error.reason)
        if principal.kind == "root":
            return None
        call = read_call(request, signature.service)
        return self._weigh(principal, call, signature.region, request, source_ip)

    def _check_upload(self, request: SignedRequest, source_ip: str) -> Refusal | None:
        upload = read_upload(request)
        if upload is None:
            return None
        try:
            principal = self._authority.uploader(upload, request.now)
        except NotIdentifiedError as error:
            LOGGER.warning("a form of %s is refused: %s", upload.access_key, error)
            return refuse(upload.call, error.reason)
        except PolicyBrokenError as error:
            LOGGER.warning("a form of %s is refused: %s", upload.access_key, error)
            return deny(upload.call, str(error))
        if principal.kind == "root":
            return None
        return self._weigh(principal, upload.call, upload.region, request, source_ip)

    def _weigh(
        self,
        principal: Principal,
        call: Call,
        region: str,
        request: SignedRequest,
        source_ip: str,
    ) -> Refusal | None:
        region = region or _DEFAULT_REGION
        context = {
            **conditions.of_request(dict(request.headers), region, source_ip),
            **conditions.of_parameters(call, region),
        }
        needs = needs_of(call, region, get_partition(region))
        weighed = [
            (need.action, arn, self._authority.decide(principal, need.action, arn, context))
            for need in needs
            for arn in need.resources
        ]
        if principal.function is not None:
            self._record(principal, call, region, weighed, stack_of(request.headers))
        refused = next((each for each in weighed if not each[2].is_allowed), None)
        if refused is None or not self._authority.enforced:
            return None
        sentence = _sentence(principal, call, *refused)
        LOGGER.warning("%s", sentence)
        return deny(call, sentence)

    def _record(
        self,
        principal: Principal,
        call: Call,
        region: str,
        weighed: Sequence[tuple[str, str, Verdict]],
        stack: Sequence[Frame],
    ) -> None:
        actions = [
            RecordedAction(action, resource, verdict.is_allowed)
            for action, resource, verdict in weighed
        ]
        self._records.add(
            record(
                now=self._clock(),
                principal=principal,
                service=call.service,
                operation=call.operation,
                region=region,
                actions=actions,
                enforced=self._authority.enforced,
                stack=stack,
            )
        )


def _sentence(
    principal: Principal, call: Call, action: str, resource: str, verdict: Verdict
) -> str:
    """Return AWS's sentence: S3 puts the resource in quotes, EC2 something before, and of a role
    that does not trust the caller no reason is given.
    """
    shown = f'"{resource}"' if call.service == "s3" else resource
    says_nothing = resource == "*" and call.service in ("s3", "ec2", "cloudwatch")
    where = "" if says_nothing else f" on resource: {shown}"
    sentence = f"User: {principal.arn} is not authorized to perform: {action}{where}"
    if not (action == "sts:AssumeRole" and verdict.kind is Kind.RESOURCE):
        sentence += f" {verdict.because(action)}"
    if call.protocol == "ec2":
        return f"You are not authorized to perform this operation. {sentence}"
    return sentence
