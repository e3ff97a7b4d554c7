"""EventBridge: rules, buses and schedules."""

from __future__ import annotations

from typing import Any

from chalice.cloud.stacks.errors import ResourceError
from chalice.cloud.stacks.kinds.kind import (
    Kind,
    Made,
    Properties,
    Site,
    difference,
    listed,
    pick,
    set_of,
    without,
)


class Rule(Kind):
    """``AWS::Events::Rule``."""

    type = "AWS::Events::Rule"
    takes = set_of(
        "Description EventBusName EventPattern Name RoleArn ScheduleExpression State Tags Targets"
    )
    fixed = set_of("EventBusName Name")
    tags = "list"
    follows = set_of("AWS::Lambda::Permission AWS::SQS::QueuePolicy AWS::SNS::TopicPolicy")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the rule and its targets."""
        name = wanted.get("Name") or site.name()
        own = {**without(wanted, "Name", "Targets"), "Name": name}
        arn = site.call("events", "put_rule", own)["RuleArn"]
        self._aim(site, self._key(name, wanted), wanted)
        return self._made(name, arn, wanted)

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Put the rule anew, and its targets."""
        name = physical_id.rpartition("|")[2]
        key = self._key(name, wanted)
        own = {"State": "ENABLED", **without(wanted, "Name", "Tags", "Targets"), "Name": name}
        arn = site.call("events", "put_rule", own)["RuleArn"]
        kept = {each["Id"] for each in wanted.get("Targets") or []}
        gone = [each["Id"] for each in before.get("Targets") or [] if each["Id"] not in kept]
        if gone:
            site.drop("events", "remove_targets", {**key, "Ids": gone})
        self._aim(site, key, wanted)
        added, removed = difference(before, wanted)
        if removed:
            site.call("events", "untag_resource", {"ResourceARN": arn, "TagKeys": removed})
        if added:
            values = {"ResourceARN": arn, "Tags": listed(added)}
            site.call("events", "tag_resource", values)
        return self._made(name, arn, wanted)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the rule with its targets."""
        name = physical_id.rpartition("|")[2]
        key = self._key(name, held)
        ids = [each["Id"] for each in held.get("Targets") or []]
        if ids:
            site.drop("events", "remove_targets", {**key, "Ids": ids})
        site.call("events", "delete_rule", {"Name": name, **without(key, "Rule")})

    def _key(self, name: str, values: Properties) -> dict[str, Any]:
        return {"Rule": name, **pick(values, ["EventBusName"])}

    def _aim(self, site: Site, key: Properties, wanted: Properties) -> None:
        if not wanted.get("Targets"):
            return
        answer = site.call("events", "put_targets", {**key, "Targets": wanted["Targets"]})
        for failed in answer.get("FailedEntries") or []:
            raise ResourceError(f"{failed.get('TargetId')}: {failed.get('ErrorMessage')}")

    def _made(self, name: str, arn: str, wanted: Properties) -> Made:
        bus = wanted.get("EventBusName", "default")
        own = name if bus == "default" else f"{bus}|{name}"
        return Made(own, {"Arn": arn})


class EventBus(Kind):
    """``AWS::Events::EventBus``."""

    type = "AWS::Events::EventBus"
    takes = set_of("Description Name Tags")
    needs = set_of("Name")
    tags = "list"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the bus."""
        arn = site.call("events", "create_event_bus", wanted)["EventBusArn"]
        return Made(wanted["Name"], {"Arn": arn, "Name": wanted["Name"]})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the bus."""
        site.call("events", "delete_event_bus", {"Name": physical_id})


class Schedule(Kind):
    """``AWS::Scheduler::Schedule``."""

    type = "AWS::Scheduler::Schedule"
    takes = set_of(
        "Description EndDate FlexibleTimeWindow GroupName KmsKeyArn Name ScheduleExpression "
        "ScheduleExpressionTimezone StartDate State Target"
    )
    needs = set_of("FlexibleTimeWindow ScheduleExpression Target")
    fixed = set_of("GroupName Name")
    follows = set_of("AWS::IAM::Policy AWS::IAM::ManagedPolicy")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the schedule."""
        name = wanted.get("Name") or site.name()
        made = site.call("scheduler", "create_schedule", {**wanted, "Name": name})
        return Made(name, {"Arn": made["ScheduleArn"]})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Put it all anew."""
        made = site.call("scheduler", "update_schedule", {**wanted, "Name": physical_id})
        return Made(physical_id, {"Arn": made["ScheduleArn"]})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the schedule."""
        values = {"Name": physical_id, **pick(held, ["GroupName"])}
        site.call("scheduler", "delete_schedule", values)


class ScheduleGroup(Kind):
    """``AWS::Scheduler::ScheduleGroup``."""

    type = "AWS::Scheduler::ScheduleGroup"
    takes = set_of("Name Tags")
    tags = "list"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the group."""
        name = wanted.get("Name") or site.name()
        made = site.call("scheduler", "create_schedule_group", {**wanted, "Name": name})
        return Made(name, {"Arn": made["ScheduleGroupArn"]})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the group."""
        site.call("scheduler", "delete_schedule_group", {"Name": physical_id})
