"""REST APIs: documents, deployments that are snapshots, patch operations, AWS's errors.

In moto's apigateway a Swagger document is refused, a deployment remembers nothing and resets its
stage, a patch is applied by searching its path, an unknown id is a crash, and each method of each
deployment stays in a global table of mocks.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from moto.apigateway.exceptions import (
    BadRequestException,
    DeploymentNotFoundException,
    StageStillActive,
)
from moto.apigateway.models import (
    APIGatewayBackend,
    Authorizer,
    Deployment,
    RestAPI,
    Stage,
)
from moto.apigateway.utils import ApigwRestApiIdentifier

from chalice.cloud.control.api_descriptions import document_of, settle
from chalice.cloud.control.api_documents import (
    Document,
    apply_document,
    check_ttl,
    merge_documents,
)
from chalice.cloud.control.usage_plans import UsagePlans


class ServedDeployment(Deployment):
    """A deployment with the API document as it was then."""

    def __init__(self, deployment_id: str, name: str, description: str, document: Document) -> None:
        super().__init__(deployment_id, name, description)
        self.document = document


class ServedRestApi(RestAPI):
    """A REST API. ``document`` is what it was imported from, None for one built call by call."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.document: Document | None = None
        super().__init__(*args, **kwargs)

    def update_integration_mocks(self, stage_name: str) -> None:
        """Mock nothing: the gateway serves the API."""

    def to_dict(self) -> dict[str, Any]:
        """Describe the API; its policy as a string in which quotes are escaped, as AWS does."""
        described: dict[str, Any] = super().to_dict()
        if self.policy:
            described["policy"] = json.dumps(self.policy)[1:-1]
        return described

    def put_document(self, document: Document, *, overwrite: bool) -> None:
        """Take on ``document``: instead of all there is, or merged into it."""
        if overwrite:
            self.resources, self.authorizers, self.binaryMediaTypes = {}, {}, []
            self.default.resource_methods = {}
            self.resources[self.default.id] = self.default
            self.document = None
        elif self.resources:
            document = merge_documents(self.document or document_of(self), document)
        self.document = copy.deepcopy(document)
        apply_document(self, self.document)

    def create_deployment(
        self, name: str, description: str, stage_variables: Mapping[str, str] | None = None
    ) -> Deployment:
        """Deploy the API as it is now; a stage that exists keeps its settings."""
        stage: Stage | None = self.stages.pop(name, None)
        made = super().create_deployment(name, description, dict(stage_variables or {}))
        document = settle(self, self.document or document_of(self))
        deployment = ServedDeployment(  # type: ignore[abstract]  # of CloudFormation
            made.id, name, description, copy.deepcopy(document)
        )
        self.deployments[made.id] = deployment
        if stage is not None:
            stage.deployment_id = made.id
            stage.variables.update(stage_variables or {})
            self.stages[name] = stage
        return deployment

    def get_deployment(self, deployment_id: str) -> Deployment:
        """Return the deployment. Raises ``DeploymentNotFoundException``."""
        if deployment_id not in self.deployments:
            raise DeploymentNotFoundException
        return super().get_deployment(deployment_id)

    def delete_deployment(self, deployment_id: str) -> Deployment:
        """Delete a deployment that no stage serves."""
        self.get_deployment(deployment_id)
        if any(stage.deployment_id == deployment_id for stage in self.stages.values()):
            raise StageStillActive
        return self.deployments.pop(deployment_id)

    def apply_patch_operations(self, patch_operations: Sequence[Mapping[str, str]]) -> None:
        """Apply operations whose paths are JSON pointers."""
        for operation in patch_operations:
            parts = [
                part.replace("~1", "/").replace("~0", "~")
                for part in operation["path"].lstrip("/").split("/")
            ]
            self._patch(operation["op"], parts, operation.get("value", ""))

    def _patch(self, op: str, path: list[str], value: str) -> None:
        match (op, *path):
            case ("replace", "name"):
                self.name = value
            case ("replace" | "remove", "description"):
                self.description = value
            case ("replace" | "remove", "policy"):
                self.policy = value or None
            case ("replace", "apiKeySource") if value in ("HEADER", "AUTHORIZER"):
                self.api_key_source = value
            case ("replace", "disableExecuteApiEndpoint"):
                self.disableExecuteApiEndpoint = value.lower() == "true"
            case ("replace" | "remove", "minimumCompressionSize") if value.isdigit() or not value:
                self.minimum_compression_size = int(value) if value else None
            case ("replace" | "add", "endpointConfiguration", "types", *_) if value in _ENDPOINTS:
                self.endpoint_configuration["types"] = [value]
            case ("add", "endpointConfiguration", "vpcEndpointIds"):
                known = self.endpoint_configuration.get("vpcEndpointIds") or []
                self.endpoint_configuration["vpcEndpointIds"] = list(dict.fromkeys([*known, value]))
            case ("remove", "endpointConfiguration", "vpcEndpointIds"):
                known = self.endpoint_configuration.get("vpcEndpointIds") or []
                self.endpoint_configuration["vpcEndpointIds"] = [
                    each for each in known if each != value
                ]
            case ("add", "binaryMediaTypes", kind):
                self.binaryMediaTypes = list(dict.fromkeys([*self.binaryMediaTypes, kind]))
            case ("remove", "binaryMediaTypes", kind):
                self.binaryMediaTypes = [each for each in self.binaryMediaTypes if each != kind]
            case ("replace", "binaryMediaTypes", kind):
                self.binaryMediaTypes = [
                    value if each == kind else each for each in self.binaryMediaTypes
                ]
            case _:
                raise BadRequestException(
                    f"Invalid patch operation: {op} /{'/'.join(path)} with value {value!r}"
                )


