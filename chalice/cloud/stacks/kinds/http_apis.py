"""API Gateway: HTTP APIs and WebSocket APIs.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from chalice.cloud.stacks.kinds.kind import (
    Kind,
    Made,
    Properties,
    Site,
    changed,
    difference,
    keep,
    mapped,
    pick,
    set_of,
    without,
)
from chalice.cloud.stacks.template import parse_text

SERVICE = "apigatewayv2"
_PART = "AWS::ApiGatewayV2::"


class Api(Kind):
    """``AWS::ApiGatewayV2::Api``."""

    type = f"{_PART}Api"
    takes = set_of(
        "ApiKeySelectionExpression BasePath Body CorsConfiguration CredentialsArn Description "
        "DisableExecuteApiEndpoint DisableSchemaValidation FailOnWarnings IpAddressType Name "
        "ProtocolType RouteKey RouteSelectionExpression Tags Target Version"
    )
    fixed = set_of("ProtocolType")
    tags = "map"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the API, from its document if it has one."""
        own = without(wanted, "BasePath", "Body", "FailOnWarnings", "Tags")
        if "Body" in wanted:
            values = {"Body": _body(wanted), **pick(wanted, ["BasePath", "FailOnWarnings"])}
            made = site.call(SERVICE, "import_api", values)
            later = without(own, "ProtocolType")
            if later:
                site.call(SERVICE, "update_api", {**later, "ApiId": made["ApiId"]})
            self._retag(site, made["ApiId"], {}, wanted)
        else:
            tags = {"Tags": mapped(wanted["Tags"])} if wanted.get("Tags") else {}
            made = site.call(SERVICE, "create_api", {**own, **tags})
        return _api(made)

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change what differs."""
        settled = ("ApiKeySelectionExpression", "CredentialsArn", "RouteKey", "Target", "Version")
        keep(before, wanted, "Body", "RouteSelectionExpression", *settled)
        api = {"ApiId": physical_id}
        if "Body" in wanted:
            values = {"Body": _body(wanted), **pick(wanted, ["BasePath", "FailOnWarnings"])}
            site.call(SERVICE, "reimport_api", {**values, **api})
        if "CorsConfiguration" in before and "CorsConfiguration" not in wanted:
            site.drop(SERVICE, "delete_cors_configuration", api)
        names = ("BasePath", "Body", "FailOnWarnings", "ProtocolType", "Tags")
        gone = {"Description": ""} if "Description" in before else {}
        site.call(SERVICE, "update_api", {**gone, **without(wanted, *names), **api})
        self._retag(site, physical_id, before, wanted)
        return _api(site.call(SERVICE, "get_api", api))

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the API."""
        site.call(SERVICE, "delete_api", {"ApiId": physical_id})

    def _retag(self, site: Site, api_id: str, before: Properties, wanted: Properties) -> None:
        _retag(site, f"apis/{api_id}", before, wanted)


def _body(wanted: Properties) -> str:
    body = wanted["Body"]
    return json.dumps(parse_text(body) if isinstance(body, str) else body)


def _api(answer: Mapping[str, Any]) -> Made:
    attributes = {"ApiId": answer["ApiId"], "ApiEndpoint": answer.get("ApiEndpoint", "")}
    return Made(answer["ApiId"], attributes)


def _retag(site: Site, path: str, before: Properties, wanted: Properties) -> None:
    arn = f"arn:{site.partition}:apigateway:{site.region}::/{path}"
    added, removed = difference(before, wanted)
    if removed:
        site.call(SERVICE, "untag_resource", {"ResourceArn": arn, "TagKeys": removed})
    if added:
        site.call(SERVICE, "tag_resource", {"ResourceArn": arn, "Tags": added})


