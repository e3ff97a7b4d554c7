"""Lambda: functions, versions, aliases, layers, permissions and URLs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice.cloud.stacks.errors import ResourceError
from chalice.cloud.stacks.kinds.inline import zip_inline
from chalice.cloud.stacks.kinds.kind import (
    Kind,
    Made,
    Properties,
    Site,
    changed,
    difference,
    mapped,
    pick,
    set_of,
    without,
)

_DEFAULTS: Mapping[str, Any] = {
    "DeadLetterConfig": {"TargetArn": ""},
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "FileSystemConfigs": [],
    "KmsKeyArn": "",
    "Layers": [],
    "LoggingConfig": {"LogFormat": "Text"},
    "MemorySize": 128,
    "SnapStart": {"ApplyOn": "None"},
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}
"""What a setting is again once the template has it no more."""


class Function(Kind):
    """``AWS::Lambda::Function``."""

    type = "AWS::Lambda::Function"
    takes = set_of(
        "Architectures Code DeadLetterConfig Description Environment EphemeralStorage "
        "FileSystemConfigs FunctionName Handler KmsKeyArn Layers LoggingConfig MemorySize "
        "PackageType ReservedConcurrentExecutions Role Runtime SnapStart Tags Timeout "
        "TracingConfig VpcConfig"
    )
    needs = set_of("Code Role")
    fixed = set_of("FunctionName PackageType")
    tags = "list"
    follows = set_of("AWS::IAM::Policy AWS::IAM::ManagedPolicy")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the function."""
        name = wanted.get("FunctionName") or site.name()
        parameters = without(wanted, "ReservedConcurrentExecutions", "Tags")
        parameters |= {"FunctionName": name, "Code": _code(wanted)}
        if wanted.get("Tags"):
            parameters["Tags"] = mapped(wanted["Tags"])
        made = site.call("lambda", "create_function", parameters)
        if "ReservedConcurrentExecutions" in wanted:
            self._reserve(site, name, wanted)
        return Made(name, {"Arn": made["FunctionArn"]})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change code, settings, concurrency and tags: what differs."""
        named = {"FunctionName": physical_id}
        if changed(before, wanted, "Code", "Architectures"):
            code = {**named, **_code(wanted), **pick(wanted, ["Architectures"])}
            site.call("lambda", "update_function_code", code)
        settings = without(
            wanted,
            *("Architectures", "Code", "FunctionName", "PackageType"),
            *("ReservedConcurrentExecutions", "Tags"),
        )
        gone = {name: value for name, value in _DEFAULTS.items() if name in before}
        site.call("lambda", "update_function_configuration", {**gone, **settings, **named})
        arn = site.call("lambda", "get_function_configuration", named)["FunctionArn"]
        if changed(before, wanted, "ReservedConcurrentExecutions"):
            self._reserve(site, physical_id, wanted)
        added, removed = difference(before, wanted)
        if removed:
            site.call("lambda", "untag_resource", {"Resource": arn, "TagKeys": removed})
        if added:
            site.call("lambda", "tag_resource", {"Resource": arn, "Tags": added})
        return Made(physical_id, {"Arn": arn})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the function with its versions."""
        site.call("lambda", "delete_function", {"FunctionName": physical_id})

    def _reserve(self, site: Site, name: str, wanted: Properties) -> None:
        reserved = pick(wanted, ["ReservedConcurrentExecutions"])
        verb = "put" if reserved else "delete"
        site.call("lambda", f"{verb}_function_concurrency", {"FunctionName": name, **reserved})


def _code(wanted: Properties) -> dict[str, Any]:
    code = dict(wanted["Code"])
    if "ImageUri" in code:
        raise ResourceError("The embedded cloud runs no container images: Code/ImageUri")
    if "ZipFile" in code:
        code["ZipFile"] = zip_inline(code["ZipFile"], str(wanted.get("Runtime", "")))
    return code


class Version(Kind):
    """``AWS::Lambda::Version``."""

    type = "AWS::Lambda::Version"
    takes = set_of("CodeSha256 Description FunctionName")
    needs = set_of("FunctionName")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Publish the version."""
        made = site.call("lambda", "publish_version", wanted)
        attributes = {"Version": made["Version"], "FunctionArn": made["FunctionArn"]}
        return Made(made["FunctionArn"], attributes)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the version."""
        function, _, version = physical_id.rpartition(":")
        values = {"FunctionName": function, "Qualifier": version}
        site.call("lambda", "delete_function", values)