class ServedApiBackend(UsagePlans, APIGatewayBackend):
    """The APIs of one region."""

    def create_rest_api(  # type: ignore[override]  # the settings are the model's to name
        self, name: str, description: str, **settings: Any
    ) -> ServedRestApi:
        """Make an API that has nothing but its root."""
        identifier = ApigwRestApiIdentifier(self.account_id, self.region_name, name)
        api_id = identifier.generate(tags=settings.get("tags"))
        api = ServedRestApi(  # type: ignore[abstract]  # of CloudFormation
            api_id, self.account_id, self.region_name, name, description, **settings
        )
        self.apis[api_id] = api
        return api

    def import_rest_api(
        self, api_doc: Document, fail_on_warnings: bool, endpoint_types: Sequence[str] = ()
    ) -> ServedRestApi:
        """Make an API from a document."""
        title = (api_doc.get("info") or {}).get("title")
        if not title:
            raise BadRequestException("Invalid OpenAPI input: `info.title` is missing")
        if set(endpoint_types) - _ENDPOINTS:
            raise BadRequestException(f"Invalid endpoint type: {', '.join(endpoint_types)}")
        configuration = {"types": list(endpoint_types)} if endpoint_types else None
        api = self.create_rest_api(title, "", endpoint_configuration=configuration)
        api.put_document(api_doc, overwrite=True)
        return api

    def put_rest_api(
        self, function_id: str, api_doc: Document, fail_on_warnings: bool, mode: str = "merge"
    ) -> RestAPI:
        """Replace what an API is, or merge a document into it."""
        if mode not in ("merge", "overwrite"):
            raise BadRequestException(f"Invalid mode: {mode}")
        api = self.get_rest_api(function_id)
        assert isinstance(api, ServedRestApi)
        api.put_document(api_doc, overwrite=mode == "overwrite")
        return api

    def delete_rest_api(self, function_id: str) -> RestAPI:
        """Delete an API with everything in it."""
        self.get_rest_api(function_id)
        return super().delete_rest_api(function_id)

    def create_stage(  # type: ignore[override]
        self,
        function_id: str,
        stage_name: str,
        deploymentId: str,  # noqa: N803  # moto's spelling
        **settings: Any,
    ) -> Stage:
        """Make a stage that serves a deployment."""
        self.get_rest_api(function_id).get_deployment(deploymentId)
        return super().create_stage(function_id, stage_name, deploymentId, **settings)

    def delete_resource(self, function_id: str, resource_id: str) -> Any:
        """Delete a resource. Raises ``ResourceIdNotFoundException``."""
        self.get_resource(function_id, resource_id)
        return super().delete_resource(function_id, resource_id)

    def create_authorizer(self, restapi_id: str, name: str, **settings: Any) -> Authorizer:  # type: ignore[override]
        """Make an authorizer whose answers hold for at most an hour."""
        check_ttl(settings.get("authorizer_result_ttl"))
        return super().create_authorizer(restapi_id, name, **settings)

    def delete_authorizer(self, restapi_id: str, authorizer_id: str) -> None:
        """Delete an authorizer. Raises ``AuthorizerNotFoundException``."""
        found: Authorizer = self.get_authorizer(restapi_id, authorizer_id)
        super().delete_authorizer(restapi_id, str(found.id))


_ENDPOINTS = frozenset({"EDGE", "REGIONAL", "PRIVATE"})
