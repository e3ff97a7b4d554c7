"""API Gateway: the parts of REST APIs that are made call by call, without a document."""

from __future__ import annotations

from typing import Any

from chalice.cloud.stacks.kinds.kind import Kind, Made, Properties, Site, pick, set_of, without
from chalice.cloud.stacks.kinds.rest_apis import SERVICE

_PART = "AWS::ApiGateway::"
_METHOD = ("RestApiId", "ResourceId", "HttpMethod")


class Resource(Kind):
    """``AWS::ApiGateway::Resource``: a part of a path."""

    type = f"{_PART}Resource"
    takes = set_of("ParentId PathPart RestApiId")
    needs = takes

    def create(self, site: Site, wanted: Properties) -> Made:
        """Add it to its parent."""
        made = site.call(SERVICE, "create_resource", wanted)
        return Made(made["id"], {"ResourceId": made["id"]})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Take it away with all that is under it."""
        values = {"restApiId": held["RestApiId"], "resourceId": physical_id}
        site.call(SERVICE, "delete_resource", values)


class Method(Kind):
    """``AWS::ApiGateway::Method``, with its integration."""

    type = f"{_PART}Method"
    takes = set_of(
        "ApiKeyRequired AuthorizationScopes AuthorizationType AuthorizerId HttpMethod Integration "
        "MethodResponses OperationName RequestModels RequestParameters RequestValidatorId "
        "ResourceId RestApiId"
    )
    needs = set_of("HttpMethod ResourceId RestApiId")
    follows = frozenset({f"{_PART}Authorizer"})

    def create(self, site: Site, wanted: Properties) -> Made:
        """Put the method, its responses and its integration."""
        key = pick(wanted, _METHOD)
        own = {"AuthorizationType": "NONE", **without(wanted, "Integration", "MethodResponses")}
        site.call(SERVICE, "put_method", own)
        for each in wanted.get("MethodResponses") or []:
            site.call(SERVICE, "put_method_response", {**key, **each})
        if wanted.get("Integration"):
            self._integrate(site, key, wanted["Integration"])
        return Made("|".join(str(wanted[name]) for name in _METHOD))

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Put it all anew."""
        site.drop(SERVICE, "delete_method", pick(before, _METHOD))
        return self.create(site, wanted)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the method."""
        site.call(SERVICE, "delete_method", pick(held, _METHOD))

    def replaces(self, before: Properties, wanted: Properties) -> bool:
        """Whether it is a method of another resource."""
        return any(before.get(name) != wanted.get(name) for name in _METHOD)

    def _integrate(self, site: Site, key: Properties, integration: Properties) -> None:
        names = {"IntegrationHttpMethod": "integrationHttpMethod"}
        own: dict[str, Any] = {
            names.get(name, name): value
            for name, value in integration.items()
            if name != "IntegrationResponses"
        }
        site.call(SERVICE, "put_integration", {**key, **own})
        for each in integration.get("IntegrationResponses") or []:
            site.call(SERVICE, "put_integration_response", {**key, **each})


class Authorizer(Kind):
    """``AWS::ApiGateway::Authorizer``."""

    type = f"{_PART}Authorizer"
    takes = set_of(
        "AuthType AuthorizerCredentials AuthorizerResultTtlInSeconds AuthorizerUri IdentitySource "
        "IdentityValidationExpression Name ProviderARNs RestApiId Type"
    )
    needs = set_of("Name RestApiId Type")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the authorizer."""
        made = site.call(SERVICE, "create_authorizer", wanted)
        return Made(made["id"], {"AuthorizerId": made["id"]})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the authorizer."""
        values = {"restApiId": held["RestApiId"], "authorizerId": physical_id}
        site.call(SERVICE, "delete_authorizer", values)


class GatewayResponse(Kind):
    """``AWS::ApiGateway::GatewayResponse``."""

    type = f"{_PART}GatewayResponse"
    takes = set_of("ResponseParameters ResponseTemplates ResponseType RestApiId StatusCode")
    needs = set_of("ResponseType RestApiId")
    fixed = set_of("ResponseType RestApiId")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Say how the API answers in such a case."""
        site.call(SERVICE, "put_gateway_response", wanted)
        return Made(site.name(), {"Id": wanted["ResponseType"]})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Say it anew."""
        return Made(physical_id, self.create(site, wanted).attributes)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Have the API answer as any does."""
        values = pick(held, ["RestApiId", "ResponseType"])
        site.call(SERVICE, "delete_gateway_response", values)
