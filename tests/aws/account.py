"""An account in the embedded cloud to deploy resources to, which tells of every write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalice.aws.cloud import AwsCloud
from chalice.aws.session import Session
from chalice.cloud import CloudStatus
from chalice.model.resources import Resource
from chalice.model.state import State
from chalice.model.values import Outputs
from chalice.plan.executor import Executor
from chalice.plan.journal import Journal
from chalice.plan.observer import observe
from chalice.plan.planner import plan
from tests.cloud.aws import client
from tests.e2e.proxy import StrikingProxy


class Account:
    """Plans and deploys as the command does, with the state in memory."""

    def __init__(self, cloud: CloudStatus, proxy: StrikingProxy, session: Session) -> None:
        self.state = State()
        self._cloud = cloud
        self._proxy = proxy
        self._session = session

    def save(self, state: State) -> None:
        """Keep the state, as a file would."""
        self.state = state

    def deploy(self, *desired: Resource) -> list[str]:
        """Make it so, insist that it is so then, and return the writes that it took."""
        self._proxy.take_writes()
        self._run(desired)
        written = self._proxy.take_writes()
        self._run(desired)
        again = self._proxy.take_writes()
        assert again == [], again
        return written

    def client(self, service: str) -> Any:
        """Return a client that nobody listens to."""
        return client(self._cloud, service)

    def outputs(self, name: str) -> Outputs:
        """Return what is recorded of a resource."""
        return self.state.records[name].outputs

    def _run(self, desired: Sequence[Resource]) -> None:
        cloud, place = AwsCloud(self._session), self._session.place()
        seen = observe(cloud, desired, self.state, place)
        decided = plan(desired, seen.recorded, seen.retired, seen.actual, place)
        settled = State(records=seen.recorded, retired=tuple(seen.retired))
        self.save(settled)
        Executor(cloud, Journal(settled, self), place, lambda _: None).run(decided)


def without_dates(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return a function's configuration without what every write changes."""
    changing = {"LastModified", "RevisionId", "ResponseMetadata"}
    return {key: value for key, value in configuration.items() if key not in changing}