class Alias(Kind):
    """``AWS::Lambda::Alias``."""

    type = "AWS::Lambda::Alias"
    takes = set_of("Description FunctionName FunctionVersion Name RoutingConfig")
    needs = set_of("FunctionName FunctionVersion Name")
    fixed = set_of("FunctionName Name")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the alias."""
        return _alias(site.call("lambda", "create_alias", _routed(wanted)))

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Lead the alias elsewhere."""
        defaults = {"Description": "", "RoutingConfig": {"AdditionalVersionWeights": {}}}
        gone = {name: value for name, value in defaults.items() if name in before}
        return _alias(site.call("lambda", "update_alias", {**gone, **_routed(wanted)}))

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the alias."""
        site.call("lambda", "delete_alias", pick(held, ["FunctionName", "Name"]))


def _alias(made: Mapping[str, Any]) -> Made:
    return Made(made["AliasArn"], {"AliasArn": made["AliasArn"]})


def _routed(wanted: Properties) -> dict[str, Any]:
    """Return the parameters: the weights are a list in templates, an object in calls."""
    weights = (wanted.get("RoutingConfig") or {}).get("AdditionalVersionWeights")
    if weights is None:
        return dict(wanted)
    mapped_weights = {each["FunctionVersion"]: each["FunctionWeight"] for each in weights}
    return {**wanted, "RoutingConfig": {"AdditionalVersionWeights": mapped_weights}}


class Permission(Kind):
    """``AWS::Lambda::Permission``."""

    type = "AWS::Lambda::Permission"
    takes = set_of(
        "Action EventSourceToken FunctionName FunctionUrlAuthType Principal PrincipalOrgID "
        "SourceAccount SourceArn InvokedViaFunctionUrl"
    )
    needs = set_of("Action FunctionName Principal")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Add the permission."""
        name = site.name(100)
        site.call("lambda", "add_permission", {**wanted, "StatementId": name})
        return Made(name, {"Id": name})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Take the permission back."""
        values = {"FunctionName": held["FunctionName"], "StatementId": physical_id}
        site.call("lambda", "remove_permission", values)


class LayerVersion(Kind):
    """``AWS::Lambda::LayerVersion``."""

    type = "AWS::Lambda::LayerVersion"
    takes = set_of(
        "CompatibleArchitectures CompatibleRuntimes Content Description LayerName LicenseInfo"
    )
    needs = set_of("Content")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Publish the version."""
        name = wanted.get("LayerName") or site.name(140)
        made = site.call("lambda", "publish_layer_version", {**wanted, "LayerName": name})
        arn = made["LayerVersionArn"]
        return Made(arn, {"LayerVersionArn": arn})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the version."""
        name, version = physical_id.split(":")[-2:]
        values = {"LayerName": name, "VersionNumber": version}
        site.call("lambda", "delete_layer_version", values)


class Url(Kind):
    """``AWS::Lambda::Url``."""

    type = "AWS::Lambda::Url"
    takes = set_of("AuthType Cors InvokeMode Qualifier TargetFunctionArn")
    needs = set_of("AuthType TargetFunctionArn")
    fixed = set_of("Qualifier TargetFunctionArn")
    follows = set_of("AWS::Lambda::Alias")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Give the function a URL."""
        made = site.call("lambda", "create_function_url_config", self._parameters(wanted))
        attributes = pick(made, ["FunctionArn", "FunctionUrl"])
        return Made(made["FunctionArn"], attributes)

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change the settings of the URL."""
        gone: dict[str, Any] = {"Cors": {}} if "Cors" in before else {}
        values = {**gone, **self._parameters(wanted)}
        made = site.call("lambda", "update_function_url_config", values)
        return Made(physical_id, pick(made, ["FunctionArn", "FunctionUrl"]))

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Take the URL away."""
        named = pick(self._parameters(held), ["FunctionName", "Qualifier"])
        site.call("lambda", "delete_function_url_config", named)

    def _parameters(self, wanted: Properties) -> dict[str, Any]:
        function = {"FunctionName": wanted["TargetFunctionArn"]}
        return {**without(wanted, "TargetFunctionArn"), **function}
