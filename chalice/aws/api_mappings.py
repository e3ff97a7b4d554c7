"""Which stage of which API a custom domain serves, and below which path.

https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html

REST APIs are mapped by version 1 of API Gateway's API, the others by version 2.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from botocore.exceptions import ClientError

from chalice.aws.calls import code_of, doing, or_none
from chalice.aws.session import Session
from chalice.model.apis import ApiMapping
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Outputs

_ROOT = "(none)"
"""What version 1 calls the root of the domain."""


class ApiMappings:
    """Mappings, found by their domain and path."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _v1(self) -> Any:
        return self._session.client("apigateway")

    @property
    def _v2(self) -> Any:
        return self._session.client("apigatewayv2")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of what is mapped there."""
        domain, key = identity["domain_name"], identity["key"]
        for is_rest in (True, False):
            if self._get(domain, key, is_rest=is_rest) is not None:
                return _outputs(domain, key, is_rest=is_rest)
        return None

    def read(self, record: Record) -> Found | None:
        """Return the mapping as it stands."""
        outputs = record.outputs
        is_rest = outputs["protocol"] == "REST"
        found = self._get(outputs["domain_name"], outputs["key"], is_rest=is_rest)
        if found is None:
            return None
        mapping = ApiMapping(
            name=record.name,
            domain_name=outputs["domain_name"],
            key=outputs["key"],
            is_rest=is_rest,
            api_id=found["restApiId"] if is_rest else found["ApiId"],
            stage_name=found.get("stage", "") if is_rest else found["Stage"],
        )
        return Found(mapping, outputs)

    def create(self, mapping: ApiMapping) -> Outputs:
        """Map the path; one that leads elsewhere leads to the stage from now on."""
        domain, key = str(mapping.domain_name), mapping.key
        with doing(f"creating api mapping /{key} of {domain}"):
            try:
                if mapping.is_rest:
                    self._v1.create_base_path_mapping(
                        domainName=domain,
                        basePath=key or _ROOT,
                        restApiId=mapping.api_id,
                        stage=mapping.stage_name,
                    )
                else:
                    self._v2.create_api_mapping(
                        DomainName=domain,
                        ApiMappingKey=key,
                        ApiId=mapping.api_id,
                        Stage=mapping.stage_name,
                    )
            except ClientError as error:
                if code_of(error) != "ConflictException":
                    raise
                self._redirect(mapping)
        return _outputs(domain, key, is_rest=mapping.is_rest)

    def update(self, mapping: ApiMapping, record: Record, fields: Collection[str]) -> Outputs:
        """Make the path lead to another stage or API."""
        with doing(f"updating api mapping /{mapping.key} of {mapping.domain_name}"):
            self._redirect(mapping)
        return record.outputs

    def delete(self, record: Record) -> None:
        """Unmap the path; the domain may be gone."""
        domain, key = record.outputs["domain_name"], record.outputs["key"]
        with doing(f"deleting api mapping /{key} of {domain}"):
            if record.outputs["protocol"] == "REST":
                or_none(
                    lambda: self._v1.delete_base_path_mapping(
                        domainName=domain, basePath=key or _ROOT
                    )
                )
                return
            found = self._get(domain, key, is_rest=False)
            if found is not None:
                id_ = found["ApiMappingId"]
                or_none(lambda: self._v2.delete_api_mapping(DomainName=domain, ApiMappingId=id_))

    def _redirect(self, mapping: ApiMapping) -> None:
        domain, key = str(mapping.domain_name), mapping.key
        if mapping.is_rest:
            self._v1.update_base_path_mapping(
                domainName=domain,
                basePath=key or _ROOT,
                patchOperations=[
                    {"op": "replace", "path": "/restapiId", "value": mapping.api_id},
                    {"op": "replace", "path": "/stage", "value": mapping.stage_name},
                ],
            )
            return
        found = self._get(domain, key, is_rest=False) or {}
        self._v2.update_api_mapping(
            DomainName=domain,
            ApiMappingId=found.get("ApiMappingId", ""),
            ApiId=mapping.api_id,
            Stage=mapping.stage_name,
        )

    def _get(self, domain: str, key: str, *, is_rest: bool) -> Mapping[str, Any] | None:
        with doing(f"reading api mapping /{key} of {domain}"):
            if is_rest:
                return or_none(
                    lambda: self._v1.get_base_path_mapping(domainName=domain, basePath=key or _ROOT)
                )
            items = or_none(lambda: self._mappings(domain)) or []
            return next((item for item in items if item.get("ApiMappingKey", "") == key), None)

    def _mappings(self, domain: str) -> list[Mapping[str, Any]]:
        items: list[Mapping[str, Any]] = []
        token: dict[str, str] = {}
        while True:
            page = self._v2.get_api_mappings(DomainName=domain, **token)
            items += page["Items"]
            if not page.get("NextToken"):
                return items
            token = {"NextToken": page["NextToken"]}


def _outputs(domain: str, key: str, *, is_rest: bool) -> Outputs:
    return {"domain_name": domain, "key": key, "protocol": "REST" if is_rest else "V2"}
