"""The authority of the cloud: who made a request, and whether policies let them do something.

```python
principal = authority.identify(request)                     # raises NotIdentifiedError
verdict = authority.decide(principal, "sqs:SendMessage", queue_arn)
authority.allows(role_arn, "sqs:ReceiveMessage", queue_arn)  # Decision, for what AWS does
```
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from moto.utilities.utils import get_partition

from chalice.cloud.access import context as conditions
from chalice.cloud.access.principals import (
    Principal,
    boundary,
    identity_policies,
    owner_of,
    role_itself,
    root,
    session_policies,
)
from chalice.cloud.access.records import Frame, RecordedAction, Records, record, stack_of
from chalice.cloud.access.resource_policies import resource_policies
from chalice.cloud.access.sessions import FunctionKeys, Session
from chalice.cloud.access.signatures import check_signature, read_signature
from chalice.cloud.access.uploads import Upload, check_upload
from chalice.cloud.access.users import find_session
from chalice.gateway import signatures as port
from chalice.gateway.signature_v4 import (
    NotIdentifiedError,
    Reason,
    Signature,
    refusal,
    require_scope,
)
from chalice.gateway.signatures import SignedRequest
from chalice.iam.evaluation import Decision, Kind, Policies, Question, Verdict, evaluate
from chalice.iam.evaluation_conditions import Context
from chalice.iam.evaluation_patterns import overlaps

LOGGER = logging.getLogger(__name__)

Values: TypeAlias = Mapping[str, "str | Sequence[str]"]

ROOT_KEYS = frozenset(("local", "test"))
"""The access keys of the root that APIs take; the secret, and the token if there is one, is the
same word. ``chalice cloud env`` prints the first.
"""
_HINT = " APIs take keys that this cloud gave out, and those that `chalice cloud env` prints."
_ROOT_MAY = Verdict(Decision.ALLOWED, Kind.IDENTITY)


class Authority:
    """Knows all access keys and all policies. Asked from any thread.

    While ``enforced`` is false, the cloud refuses nothing for want of a permission; what is
    asked here is answered all the same.
    """

    def __init__(self, keys: FunctionKeys, clock: Callable[[], float] = time.time) -> None:
        self.enforced = True
        self._keys = keys
        self._clock = clock

    def identify(self, request: SignedRequest) -> Principal | None:
        """Return who made a request, None when it is not signed.

        Whoever signed with an access key that the cloud did not give out is the root of the
        account. Raises ``NotIdentifiedError`` when the cloud gave the key out and the signature
        does not hold.
        """
        signature = read_signature(request)
        return None if signature is None else self.owner(signature, request)

    def owner(self, signature: Signature, request: SignedRequest) -> Principal:
        """Return who made a request with that signature, as ``identify`` does."""
        return self._owner(
            signature.access_key,
            signature.region,
            lambda session: check_signature(signature, request, session.secret, session.token),
        )

    def proven_owner(self, signature: Signature, request: SignedRequest) -> Principal:
        """Return who made a request to an API, which are for those with a key of this cloud.

        Raises ``NotIdentifiedError``, also for an access key that the cloud did not give out:
        of the root's own keys, whose secrets are as their names, the signature must hold as well.
        """
        key = signature.access_key
        if self.is_known(key, signature.region):
            return self.owner(signature, request)
        if key not in ROOT_KEYS:
            raise NotIdentifiedError(Reason.TOKEN)
        check_signature(signature, request, key, key if signature.token == key else None)
        return root(key, get_partition(signature.region))

    def uploader(self, upload: Upload, now: float) -> Principal:
        """Return who signed a form, as ``identify`` does.

        Raises ``PolicyBrokenError`` when the form does not keep to its policy.
        """
        return self._owner(
            upload.access_key,
            upload.region,
            lambda session: check_upload(upload, session.secret, session.token, now),
        )

    def _owner(self, access_key: str, region: str, check: Callable[[Session], None]) -> Principal:
        partition = get_partition(region)
        session = self._session(access_key, partition)
        if session is None:
            return root(access_key, partition)
        if not session.is_active:
            raise NotIdentifiedError(Reason.TOKEN)
        check(session)
        if session.expires is not None and session.expires < self._clock():
            raise NotIdentifiedError(Reason.EXPIRED_TOKEN)
        return owner_of(session, partition)

    def is_known(self, access_key: str, region: str) -> bool:
        """Whether the cloud gave that access key out."""
        return self.session(access_key, region) is not None

    def session(self, access_key: str, region: str) -> Session | None:
        """Return whose access key it is with its secret, None when the cloud gave none out."""
        return self._session(access_key, get_partition(region))

    def who(self, access_key: str, region: str) -> Principal:
        """Return whose access key it is, the root's when nobody gave it out."""
        partition = get_partition(region)
        session = self._session(access_key, partition)
        return root(access_key, partition) if session is None else owner_of(session, partition)

    def decide(
        self, principal: Principal, action: str, resource: str, context: Values | None = None
    ) -> Verdict:
        """Return whether all policies together let the principal do that.

        ``context`` has condition keys beside those that the principal has. A resource of which
        only a part is known has wildcards for the rest: then it is enough if some resource that
        fits may be used.
        """
        if principal.kind == "root":
            return _ROOT_MAY
        known = conditions.of_principal(principal, self._clock())
        asked = Context({**known, **(context or {})})
        of_resource, resource_decides = resource_policies(action, resource)
        policies = Policies(
            identity=identity_policies(principal),
            boundary=boundary(principal),
            session=session_policies(principal),
            resource=of_resource,
            resource_decides=resource_decides,
        )
        first = evaluate(Question(action, resource, principal.caller, asked), policies)
        if first.is_allowed or resource == "*" or not ("*" in resource or "?" in resource):
            return first
        verdicts = (
            evaluate(Question(action, named, principal.caller, asked), policies)
            for policy in policies.identity
            for named in policy.resources()
            if overlaps(resource, named)
        )
        return next((verdict for verdict in verdicts if verdict.is_allowed), first)

    def allows(self, role_arn: str, action: str, resource: str) -> Decision:
        """Return whether a role may do what AWS does in its name: read a queue for a function."""
        return self.decide(role_itself(role_arn), action, resource).decision

    def _session(self, access_key: str, partition: str) -> Session | None:
        return self._keys.find(access_key) or find_session(access_key, partition)


