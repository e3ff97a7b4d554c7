"""S3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalice.cloud.stacks.errors import ResourceError
from chalice.cloud.stacks.kinds.kind import (
    Kind,
    Made,
    Properties,
    Site,
    changed,
    listed,
    set_of,
)
from chalice.cloud.stacks.shapes import text_of

_NOTIFICATIONS = {
    "LambdaConfigurations": ("LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
    "QueueConfigurations": ("QueueConfigurations", "Queue", "QueueArn"),
    "TopicConfigurations": ("TopicConfigurations", "Topic", "TopicArn"),
}
"""Lists of a template: what a call names the list and the ARN of each destination."""


class Bucket(Kind):
    """``AWS::S3::Bucket``."""

    type = "AWS::S3::Bucket"
    takes = set_of(
        "AccessControl BucketEncryption BucketName CorsConfiguration LifecycleConfiguration "
        "NotificationConfiguration OwnershipControls PublicAccessBlockConfiguration Tags "
        "VersioningConfiguration WebsiteConfiguration"
    )
    fixed = set_of("BucketName")
    tags = "list"
    follows = set_of("AWS::Lambda::Permission AWS::SNS::TopicPolicy AWS::SQS::QueuePolicy")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the bucket."""
        name = wanted.get("BucketName") or site.name(63, lower=True)
        values: dict[str, Any] = {"Bucket": name}
        if site.region != "us-east-1":
            place = {"LocationConstraint": site.region}
            values["CreateBucketConfiguration"] = place
        if "AccessControl" in wanted:
            values["ACL"] = _acl(wanted)
        if "OwnershipControls" in wanted:
            values["ObjectOwnership"] = wanted["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
        site.call("s3", "create_bucket", values)
        try:
            self._set_up(site, name, wanted, {})
        except Exception:
            site.drop("s3", "delete_bucket", {"Bucket": name})
            raise
        return self._made(site, name)

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change what differs."""
        if changed(before, wanted, "AccessControl"):
            acl = _acl(wanted) if "AccessControl" in wanted else "private"
            site.call("s3", "put_bucket_acl", {"Bucket": physical_id, "ACL": acl})
        if changed(before, wanted, "OwnershipControls"):
            rules = wanted.get("OwnershipControls")
            values = {"Bucket": physical_id, **({"OwnershipControls": rules} if rules else {})}
            verb = "put" if rules else "delete"
            site.call("s3", f"{verb}_bucket_ownership_controls", values)
        self._set_up(site, physical_id, wanted, before)
        return self._made(site, physical_id)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the bucket, which must be empty."""
        site.call("s3", "delete_bucket", {"Bucket": physical_id})

    def _set_up(self, site: Site, name: str, wanted: Properties, before: Properties) -> None:
        for member, (put, unset, convert) in _SETTINGS.items():
            if not changed(before, wanted, member):
                continue
            bucket = {"Bucket": name}
            if member in wanted:
                site.call("s3", put, {**bucket, **convert(wanted[member])})
            elif isinstance(unset, str):
                site.call("s3", unset, bucket)
            else:
                site.call("s3", put, {**bucket, **unset})

    def _made(self, site: Site, name: str) -> Made:
        domain = f"{name}.s3.amazonaws.com"
        regional = f"{name}.s3.{site.region}.amazonaws.com"
        return Made(
            name,
            {
                "Arn": f"arn:{site.partition}:s3:::{name}",
                "DomainName": domain,
                "DualStackDomainName": f"{name}.s3.dualstack.{site.region}.amazonaws.com",
                "RegionalDomainName": regional,
                "WebsiteURL": f"http://{name}.s3-website-{site.region}.amazonaws.com",
            },
        )


def _acl(wanted: Properties) -> str:
    """Return ``public-read`` for ``PublicRead``."""
    text = str(wanted["AccessControl"])
    return "".join(f"-{each.lower()}" if each.isupper() else each for each in text).lstrip("-")


def _notifications(wanted: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in wanted.items():
        if name == "EventBridgeConfiguration":
            if text_of(value.get("EventBridgeEnabled", "true")) == "true":
                found[name] = {}
            continue
        if name not in _NOTIFICATIONS:
            raise ResourceError(f"#/NotificationConfiguration: extraneous key [{name}]")
        members, target, arn = _NOTIFICATIONS[name]
        found[members] = [
            {
                "Events": [each["Event"]],
                arn: each[target],
                **({"Filter": _filter(each["Filter"])} if "Filter" in each else {}),
            }
            for each in value
        ]
    return {"NotificationConfiguration": found}


def _filter(wanted: Mapping[str, Any]) -> dict[str, Any]:
    rules = [{"Name": each["Name"], "Value": each["Value"]} for each in wanted["S3Key"]["Rules"]]
    return {"Key": {"FilterRules": rules}}


def _cors(wanted: Mapping[str, Any]) -> dict[str, Any]:
    names = {"Id": "ID", "MaxAge": "MaxAgeSeconds", "ExposedHeaders": "ExposeHeaders"}
    rules = [
        {names.get(name, name): value for name, value in rule.items()}
        for rule in wanted["CorsRules"]
    ]
    return {"CORSConfiguration": {"CORSRules": rules}}


def _encryption(wanted: Mapping[str, Any]) -> dict[str, Any]:
    rules = [
        {
            {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}.get(
                name, name
            ): value
            for name, value in rule.items()
        }
        for rule in wanted["ServerSideEncryptionConfiguration"]
    ]
    return {"ServerSideEncryptionConfiguration": {"Rules": rules}}


def _lifecycle(wanted: Mapping[str, Any]) -> dict[str, Any]:
    rules = []
    for rule in wanted["Rules"]:
        known = {"Id", "Status", "Prefix", "ExpirationInDays"}
        extra = sorted(set(rule) - known)
        if extra:
            raise ResourceError(
                f"Encountered unsupported property LifecycleConfiguration/Rules/{extra[0]}: the "
                f"embedded cloud knows {', '.join(sorted(known))}"
            )
        made: dict[str, Any] = {"Status": rule["Status"], "Prefix": rule.get("Prefix", "")}
        if "Id" in rule:
            made["ID"] = rule["Id"]
        if "ExpirationInDays" in rule:
            made["Expiration"] = {"Days": rule["ExpirationInDays"]}
        rules.append(made)
    return {"LifecycleConfiguration": {"Rules": rules}}


def _website(wanted: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in wanted.items():
        match name:
            case "IndexDocument":
                found[name] = {"Suffix": value}
            case "ErrorDocument":
                found[name] = {"Key": value}
            case "RedirectAllRequestsTo":
                found[name] = value
            case _:
                raise ResourceError(f"Encountered unsupported property WebsiteConfiguration/{name}")
    return {"WebsiteConfiguration": found}


def _as(name: str) -> Callable[[Any], dict[str, Any]]:
    return lambda wanted: {name: wanted}


_SETTINGS: Mapping[str, tuple[str, str | dict[str, Any], Callable[[Any], dict[str, Any]]]] = {
    "BucketEncryption": ("put_bucket_encryption", "delete_bucket_encryption", _encryption),
    "CorsConfiguration": ("put_bucket_cors", "delete_bucket_cors", _cors),
    "LifecycleConfiguration": (
        "put_bucket_lifecycle_configuration",
        "delete_bucket_lifecycle",
        _lifecycle,
    ),
    "NotificationConfiguration": (
        "put_bucket_notification_configuration",
        {"NotificationConfiguration": {}},
        _notifications,
    ),
    "PublicAccessBlockConfiguration": (
        "put_public_access_block",
        "delete_public_access_block",
        _as("PublicAccessBlockConfiguration"),
    ),
    "Tags": (
        "put_bucket_tagging",
        "delete_bucket_tagging",
        lambda wanted: {"Tagging": {"TagSet": listed(wanted)}},
    ),
    "VersioningConfiguration": (
        "put_bucket_versioning",
        {"VersioningConfiguration": {"Status": "Suspended"}},
        _as("VersioningConfiguration"),
    ),
    "WebsiteConfiguration": ("put_bucket_website", "delete_bucket_website", _website),
}
"""Settings of buckets: the call that sets one; what unsets it, a call or other parameters; and
the parameters for what a template says.
"""


class BucketPolicy(Kind):
    """``AWS::S3::BucketPolicy``."""

    type = "AWS::S3::BucketPolicy"
    takes = set_of("Bucket PolicyDocument")
    needs = takes
    fixed = set_of("Bucket")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Give the bucket its policy."""
        values = {"Bucket": wanted["Bucket"], "Policy": text_of(wanted["PolicyDocument"])}
        site.call("s3", "put_bucket_policy", values)
        return Made(wanted["Bucket"])

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Give it another."""
        return self.create(site, wanted)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Take it away."""
        site.call("s3", "delete_bucket_policy", {"Bucket": physical_id})
