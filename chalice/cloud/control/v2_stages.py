"""Deployments and stages of the APIs that apigatewayv2 makes: HTTP and WebSocket.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-deployments.html
"""

from __future__ import annotations

import copy
import json
import string
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moto.apigatewayv2.exceptions import APIGatewayV2Error, BadRequestException
from moto.apigatewayv2.models import Api, Stage
from moto.core.utils import iso_8601_datetime_without_milliseconds
from moto.moto_api._internal import mock_random

_AUTOMATIC = "Automatic deployment triggered by changes to the Api configuration"
_STAGE_NAME = frozenset(string.ascii_letters + string.digits + "_-")
_SETTINGS = {
    "accessLogSettings": "access_log_settings",
    "autoDeploy": "auto_deploy",
    "clientCertificateId": "client_certificate_id",
    "defaultRouteSettings": "default_route_settings",
    "description": "description",
    "routeSettings": "route_settings",
    "stageVariables": "stage_variables",
}


class DeploymentNotFoundError(APIGatewayV2Error):
    """The API has no such deployment."""

    code = 404

    def __init__(self, deployment_id: str) -> None:
        super().__init__(
            "NotFoundException", f"Invalid Deployment identifier specified {deployment_id}"
        )


class ConflictError(APIGatewayV2Error):
    """What is to be made exists."""

    code = 409

    def __init__(self, message: str) -> None:
        super().__init__("ConflictException", message)


