"""A REST API that is served: its document compiled, and what its authorizers said."""

from __future__ import annotations

from collections.abc import Callable

from chalice.gateway.api import Api
from chalice.gateway.authorizers import Authorizations
from chalice.gateway.deployment import Deployment
from chalice.gateway.invocations import Invocations
from chalice.gateway.resource_policy import POLICY, ResourcePolicy


class ServedApi:
    """A deployment compiled. It lives as long as the deployment does.

    ``policy`` is None for an API without one, and for one whose policy is none, as ``fault`` says.
    ``is_open``: neither a policy nor a private endpoint keeps anybody out.
    """

    def __init__(
        self, deployment: Deployment, invocations: Invocations, clock: Callable[[], float]
    ) -> None:
        self.api = Api(deployment)
        self.authorizations = Authorizations(invocations, clock)
        self.policy: ResourcePolicy | None = None
        self.fault: str | None = None
        self.is_private = deployment.private_endpoint is not None
        if deployment.document.get(POLICY):
            try:
                self.policy = ResourcePolicy(deployment)
            except ValueError as error:
                self.fault = str(error)
        self.is_open = not self.is_private and not deployment.document.get(POLICY)