class _Part(Kind):
    """A part of an API with calls of the common form: CreateRoute, UpdateRoute, DeleteRoute.

    ``noun`` is ``route``, ``key`` ``RouteId``. ``cleared`` are properties that an update sets to
    nothing once the template has them no more.
    """

    noun: ClassVar[str]
    key: ClassVar[str]
    cleared: ClassVar[Mapping[str, Any]] = {}
    needs = set_of("ApiId")
    fixed = set_of("ApiId")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make it."""
        made = site.call(SERVICE, f"create_{self.noun}", self._parameters(wanted))
        return Made(made[self.key], {self.key: made[self.key]})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change it."""
        gone = {name: value for name, value in self.cleared.items() if name in before}
        values = {**gone, **self._parameters(wanted), self.key: physical_id}
        site.call(SERVICE, f"update_{self.noun}", values)
        return Made(physical_id, {self.key: physical_id})

    def replaces(self, before: Properties, wanted: Properties) -> bool:
        """Whether it is made anew, as it also is to take away what an update cannot."""
        gone = set(before) - set(wanted) - set(self.cleared)
        return bool(gone) or super().replaces(before, wanted)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete it."""
        values = {"ApiId": held["ApiId"], self.key: physical_id}
        site.call(SERVICE, f"delete_{self.noun}", values)

    def _parameters(self, wanted: Properties) -> dict[str, Any]:
        return dict(wanted)


class Integration(_Part):
    """``AWS::ApiGatewayV2::Integration``."""

    type = f"{_PART}Integration"
    noun = "integration"
    key = "IntegrationId"
    takes = set_of(
        "ApiId ConnectionId ConnectionType ContentHandlingStrategy CredentialsArn Description "
        "IntegrationMethod IntegrationSubtype IntegrationType IntegrationUri PassthroughBehavior "
        "PayloadFormatVersion RequestParameters RequestTemplates ResponseParameters "
        "TemplateSelectionExpression TimeoutInMillis TlsConfig"
    )
    needs = set_of("ApiId IntegrationType")
    fixed = set_of("ApiId IntegrationType")


class Route(_Part):
    """``AWS::ApiGatewayV2::Route``."""

    type = f"{_PART}Route"
    noun = "route"
    key = "RouteId"
    takes = set_of(
        "ApiId ApiKeyRequired AuthorizationScopes AuthorizationType AuthorizerId "
        "ModelSelectionExpression OperationName RequestModels RequestParameters RouteKey "
        "RouteResponseSelectionExpression Target"
    )
    needs = set_of("ApiId RouteKey")
    cleared: ClassVar[Mapping[str, Any]] = {
        "AuthorizationScopes": [],
        "AuthorizationType": "NONE",
        "ApiKeyRequired": False,
    }

    def replaces(self, before: Properties, wanted: Properties) -> bool:
        """Whether it is a route of another API: there may not be two with one key."""
        keep(before, wanted, *set_of("OperationName RouteResponseSelectionExpression Target"))
        return changed(before, wanted, "ApiId")


class RouteResponse(_Part):
    """``AWS::ApiGatewayV2::RouteResponse``."""

    type = f"{_PART}RouteResponse"
    noun = "route_response"
    key = "RouteResponseId"
    takes = set_of(
        "ApiId ModelSelectionExpression ResponseModels ResponseParameters RouteId RouteResponseKey"
    )
    needs = set_of("ApiId RouteId RouteResponseKey")

    def replaces(self, before: Properties, wanted: Properties) -> bool:
        """Every change makes it anew."""
        return True

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete it."""
        values = {**pick(held, ["ApiId", "RouteId"]), self.key: physical_id}
        site.call(SERVICE, "delete_route_response", values)


class Authorizer(_Part):
    """``AWS::ApiGatewayV2::Authorizer``."""

    type = f"{_PART}Authorizer"
    noun = "authorizer"
    key = "AuthorizerId"
    takes = set_of(
        "ApiId AuthorizerCredentialsArn AuthorizerPayloadFormatVersion "
        "AuthorizerResultTtlInSeconds AuthorizerType AuthorizerUri EnableSimpleResponses "
        "IdentitySource IdentityValidationExpression JwtConfiguration Name"
    )
    needs = set_of("ApiId AuthorizerType Name")


class Deployment(_Part):
    """``AWS::ApiGatewayV2::Deployment``."""

    type = f"{_PART}Deployment"
    noun = "deployment"
    key = "DeploymentId"
    takes = set_of("ApiId Description StageName")
    fixed = set_of("ApiId StageName")
    follows = frozenset(f"{_PART}{each}" for each in ("Authorizer", "Integration", "Route"))