class V2Deployment:
    """An API as it was when it was deployed.

    ``routes`` are in the order they were made in, ``integrations`` and ``authorizers`` by id, all
    in the shape in which AWS shows them; ``settings`` is the API itself in that shape.
    """

    def __init__(self, api: V2Api, description: str | None, *, automatic: bool) -> None:
        self.id = new_id()
        self.description = description
        self.automatic = automatic
        self.created = datetime.now()
        self.routes: list[Mapping[str, Any]] = []
        for route in api.routes.values():
            responses = [each.to_json() for each in route.route_responses.values()]
            self.routes.append(copy.deepcopy({**route.to_json(), "routeResponses": responses}))
        self.integrations: Mapping[str, Mapping[str, Any]] = {
            key: copy.deepcopy(each.to_json()) for key, each in api.integrations.items()
        }
        self.authorizers: Mapping[str, Mapping[str, Any]] = {
            key: copy.deepcopy(each.to_json()) for key, each in api.authorizers.items()
        }
        self.settings: Mapping[str, Any] = copy.deepcopy(api.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return it as AWS shows it."""
        shown = {
            "autoDeployed": self.automatic,
            "createdDate": iso_8601_datetime_without_milliseconds(self.created),
            "deploymentId": self.id,
            "deploymentStatus": "DEPLOYED",
            "description": self.description,
        }
        return {name: value for name, value in shown.items() if value is not None}


class V2Stage(Stage):
    """A stage; ``deployment_id`` is what it serves, None for nothing yet."""

    def __init__(self, api: V2Api, config: dict[str, Any]) -> None:
        super().__init__(api, config)
        self.config = {}
        self.deployment_id: str | None = config.get("deploymentId")
        self.message: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as AWS shows it."""
        shown = super().to_json()
        if self.deployment_id is not None:
            shown["deploymentId"] = self.deployment_id
        if self.message is not None:
            shown["lastDeploymentStatusMessage"] = self.message
        return shown


class V2Api(Api):
    """An API whose stages serve deployments."""

    def __init__(self, **settings: Any) -> None:
        self.deployments: dict[str, V2Deployment] = {}
        super().__init__(**settings)
        self.stages: dict[str, V2Stage] = {}  # type: ignore[assignment]
        if self.protocol_type == "WEBSOCKET":
            self.api_endpoint = self.api_endpoint.replace("https:", "wss:")

    def to_json(self) -> dict[str, Any]:
        """Return it as AWS shows it; the endpoint of an HTTP API is one that works here."""
        shown = super().to_json()
        gateway_url: str = self.backend.gateway_url  # type: ignore[attr-defined]  # of ours
        if self.protocol_type == "HTTP" and gateway_url:
            shown["apiEndpoint"] = f"{gateway_url}/{self.api_id}"
        return shown

    def create_deployment(self, stage_name: str | None, description: str | None) -> V2Deployment:
        """Deploy the API as it is now, to a stage that exists or to none."""
        stage = self.get_stage(stage_name) if stage_name else None
        if not self.routes:
            raise BadRequestException("At least one route is required before deploying the Api.")
        deployment = V2Deployment(self, description, automatic=False)
        self.deployments[deployment.id] = deployment
        if stage is not None:
            stage.deployment_id = deployment.id
            stage.updated = datetime.now()
        return deployment

    def deploy_automatically(self) -> None:
        """Deploy to the stages that want every change. An older such deployment goes."""
        stages = [stage for stage in self.stages.values() if stage.auto_deploy]
        if not stages or not self.routes:
            return
        deployment = V2Deployment(self, _AUTOMATIC, automatic=True)
        self.deployments[deployment.id] = deployment
        for stage in stages:
            stage.deployment_id = deployment.id
            stage.message = f"Successfully deployed stage with deployment ID '{deployment.id}'"
        served = {stage.deployment_id for stage in self.stages.values()}
        self.deployments = {
            key: each
            for key, each in self.deployments.items()
            if not each.automatic or key in served
        }

    def get_deployment(self, deployment_id: str) -> V2Deployment:
        """Return the deployment. Raises ``DeploymentNotFoundError``."""
        if deployment_id not in self.deployments:
            raise DeploymentNotFoundError(deployment_id)
        return self.deployments[deployment_id]

    def delete_deployment(self, deployment_id: str) -> None:
        """Delete a deployment that no stage serves."""
        self.get_deployment(deployment_id)
        if any(stage.deployment_id == deployment_id for stage in self.stages.values()):
            raise BadRequestException(
                "Active stages pointing to this deployment must be moved or deleted"
            )
        del self.deployments[deployment_id]

    def create_stage(self, config: dict[str, Any]) -> V2Stage:
        """Make a stage."""
        name = config.get("stageName") or ""
        if name in self.stages:
            raise ConflictError("Stage already exists")
        default = name == "$default" and self.protocol_type == "HTTP"
        if not default and not (name and _STAGE_NAME.issuperset(name) and len(name) <= 128):
            raise BadRequestException(
                "Stage name only allows a-zA-Z0-9_- and must be 1 to 128 characters long"
            )
        if config.get("deploymentId"):
            self._may_serve(config["deploymentId"], automatic=bool(config.get("autoDeploy")))
        stage = V2Stage(self, config)
        self.stages[name] = stage
        if stage.auto_deploy:
            self.deploy_automatically()
        return stage

    def get_stage(self, stage_name: str) -> V2Stage:
        """Return the stage. Raises ``StageNotFound``."""
        super().get_stage(stage_name)
        return self.stages[stage_name]

    def update_stage(self, stage_name: str, config: Mapping[str, Any]) -> V2Stage:
        """Change what ``config`` names, and nothing else."""
        stage = self.get_stage(stage_name)
        if config.get("deploymentId"):
            automatic = config.get("autoDeploy", stage.auto_deploy)
            self._may_serve(config["deploymentId"], automatic=bool(automatic))
            stage.deployment_id = config["deploymentId"]
        for name, attribute in _SETTINGS.items():
            if config.get(name) is not None:
                setattr(stage, attribute, config[name])
        stage.updated = datetime.now()
        if config.get("autoDeploy"):
            self.deploy_automatically()
        return stage

    def delete_stage(self, stage_name: str) -> None:
        """Delete a stage. Raises ``StageNotFound``."""
        self.get_stage(stage_name)
        super().delete_stage(stage_name)

    def served(self, stage_name: str) -> tuple[V2Stage, V2Deployment] | None:
        """Return a stage and what it serves, None for no such stage or nothing deployed."""
        stage = self.stages.get(stage_name)
        if stage is None:
            return None
        deployment = self.deployments.get(stage.deployment_id or "")
        return None if deployment is None else (stage, deployment)

    def _may_serve(self, deployment_id: str, *, automatic: bool) -> None:
        self.get_deployment(deployment_id)
        if automatic:
            raise BadRequestException(
                "DeploymentId cannot be set on a stage that has AutoDeploy enabled"
            )


def new_id() -> str:
    """Return an id as API Gateway makes them: ``x1y2z3``."""
    return "".join(mock_random.choice(string.ascii_lowercase + string.digits) for _ in range(6))


def parse_settings(body: str | bytes) -> dict[str, Any]:
    """Return the JSON object in a request. Raises ``BadRequestException``."""
    try:
        settings = json.loads(body or "{}")
    except ValueError as error:
        raise BadRequestException(f"Invalid JSON: {error}") from None
    if not isinstance(settings, dict):
        raise BadRequestException("Invalid JSON: not an object")
    return settings
