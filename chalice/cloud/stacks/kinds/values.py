"""Logs, parameters and secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalice.cloud.stacks.errors import ResourceError
from chalice.cloud.stacks.kinds.kind import (
    Kind,
    Made,
    Properties,
    Site,
    changed,
    difference,
    keep,
    listed,
    mapped,
    pick,
    set_of,
    without,
)


class LogGroup(Kind):
    """``AWS::Logs::LogGroup``."""

    type = "AWS::Logs::LogGroup"
    takes = set_of("KmsKeyId LogGroupClass LogGroupName RetentionInDays Tags")
    fixed = set_of("KmsKeyId LogGroupClass LogGroupName")
    tags = "list"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the group."""
        name = wanted.get("LogGroupName") or site.name(512)
        values = {"LogGroupName": name, **pick(wanted, ["KmsKeyId", "LogGroupClass"])}
        if wanted.get("Tags"):
            values["Tags"] = mapped(wanted["Tags"])
        site.call("logs", "create_log_group", values)
        self._retain(site, name, wanted, {})
        return self._made(site, name)

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change for how long events are kept, and tags."""
        self._retain(site, physical_id, wanted, before)
        added, removed = difference(before, wanted)
        group = {"LogGroupName": physical_id}
        if removed:
            site.call("logs", "untag_log_group", {**group, "Tags": removed})
        if added:
            site.call("logs", "tag_log_group", {**group, "Tags": added})
        return self._made(site, physical_id)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the group."""
        site.call("logs", "delete_log_group", {"LogGroupName": physical_id})

    def _retain(self, site: Site, name: str, wanted: Properties, before: Properties) -> None:
        group = {"LogGroupName": name}
        if "RetentionInDays" in wanted:
            values = {**group, "RetentionInDays": wanted["RetentionInDays"]}
            site.call("logs", "put_retention_policy", values)
        elif "RetentionInDays" in before:
            site.call("logs", "delete_retention_policy", group)

    def _made(self, site: Site, name: str) -> Made:
        return Made(name, {"Arn": site.arn("logs", f"log-group:{name}:*")})


class Parameter(Kind):
    """``AWS::SSM::Parameter``."""

    type = "AWS::SSM::Parameter"
    takes = set_of("AllowedPattern DataType Description Name Policies Tags Tier Type Value")
    needs = set_of("Type Value")
    fixed = set_of("Name Type")
    tags = "map"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the parameter."""
        name = wanted.get("Name") or f"CFN-{site.name()}"
        values = {**wanted, "Name": name, "Tags": listed(wanted.get("Tags"))}
        site.call("ssm", "put_parameter", values)
        return Made(name, pick(wanted, ["Type", "Value"]))

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Give it another value."""
        values = {**without(wanted, "Tags"), "Name": physical_id, "Overwrite": True}
        site.call("ssm", "put_parameter", values)
        added, removed = difference(before, wanted)
        named = {"ResourceType": "Parameter", "ResourceId": physical_id}
        if removed:
            site.call("ssm", "remove_tags_from_resource", {**named, "TagKeys": removed})
        if added:
            site.call("ssm", "add_tags_to_resource", {**named, "Tags": listed(added)})
        return Made(physical_id, pick(wanted, ["Type", "Value"]))

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the parameter."""
        site.call("ssm", "delete_parameter", {"Name": physical_id})


class Secret(Kind):
    """``AWS::SecretsManager::Secret``."""

    type = "AWS::SecretsManager::Secret"
    takes = set_of("Description GenerateSecretString KmsKeyId Name SecretString Tags")
    fixed = set_of("GenerateSecretString Name")
    tags = "list"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the secret, with a value of its own or one that is made up."""
        name = wanted.get("Name") or site.name(255)
        own = without(wanted, "GenerateSecretString")
        if "GenerateSecretString" in wanted:
            if "SecretString" in wanted:
                raise ResourceError("Only one of SecretString and GenerateSecretString may be")
            own["SecretString"] = _generated(site, wanted["GenerateSecretString"])
        arn = site.call("secretsmanager", "create_secret", {**own, "Name": name})["ARN"]
        return Made(arn, {"Id": arn})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change value and description."""
        keep(before, wanted, "KmsKeyId", "SecretString")
        values = {"Description": "", **pick(wanted, ["Description", "KmsKeyId"])}
        if changed(before, wanted, "SecretString") and "SecretString" in wanted:
            values["SecretString"] = wanted["SecretString"]
        site.call("secretsmanager", "update_secret", {**values, "SecretId": physical_id})
        added, removed = difference(before, wanted)
        secret = {"SecretId": physical_id}
        if removed:
            site.call("secretsmanager", "untag_resource", {**secret, "TagKeys": removed})
        if added:
            site.call("secretsmanager", "tag_resource", {**secret, "Tags": listed(added)})
        return Made(physical_id, {"Id": physical_id})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the secret at once."""
        values = {"SecretId": physical_id, "ForceDeleteWithoutRecovery": True}
        site.call("secretsmanager", "delete_secret", values)


def _generated(site: Site, wanted: Mapping[str, Any]) -> str:
    own = without(wanted, "GenerateStringKey", "SecretStringTemplate")
    made: str = site.call("secretsmanager", "get_random_password", own)["RandomPassword"]
    if "SecretStringTemplate" not in wanted:
        return made
    whole = json.loads(wanted["SecretStringTemplate"])
    return json.dumps({**whole, wanted["GenerateStringKey"]: made})
