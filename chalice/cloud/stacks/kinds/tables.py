"""DynamoDB and Kinesis."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from chalice.cloud.stacks.kinds.kind import (
    Kind,
    Made,
    Properties,
    Site,
    changed,
    difference,
    keep,
    listed,
    pick,
    set_of,
    without,
)

_PAUSE = 0.05  # seconds between looks at what is being made


class Table(Kind):
    """``AWS::DynamoDB::Table``."""

    type = "AWS::DynamoDB::Table"
    takes = set_of(
        "AttributeDefinitions BillingMode DeletionProtectionEnabled GlobalSecondaryIndexes "
        "KeySchema LocalSecondaryIndexes PointInTimeRecoverySpecification ProvisionedThroughput "
        "SSESpecification StreamSpecification TableClass TableName Tags TimeToLiveSpecification"
    )
    needs = set_of("KeySchema")
    fixed = set_of("KeySchema LocalSecondaryIndexes TableName")
    tags = "list"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the table."""
        name = wanted.get("TableName") or site.name(255)
        own = without(wanted, "PointInTimeRecoverySpecification", "TimeToLiveSpecification")
        values = {**own, "TableName": name, **_of_api(wanted)}
        site.call("dynamodb", "create_table", values)
        self._set_up(site, name, wanted, {})
        return self._made(site, name)

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change what differs."""
        keep(before, wanted, "BillingMode")
        table = {"TableName": physical_id}
        named = {"DeletionProtectionEnabled": False, "TableClass": "STANDARD", **wanted}
        names = ("BillingMode", "DeletionProtectionEnabled", "ProvisionedThroughput", "TableClass")
        values = pick(named, [name for name in names if changed(before, wanted, name)])
        if values:
            site.call("dynamodb", "update_table", {**table, **values})
        if changed(before, wanted, "SSESpecification"):
            wish = _of_api(wanted).get("SSESpecification", {"Enabled": False})
            site.call("dynamodb", "update_table", {**table, "SSESpecification": wish})
        if changed(before, wanted, "StreamSpecification"):
            if "StreamSpecification" in before:
                off = {"StreamSpecification": {"StreamEnabled": False}}
                site.call("dynamodb", "update_table", {**table, **off})
            if "StreamSpecification" in wanted:
                site.call("dynamodb", "update_table", {**table, **_stream(wanted)})
        for change in _index_changes(before, wanted):
            own = pick(wanted, ["AttributeDefinitions"])
            updates = {"GlobalSecondaryIndexUpdates": [change]}
            site.call("dynamodb", "update_table", {**table, **own, **updates})
        self._set_up(site, physical_id, wanted, before)
        made = self._made(site, physical_id)
        added, removed = difference(before, wanted)
        arn = {"ResourceArn": made.attributes["Arn"]}
        if removed:
            site.call("dynamodb", "untag_resource", {**arn, "TagKeys": removed})
        if added:
            site.call("dynamodb", "tag_resource", {**arn, "Tags": listed(added)})
        return made

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the table."""
        site.call("dynamodb", "delete_table", {"TableName": physical_id})

    def _set_up(self, site: Site, name: str, wanted: Properties, before: Properties) -> None:
        table = {"TableName": name}
        if changed(before, wanted, "TimeToLiveSpecification"):
            old = before.get("TimeToLiveSpecification") or {}
            setting = wanted.get("TimeToLiveSpecification") or {**old, "Enabled": False}
            values = {**table, "TimeToLiveSpecification": setting}
            site.call("dynamodb", "update_time_to_live", values)
        if changed(before, wanted, "PointInTimeRecoverySpecification"):
            off = {"PointInTimeRecoveryEnabled": False}
            setting = wanted.get("PointInTimeRecoverySpecification") or off
            values = {**table, "PointInTimeRecoverySpecification": setting}
            site.call("dynamodb", "update_continuous_backups", values)

    def _made(self, site: Site, name: str) -> Made:
        found = site.call("dynamodb", "describe_table", {"TableName": name})["Table"]
        attributes = {"Arn": found["TableArn"]}
        if "LatestStreamArn" in found:
            attributes["StreamArn"] = found["LatestStreamArn"]
        return Made(name, attributes)


