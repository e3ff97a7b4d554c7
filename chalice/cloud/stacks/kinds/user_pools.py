"""Cognito: user pools, their clients and domains."""

from __future__ import annotations

from typing import Any

from chalice.cloud.stacks.kinds.kind import (
    Kind,
    Made,
    Properties,
    Site,
    pick,
    set_of,
    without,
)

SERVICE = "cognito-idp"


class UserPool(Kind):
    """``AWS::Cognito::UserPool``."""

    type = "AWS::Cognito::UserPool"
    takes = set_of(
        "AccountRecoverySetting AdminCreateUserConfig AliasAttributes AutoVerifiedAttributes "
        "DeletionProtection DeviceConfiguration EmailConfiguration EmailVerificationMessage "
        "EmailVerificationSubject LambdaConfig MfaConfiguration Policies Schema "
        "SmsAuthenticationMessage SmsConfiguration SmsVerificationMessage "
        "UserAttributeUpdateSettings UserPoolAddOns UserPoolName UserPoolTags UsernameAttributes "
        "UsernameConfiguration VerificationMessageTemplate"
    )
    fixed = set_of("AliasAttributes Schema UsernameAttributes UsernameConfiguration UserPoolName")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the pool."""
        name = wanted.get("UserPoolName") or site.name(128)
        values = {**without(wanted, "UserPoolName"), "PoolName": name}
        return self._made(site, site.call(SERVICE, "create_user_pool", values)["UserPool"]["Id"])

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Set it all anew."""
        values = {**without(wanted, *self.fixed), "UserPoolId": physical_id}
        site.call(SERVICE, "update_user_pool", values)
        return self._made(site, physical_id)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the pool."""
        site.call(SERVICE, "delete_user_pool", {"UserPoolId": physical_id})

    def _made(self, site: Site, pool_id: str) -> Made:
        provider = f"cognito-idp.{site.region}.amazonaws.com/{pool_id}"
        return Made(
            pool_id,
            {
                "Arn": site.arn("cognito-idp", f"userpool/{pool_id}"),
                "ProviderName": provider,
                "ProviderURL": f"https://{provider}",
                "UserPoolId": pool_id,
            },
        )


class UserPoolClient(Kind):
    """``AWS::Cognito::UserPoolClient``."""

    type = "AWS::Cognito::UserPoolClient"
    takes = set_of(
        "AccessTokenValidity AllowedOAuthFlows AllowedOAuthFlowsUserPoolClient AllowedOAuthScopes "
        "AuthSessionValidity CallbackURLs ClientName DefaultRedirectURI "
        "EnableTokenRevocation ExplicitAuthFlows GenerateSecret IdTokenValidity LogoutURLs "
        "PreventUserExistenceErrors ReadAttributes RefreshTokenValidity "
        "SupportedIdentityProviders TokenValidityUnits UserPoolId WriteAttributes"
    )
    needs = set_of("UserPoolId")
    fixed = set_of("GenerateSecret UserPoolId")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the client."""
        values = {"ClientName": site.name(128), **wanted}
        return _client(site.call(SERVICE, "create_user_pool_client", values))

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Set it all anew."""
        values = {**without(wanted, "GenerateSecret"), "ClientId": physical_id}
        return _client(site.call(SERVICE, "update_user_pool_client", values))

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the client."""
        values = {"UserPoolId": held["UserPoolId"], "ClientId": physical_id}
        site.call(SERVICE, "delete_user_pool_client", values)


def _client(answer: dict[str, Any]) -> Made:
    found = answer["UserPoolClient"]
    attributes = pick(found, ["ClientId", "ClientSecret"])
    return Made(found["ClientId"], {**attributes, "Name": found["ClientName"]})


class UserPoolDomain(Kind):
    """``AWS::Cognito::UserPoolDomain``."""

    type = "AWS::Cognito::UserPoolDomain"
    takes = set_of("CustomDomainConfig Domain UserPoolId")
    needs = set_of("Domain UserPoolId")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Give the pool a domain."""
        site.call(SERVICE, "create_user_pool_domain", wanted)
        return Made(wanted["Domain"])

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Take it away."""
        values = {"UserPoolId": held["UserPoolId"], "Domain": physical_id}
        site.call(SERVICE, "delete_user_pool_domain", values)
