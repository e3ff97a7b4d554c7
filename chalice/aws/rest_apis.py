"""REST APIs: https://docs.aws.amazon.com/apigateway/latest/api/"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from chalice.aws.calls import doing, once_admitted, or_none
from chalice.aws.session import Session
from chalice.aws.stage_tags import TAG, description_of, digest_in
from chalice.model.apis import RestApi
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Outputs

T = TypeVar("T")


class RestApis:
    """REST APIs with one stage, imported from their document."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _apigateway(self) -> Any:
        return self._session.client("apigateway")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the API that carries the stage's tag."""
        with doing("looking for the Rest API"):
            pages = self._apigateway.get_paginator("get_rest_apis")
            for page in pages.paginate(PaginationConfig={"PageSize": 500}):
                for api in page["items"]:
                    if api.get("tags", {}).get(TAG) == identity["stage_key"]:
                        return self._outputs(api["id"], identity["stage_name"])
        return None

    def read(self, record: Record) -> Found | None:
        """Return the API as its stage serves it; ``document`` is the digest of the document."""
        api_id = record.outputs["rest_api_id"]
        stage_name = _stage_name(record)
        client = self._apigateway
        with doing(f"reading Rest API {api_id}"):
            api = or_none(lambda: client.get_rest_api(restApiId=api_id))
            if api is None:
                return None
            stage = or_none(lambda: client.get_stage(restApiId=api_id, stageName=stage_name))
            description = ""
            if stage is not None:
                deployment = client.get_deployment(
                    restApiId=api_id, deploymentId=stage["deploymentId"]
                )
                description = deployment.get("description", "")
        tag = api.get("tags", {}).get(TAG, "")
        found = RestApi(
            name=record.name,
            title=api["name"],
            stage_key=tag,
            document=digest_in(description),
            stage_name="" if stage is None else stage_name,
            endpoint_type=api.get("endpointConfiguration", {}).get("types", ["EDGE"])[0],
            minimum_compression_size=api.get("minimumCompressionSize"),
            tracing=False if stage is None else stage.get("tracingEnabled", False),
        )
        return Found(found, self._outputs(api_id, stage_name), ours=bool(tag))

    def create(self, api: RestApi) -> Outputs:
        """Create the API with its tag, import the document, deploy the stage."""
        with doing(f"creating Rest API {api.title}"):
            made = self._admitted(
                lambda: self._apigateway.create_rest_api(
                    name=api.title,
                    endpointConfiguration={"types": [api.endpoint_type]},
                    tags={TAG: api.stage_key},
                )
            )
        api_id: str = made["id"]
        self._import(api, api_id)
        if api.minimum_compression_size is not None:
            self._patch(api_id, [_compression(api)])
        self._deploy(api, api_id)
        return self._outputs(api_id, api.stage_name)

    def update(self, api: RestApi, record: Record, fields: Collection[str]) -> Outputs:
        """Import the document if it changed, patch the settings that changed, deploy."""
        api_id = record.outputs["rest_api_id"]
        changed = set(fields)
        if "stage_key" in changed:
            self._tag(api, api_id)
        if changed & {"document", "title"}:
            self._import(api, api_id)
        operations = []
        if changed & {"document", "title", "minimum_compression_size"}:
            operations.append(_compression(api))
        if "endpoint_type" in changed:
            operations.append(self._endpoint_type(api, api_id))
        if operations:
            self._patch(api_id, operations)
        if changed - {"stage_key"}:
            self._deploy(api, api_id)
        old_stage = _stage_name(record)
        if old_stage != api.stage_name:
            with doing(f"deleting stage {old_stage} of Rest API {api_id}"):
                or_none(
                    lambda: self._apigateway.delete_stage(restApiId=api_id, stageName=old_stage)
                )
        return self._outputs(api_id, api.stage_name)

    def delete(self, record: Record) -> None:
        """Delete the API and all its stages."""
        api_id = record.outputs["rest_api_id"]
        with doing(f"deleting Rest API {api_id}"):
            self._admitted(
                lambda: or_none(lambda: self._apigateway.delete_rest_api(restApiId=api_id))
            )

    def _import(self, api: RestApi, api_id: str) -> None:
        with doing(f"importing the API document of Rest API {api_id}"):
            body = json.dumps(api.document, indent=2)
            self._admitted(
                lambda: self._apigateway.put_rest_api(restApiId=api_id, mode="overwrite", body=body)
            )

    def _deploy(self, api: RestApi, api_id: str) -> None:
        with doing(f"deploying stage {api.stage_name} of Rest API {api_id}"):
            self._admitted(
                lambda: self._apigateway.create_deployment(
                    restApiId=api_id,
                    stageName=api.stage_name,
                    description=description_of(api.document),
                    tracingEnabled=api.tracing,
                )
            )

    def _admitted(self, call: Callable[[], T]) -> T:
        return once_admitted(call, self._session.pause)

    def _patch(self, api_id: str, operations: list[dict[str, str]]) -> None:
        with doing(f"updating Rest API {api_id}"):
            self._apigateway.update_rest_api(restApiId=api_id, patchOperations=operations)

    def _endpoint_type(self, api: RestApi, api_id: str) -> dict[str, str]:
        with doing(f"reading Rest API {api_id}"):
            current = self._apigateway.get_rest_api(restApiId=api_id)
        kind = current["endpointConfiguration"]["types"][0]
        path = f"/endpointConfiguration/types/{kind}"
        return {"op": "replace", "path": path, "value": api.endpoint_type}

    def _tag(self, api: RestApi, api_id: str) -> None:
        place = self._session.place()
        arn = f"arn:{place.partition}:apigateway:{place.region}::/restapis/{api_id}"
        with doing(f"tagging Rest API {api_id}"):
            self._apigateway.tag_resource(resourceArn=arn, tags={TAG: api.stage_key})

    def _outputs(self, api_id: str, stage_name: str) -> Outputs:
        return {
            "rest_api_id": api_id,
            "rest_api_url": self._session.rest_api_url(api_id, stage_name),
        }


def _stage_name(record: Record) -> str:
    return record.outputs["rest_api_url"].rstrip("/").rpartition("/")[2]


def _compression(api: RestApi) -> dict[str, str]:
    size = api.minimum_compression_size
    value = "" if size is None else str(size)
    return {"op": "replace", "path": "/minimumCompressionSize", "value": value}
