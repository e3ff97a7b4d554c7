"""What WebSocket APIs and HTTP APIs have in common: version 2 of API Gateway's API.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from chalice.aws.calls import doing, once_admitted, or_none
from chalice.aws.session import Session
from chalice.aws.stage_tags import TAG, description_of, digest_in
from chalice.model.values import Document

T = TypeVar("T")


@dataclass(frozen=True)
class Described:
    """An API as it stands; ``served`` is the digest of what its stage serves."""

    title: str
    tag: str
    served: str
    has_stage: bool


class V2Apis:
    """The APIs of one protocol. ``noun`` is what people call one: ``HTTP API``."""

    def __init__(self, session: Session, protocol: Literal["HTTP", "WEBSOCKET"], noun: str) -> None:
        self._session = session
        self._protocol = protocol
        self.noun = noun

    @property
    def client(self) -> Any:
        """The client of the service."""
        return self._session.client("apigatewayv2")

    def find(self, stage_key: str) -> str | None:
        """Return the id of the API that carries the stage's tag."""
        with doing(f"looking for the {self.noun}"):
            for api in self.all("get_apis"):
                is_ours = api.get("Tags", {}).get(TAG) == stage_key
                if is_ours and api["ProtocolType"] == self._protocol:
                    return str(api["ApiId"])
        return None

    def describe(self, api_id: str, stage_name: str) -> Described | None:
        """Return the API and what that stage serves; None if there is no such API."""
        client = self.client
        with doing(f"reading {self.noun} {api_id}"):
            api = or_none(lambda: client.get_api(ApiId=api_id))
            if api is None:
                return None
            stage = or_none(lambda: client.get_stage(ApiId=api_id, StageName=stage_name)) or {}
            id_ = stage.get("DeploymentId")
            deployment = (
                or_none(lambda: client.get_deployment(ApiId=api_id, DeploymentId=id_))
                if id_
                else None
            ) or {}
        return Described(
            title=api["Name"],
            tag=api.get("Tags", {}).get(TAG, ""),
            served=digest_in(deployment.get("Description", "")),
            has_stage=bool(stage),
        )

    def create(self, title: str, stage_key: str, **settings: object) -> str:
        """Create an API with the stage's tag, and return its id."""
        with doing(f"creating {self.noun} {title}"):
            made = self._admitted(
                lambda: self.client.create_api(
                    Name=title, ProtocolType=self._protocol, Tags={TAG: stage_key}, **settings
                )
            )
        return str(made["ApiId"])

    def rename(self, api_id: str, title: str) -> None:
        """Change the API's name."""
        with doing(f"renaming {self.noun} {api_id}"):
            self.client.update_api(ApiId=api_id, Name=title)

    def tag(self, api_id: str, stage_key: str) -> None:
        """Change which stage the API belongs to."""
        place = self._session.place()
        arn = f"arn:{place.partition}:apigateway:{place.region}::/apis/{api_id}"
        with doing(f"tagging {self.noun} {api_id}"):
            self.client.tag_resource(ResourceArn=arn, Tags={TAG: stage_key})

    def deploy(self, api_id: str, stage_name: str, served: Document) -> None:
        """Make the stage serve the API as it is now, which is ``served``."""
        with doing(f"deploying stage {stage_name} of {self.noun} {api_id}"):
            deployment = self.client.create_deployment(
                ApiId=api_id, Description=description_of(served)
            )["DeploymentId"]
            stage = {"ApiId": api_id, "StageName": stage_name, "DeploymentId": deployment}
            if or_none(lambda: self.client.update_stage(**stage)) is None:
                self.client.create_stage(**stage)

    def delete_stage(self, api_id: str, stage_name: str) -> None:
        """Delete a stage that was replaced by another."""
        with doing(f"deleting stage {stage_name} of {self.noun} {api_id}"):
            or_none(lambda: self.client.delete_stage(ApiId=api_id, StageName=stage_name))

    def delete(self, api_id: str) -> None:
        """Delete the API and all its stages."""
        with doing(f"deleting {self.noun} {api_id}"):
            self._admitted(lambda: or_none(lambda: self.client.delete_api(ApiId=api_id)))

    def all(self, operation: str, **given: str) -> list[Mapping[str, Any]]:
        """Return the items of every page that ``operation`` answers."""
        pages = self.client.get_paginator(operation).paginate(**given)
        return [item for page in pages for item in page["Items"]]

    def _admitted(self, call: Callable[[], T]) -> T:
        return once_admitted(call, self._session.pause)
