"""The embedded cloud that may run beside this server, as one who knows callers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from chalice.gateway.signatures import Principal, SignatureRefusedError, SignedRequest
from chalice.iam.evaluation import Decision

Endpoint: TypeAlias = Callable[[], "str | None"]
"""Tells where the cloud takes AWS calls, None while it does not run."""

_PATIENCE = 2  # seconds


class NoCloudError(Exception):
    """The cloud does not run, or does not answer."""


class RunningCloud:
    """Asks the cloud at ``endpoint()``. All calls wait for its answer."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def find_pool_keys(self, issuer: str) -> Mapping[str, Any]:
        """Return the public keys of a user pool. Raises NoCloudError when it is not there."""
        found = self._ask(f"/{issuer.rpartition('/')[2]}/.well-known/jwks.json", None)
        if not isinstance(found.get("keys"), list):
            raise NoCloudError("the embedded cloud has no such user pool")
        return found

    def verify(self, request: SignedRequest, service: str, region: str) -> Principal:
        """Return who signed a request. Raises SignatureRefusedError or NoCloudError."""
        found = self._ask(
            "/_chalice/signatures",
            {
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "headers": list(request.headers),
                "body": base64.b64encode(request.body).decode("ascii"),
                "now": request.now,
                "service": service,
                "region": region,
            },
        )
        refused = found.get("refused")
        if refused is not None:
            raise SignatureRefusedError(str(refused["type"]), str(refused["message"]))
        return Principal(**found["principal"])

    def decide(
        self, principal: Principal, action: str, resource: str, context: Mapping[str, str]
    ) -> Decision:
        """Return what the policies of a principal say. Raises NoCloudError."""
        who = {
            "account": principal.account,
            "arn": principal.arn,
            "user_id": principal.user_id,
            "access_key": principal.access_key,
        }
        asked = {"principal": who, "action": action, "resource": resource, "context": context}
        return Decision[str(self._ask("/_chalice/decisions", asked)["decision"])]

    def _ask(self, path: str, content: Mapping[str, object] | None) -> dict[str, Any]:
        endpoint = self._endpoint()
        if endpoint is None:
            raise NoCloudError("the embedded cloud does not run (`chalice cloud start`)")
        from urllib.request import ProxyHandler, build_opener  # noqa: PLC0415  # slow to import

        data = None if content is None else json.dumps(content).encode()
        opener = build_opener(ProxyHandler({}))  # the cloud is here, and no proxy leads there
        try:
            with opener.open(f"{endpoint}{path}", data, _PATIENCE) as answer:
                found: dict[str, Any] = json.load(answer)
        except (OSError, ValueError) as error:
            raise NoCloudError(f"the embedded cloud says {error}") from error
        return found
