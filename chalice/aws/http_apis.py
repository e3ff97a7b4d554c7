"""HTTP APIs: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html"""

from __future__ import annotations

import json
from collections.abc import Collection

from chalice.aws.calls import doing
from chalice.aws.session import Session
from chalice.aws.v2_apis import V2Apis
from chalice.model.apis import HttpApi
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Outputs


class HttpApis:
    """HTTP APIs with one stage, imported from their document."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._apis = V2Apis(session, "HTTP", "HTTP API")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the API that carries the stage's tag."""
        api_id = self._apis.find(identity["stage_key"])
        return None if api_id is None else self._outputs(api_id, identity["stage_name"])

    def read(self, record: Record) -> Found | None:
        """Return the API as its stage serves it; ``document`` is the digest of the document."""
        api_id, stage_name = record.outputs["http_api_id"], record.outputs["http_api_stage"]
        found = self._apis.describe(api_id, stage_name)
        if found is None:
            return None
        api = HttpApi(
            name=record.name,
            title=found.title,
            stage_key=found.tag,
            document=found.served,
            stage_name=stage_name if found.has_stage else "",
        )
        return Found(api, self._outputs(api_id, stage_name), ours=bool(found.tag))

    def create(self, api: HttpApi) -> Outputs:
        """Create the API with its tag, import the document, deploy the stage."""
        api_id = self._apis.create(api.title, api.stage_key)
        self._import(api, api_id)
        return self._outputs(api_id, api.stage_name)

    def update(self, api: HttpApi, record: Record, fields: Collection[str]) -> Outputs:
        """Import the document if it changed, and deploy it."""
        api_id, old_stage = record.outputs["http_api_id"], record.outputs["http_api_stage"]
        if "stage_key" in fields:
            self._apis.tag(api_id, api.stage_key)
        if set(fields) - {"stage_key"}:
            self._import(api, api_id)
        if old_stage != api.stage_name:
            self._apis.delete_stage(api_id, old_stage)
        return self._outputs(api_id, api.stage_name)

    def delete(self, record: Record) -> None:
        """Delete the API and all its stages."""
        self._apis.delete(record.outputs["http_api_id"])

    def _import(self, api: HttpApi, api_id: str) -> None:
        with doing(f"importing the API document of HTTP API {api_id}"):
            body = json.dumps(api.document, indent=2)
            self._apis.client.reimport_api(ApiId=api_id, Body=body)
        self._apis.deploy(api_id, api.stage_name, api.document)

    def _outputs(self, api_id: str, stage_name: str) -> Outputs:
        return {
            "http_api_id": api_id,
            "http_api_stage": stage_name,
            "http_api_url": self._session.http_api_url(api_id, stage_name),
        }