class Stage(Kind):
    """``AWS::ApiGatewayV2::Stage``."""

    type = f"{_PART}Stage"
    takes = set_of(
        "AccessLogSettings ApiId AutoDeploy ClientCertificateId DefaultRouteSettings DeploymentId "
        "Description RouteSettings StageName StageVariables Tags"
    )
    needs = set_of("ApiId StageName")
    fixed = set_of("ApiId StageName")
    tags = "map"
    follows = Deployment.follows

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the stage."""
        values = without(wanted, "Tags")
        if wanted.get("Tags"):
            values["Tags"] = mapped(wanted["Tags"])
        site.call(SERVICE, "create_stage", values)
        return Made(wanted["StageName"])

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change what differs."""
        clearable = ["AutoDeploy", "Description", "StageVariables", "Tags"]
        if wanted.get("AutoDeploy"):
            clearable.append("DeploymentId")  # which is the API's business from now on
        keep(before, wanted, *without(before, *clearable))
        values = without(wanted, "Tags")
        for name, nothing in (("AutoDeploy", False), ("Description", "")):
            if name in before:
                values.setdefault(name, nothing)
        old = before.get("StageVariables") or {}
        new = wanted.get("StageVariables") or {}
        gone = {name: "" for name in old if name not in new}  # an empty one is taken away
        if old or new:
            values["StageVariables"] = {**gone, **new}
        site.call(SERVICE, "update_stage", values)
        _retag(site, f"apis/{wanted['ApiId']}/stages/{physical_id}", before, wanted)
        return Made(physical_id)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the stage."""
        site.call(SERVICE, "delete_stage", pick(held, ["ApiId", "StageName"]))


class DomainName(Kind):
    """``AWS::ApiGatewayV2::DomainName``."""

    type = f"{_PART}DomainName"
    takes = set_of("DomainName DomainNameConfigurations MutualTlsAuthentication RoutingMode Tags")
    needs = set_of("DomainName")
    fixed = set_of("DomainName")
    tags = "map"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the domain name."""
        values = without(wanted, "Tags")
        if wanted.get("Tags"):
            values["Tags"] = mapped(wanted["Tags"])
        return self._made(site.call(SERVICE, "create_domain_name", values))

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change the configurations."""
        made = self._made(site.call(SERVICE, "update_domain_name", without(wanted, "Tags")))
        _retag(site, f"domainnames/{physical_id}", before, wanted)
        return made

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the domain name."""
        site.call(SERVICE, "delete_domain_name", {"DomainName": physical_id})

    def _made(self, answer: Mapping[str, Any]) -> Made:
        first = (answer.get("DomainNameConfigurations") or [{}])[0]
        attributes = {
            "RegionalDomainName": first.get("ApiGatewayDomainName", ""),
            "RegionalHostedZoneId": first.get("HostedZoneId", ""),
        }
        return Made(answer["DomainName"], attributes)


class ApiMapping(Kind):
    """``AWS::ApiGatewayV2::ApiMapping``."""

    type = f"{_PART}ApiMapping"
    takes = set_of("ApiId ApiMappingKey DomainName Stage")
    needs = set_of("ApiId DomainName Stage")
    fixed = set_of("DomainName")
    follows = frozenset({f"{_PART}Stage"})

    def create(self, site: Site, wanted: Properties) -> Made:
        """Lead a path of the domain to the stage."""
        made = site.call(SERVICE, "create_api_mapping", self._parameters(wanted))
        return Made(made["ApiMappingId"], {"ApiMappingId": made["ApiMappingId"]})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Lead it elsewhere."""
        values = {**self._parameters(wanted), "ApiMappingId": physical_id}
        site.call(SERVICE, "update_api_mapping", values)
        return Made(physical_id, {"ApiMappingId": physical_id})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Lead it nowhere."""
        values = {"DomainName": held["DomainName"], "ApiMappingId": physical_id}
        site.call(SERVICE, "delete_api_mapping", values)

    def _parameters(self, wanted: Properties) -> dict[str, Any]:
        # AWS Chalice writes `(none)` where there is no path, as REST APIs have it.
        is_root = wanted.get("ApiMappingKey") in ("(none)", "")
        return without(wanted, "ApiMappingKey") if is_root else dict(wanted)