def _stream(wanted: Properties) -> dict[str, Any]:
    if "StreamSpecification" not in wanted:
        return {}
    kind = wanted["StreamSpecification"]["StreamViewType"]
    return {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": kind}}


def _of_api(wanted: Properties) -> dict[str, Any]:
    found = _stream(wanted)
    if "SSESpecification" in wanted:
        setting = wanted["SSESpecification"]
        enabled = {"Enabled": setting.get("SSEEnabled", False)}
        found["SSESpecification"] = {**without(setting, "SSEEnabled"), **enabled}
    return found


def _index_changes(before: Properties, wanted: Properties) -> Iterator[dict[str, Any]]:
    """Yield what becomes of each index: a call changes one at a time."""
    old = {each["IndexName"]: each for each in before.get("GlobalSecondaryIndexes") or []}
    new = {each["IndexName"]: each for each in wanted.get("GlobalSecondaryIndexes") or []}
    for name, index in old.items():
        if new.get(name) != index:
            yield {"Delete": {"IndexName": name}}
    for name, index in new.items():
        if old.get(name) != index:
            yield {"Create": index}


class Stream(Kind):
    """``AWS::Kinesis::Stream``."""

    type = "AWS::Kinesis::Stream"
    takes = set_of("Name RetentionPeriodHours ShardCount StreamEncryption StreamModeDetails Tags")
    fixed = set_of("Name")
    tags = "list"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the stream, and wait until it can be used."""
        name = wanted.get("Name") or site.name(128)
        values = {"StreamName": name, **pick(wanted, ["ShardCount", "StreamModeDetails"])}
        site.call("kinesis", "create_stream", values)
        made = self._settled(site, name)
        self._change(site, made, wanted, {})
        return made

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change what differs."""
        made = self._settled(site, physical_id)
        stream = {"StreamName": physical_id}
        if changed(before, wanted, "StreamModeDetails"):
            mode = wanted.get("StreamModeDetails") or {"StreamMode": "PROVISIONED"}
            values = {"StreamARN": made.attributes["Arn"], "StreamModeDetails": mode}
            site.call("kinesis", "update_stream_mode", values)
        if changed(before, wanted, "ShardCount") and "ShardCount" in wanted:
            scaling = {"ScalingType": "UNIFORM_SCALING", "TargetShardCount": wanted["ShardCount"]}
            site.call("kinesis", "update_shard_count", {**stream, **scaling})
        self._change(site, made, wanted, before)
        return self._settled(site, physical_id)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the stream with its consumers."""
        values = {"StreamName": physical_id, "EnforceConsumerDeletion": True}
        site.call("kinesis", "delete_stream", values)

    def _change(self, site: Site, made: Made, wanted: Properties, before: Properties) -> None:
        stream = {"StreamName": made.physical_id}
        hours = int(wanted.get("RetentionPeriodHours", 24))
        old = int(before.get("RetentionPeriodHours", 24))
        if hours != old:
            verb = "increase" if hours > old else "decrease"
            values = {**stream, "RetentionPeriodHours": hours}
            site.call("kinesis", f"{verb}_stream_retention_period", values)
        if changed(before, wanted, "StreamEncryption"):
            if "StreamEncryption" in before:
                values = {**stream, **before["StreamEncryption"]}
                site.call("kinesis", "stop_stream_encryption", values)
            if "StreamEncryption" in wanted:
                values = {**stream, **wanted["StreamEncryption"]}
                site.call("kinesis", "start_stream_encryption", values)
        added, removed = difference(before, wanted)
        if removed:
            values = {**stream, "TagKeys": removed}
            site.call("kinesis", "remove_tags_from_stream", values)
        if added:
            site.call("kinesis", "add_tags_to_stream", {**stream, "Tags": added})

    def _settled(self, site: Site, name: str) -> Made:
        while True:
            answer = site.call("kinesis", "describe_stream_summary", {"StreamName": name})
            found = answer["StreamDescriptionSummary"]
            if found["StreamStatus"] == "ACTIVE":
                return Made(name, {"Arn": found["StreamARN"]})
            site.stopping()
            time.sleep(_PAUSE)