@dataclass(frozen=True, slots=True)
class _Caller(port.Principal):
    """Who signed a request to the gateway, and the code that made it."""

    stack: Sequence[Frame]


class GatewaySignatures:
    """The authority as the gateway asks it. What functions ask the gateway for is recorded.

    With ``takes_strangers`` those are the root whose key the cloud did not give out, as in all
    calls of AWS, of which ``@connections`` is one.
    """

    def __init__(
        self,
        authority: Authority,
        records: Records,
        clock: Callable[[], float] = time.time,
        *,
        takes_strangers: bool = False,
    ) -> None:
        self._authority = authority
        self._records = records
        self._clock = clock
        self._takes_strangers = takes_strangers

    async def verify(self, request: SignedRequest, service: str, region: str) -> port.Principal:
        """Return who signed the request for that service and region.

        Raises ``SignatureRefusedError``.
        """
        signature = require_scope(read_signature(request), service, region)
        try:
            if self._takes_strangers:
                principal = self._authority.owner(signature, request)
            else:
                principal = self._authority.proven_owner(signature, request)
        except NotIdentifiedError as error:
            hint = _HINT if error.reason is Reason.TOKEN else ""
            LOGGER.warning("a request of %s is refused: %s%s", signature.access_key, error, hint)
            raise refusal(error) from None
        return _Caller(
            principal.account,
            principal.arn,
            principal.user_id,
            principal.access_key,
            stack_of(request.headers),
        )

    async def decide(
        self, principal: port.Principal, action: str, resource: str, context: Mapping[str, str]
    ) -> Decision:
        """Return what the principal's policies say."""
        region = resource.split(":")[3] if resource.count(":") >= 5 else ""
        who = self._authority.who(principal.access_key, region)
        verdict = self._authority.decide(who, action, resource, context)
        if who.function is not None:
            service, _, operation = action.partition(":")
            made = record(
                now=self._clock(),
                principal=who,
                service=service,
                operation=operation,
                region=region,
                actions=[RecordedAction(action, resource, verdict.is_allowed)],
                enforced=self._authority.enforced,
                stack=principal.stack if isinstance(principal, _Caller) else (),
            )
            self._records.add(made)
        return verdict.decision if self._authority.enforced else Decision.ALLOWED
