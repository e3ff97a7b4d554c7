"""IAM: roles, policies, users."""

from __future__ import annotations

from collections.abc import Iterator

from chalice.cloud.stacks.kinds.kind import (
    Kind,
    Made,
    Properties,
    Site,
    changed,
    difference,
    listed,
    pick,
    set_of,
)

_HOLDERS = (
    ("Roles", "role", "RoleName"),
    ("Users", "user", "UserName"),
    ("Groups", "group", "GroupName"),
)


class Holder(Kind):
    """What has inline and managed policies. ``noun`` and ``key`` are as IAM's calls have them."""

    noun: str
    key: str

    def _attach(
        self, site: Site, name: str, wanted: Properties, before: Properties | None = None
    ) -> None:
        """Have the policies that are wanted, and none of those before that are not."""
        old = before or {}
        named = {self.key: name}
        for policy in wanted.get("Policies") or []:
            site.call("iam", f"put_{self.noun}_policy", {**named, **policy})
        for arn in wanted.get("ManagedPolicyArns") or []:
            site.call("iam", f"attach_{self.noun}_policy", {**named, "PolicyArn": arn})
        kept = {each["PolicyName"] for each in wanted.get("Policies") or []}
        for policy in old.get("Policies") or []:
            if policy["PolicyName"] not in kept:
                gone = {**named, "PolicyName": policy["PolicyName"]}
                site.drop("iam", f"delete_{self.noun}_policy", gone)
        for arn in old.get("ManagedPolicyArns") or []:
            if arn not in (wanted.get("ManagedPolicyArns") or []):
                site.drop("iam", f"detach_{self.noun}_policy", {**named, "PolicyArn": arn})
        added, removed = difference(old, wanted)
        if before is not None and removed:
            site.call("iam", f"untag_{self.noun}", {**named, "TagKeys": removed})
        if before is not None and added:
            site.call("iam", f"tag_{self.noun}", {**named, "Tags": listed(added)})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete it with the policies that it has from the template."""
        self._attach(site, physical_id, {"Tags": held.get("Tags")}, held)
        site.call("iam", f"delete_{self.noun}", {self.key: physical_id})


class Role(Holder):
    """``AWS::IAM::Role``."""

    type = "AWS::IAM::Role"
    noun = "role"
    key = "RoleName"
    takes = set_of(
        "AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path "
        "PermissionsBoundary Policies RoleName Tags"
    )
    needs = set_of("AssumeRolePolicyDocument")
    fixed = set_of("Path RoleName")
    tags = "list"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the role."""
        name = wanted.get("RoleName") or site.name()
        own = pick(
            wanted,
            [
                *("AssumeRolePolicyDocument", "Description", "MaxSessionDuration", "Path"),
                *("PermissionsBoundary", "Tags"),
            ],
        )
        made = site.call("iam", "create_role", {**own, "RoleName": name})["Role"]
        try:
            self._attach(site, name, wanted)
        except Exception:
            self.delete(site, name, wanted)
            raise
        return Made(name, {"Arn": made["Arn"], "RoleId": made["RoleId"]})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change what differs."""
        named = {"RoleName": physical_id}
        if changed(before, wanted, "AssumeRolePolicyDocument"):
            values = {**named, "PolicyDocument": wanted["AssumeRolePolicyDocument"]}
            site.call("iam", "update_assume_role_policy", values)
        if changed(before, wanted, "Description", "MaxSessionDuration"):
            defaults = {"Description": "", "MaxSessionDuration": 3600}
            settings = pick(wanted, ["Description", "MaxSessionDuration"])
            site.call("iam", "update_role", {**named, **defaults, **settings})
        if changed(before, wanted, "PermissionsBoundary"):
            boundary = pick(wanted, ["PermissionsBoundary"])
            verb = "put" if boundary else "delete"
            site.call("iam", f"{verb}_role_permissions_boundary", {**named, **boundary})
        self._attach(site, physical_id, wanted, before)
        role = site.call("iam", "get_role", named)["Role"]
        return Made(physical_id, {"Arn": role["Arn"], "RoleId": role["RoleId"]})


class User(Holder):
    """``AWS::IAM::User``."""

    type = "AWS::IAM::User"
    noun = "user"
    key = "UserName"
    takes = set_of("ManagedPolicyArns Path PermissionsBoundary Policies Tags UserName")
    fixed = set_of("Path PermissionsBoundary UserName")
    tags = "list"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the user."""
        name = wanted.get("UserName") or site.name()
        own = pick(wanted, ["Path", "PermissionsBoundary", "Tags"])
        made = site.call("iam", "create_user", {**own, "UserName": name})["User"]
        self._attach(site, name, wanted)
        return Made(name, {"Arn": made["Arn"]})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change policies and tags."""
        self._attach(site, physical_id, wanted, before)
        user = site.call("iam", "get_user", {"UserName": physical_id})["User"]
        return Made(physical_id, {"Arn": user["Arn"]})


class Policy(Kind):
    """``AWS::IAM::Policy``: one that is written into roles and users."""

    type = "AWS::IAM::Policy"
    takes = set_of("Groups PolicyDocument PolicyName Roles Users")
    needs = set_of("PolicyDocument PolicyName")
    fixed = set_of("PolicyName")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Write it into all of them."""
        self._put(site, wanted)
        return Made(site.name(100))

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Write it anew, and take it from those that are not named any more."""
        self._put(site, wanted)
        self._take(site, before, set(_holders(wanted)))
        return Made(physical_id)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Take it from all of them."""
        self._take(site, held, set())

    def _put(self, site: Site, wanted: Properties) -> None:
        own = pick(wanted, ["PolicyName", "PolicyDocument"])
        for noun, key, name in _holders(wanted):
            site.call("iam", f"put_{noun}_policy", {**own, key: name})

    def _take(self, site: Site, held: Properties, kept: set[tuple[str, str, str]]) -> None:
        for noun, key, name in _holders(held):
            if (noun, key, name) not in kept:
                values = {"PolicyName": held["PolicyName"], key: name}
                site.drop("iam", f"delete_{noun}_policy", values)


def _holders(values: Properties) -> Iterator[tuple[str, str, str]]:
    for member, noun, key in _HOLDERS:
        for name in values.get(member) or []:
            yield noun, key, name


class ManagedPolicy(Kind):
    """``AWS::IAM::ManagedPolicy``."""

    type = "AWS::IAM::ManagedPolicy"
    takes = set_of("Description Groups ManagedPolicyName Path PolicyDocument Roles Users")
    needs = set_of("PolicyDocument")
    fixed = set_of("Description ManagedPolicyName Path")

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the policy, and attach it."""
        name = wanted.get("ManagedPolicyName") or site.name(128)
        own = pick(wanted, ["Description", "Path", "PolicyDocument"])
        made = site.call("iam", "create_policy", {**own, "PolicyName": name})["Policy"]
        arn: str = made["Arn"]
        for noun, key, holder in _holders(wanted):
            site.call("iam", f"attach_{noun}_policy", {"PolicyArn": arn, key: holder})
        return Made(arn, {"PolicyArn": arn, "PolicyId": made["PolicyId"]})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Make another version of the policy, and attach it to those that are named."""
        arn = {"PolicyArn": physical_id}
        if changed(before, wanted, "PolicyDocument"):
            self._prune(site, physical_id)
            version = {**arn, "PolicyDocument": wanted["PolicyDocument"], "SetAsDefault": True}
            site.call("iam", "create_policy_version", version)
        old, new = set(_holders(before)), set(_holders(wanted))
        for noun, key, holder in new - old:
            site.call("iam", f"attach_{noun}_policy", {**arn, key: holder})
        for noun, key, holder in old - new:
            site.drop("iam", f"detach_{noun}_policy", {**arn, key: holder})
        found = site.call("iam", "get_policy", arn)["Policy"]
        return Made(physical_id, {"PolicyArn": physical_id, "PolicyId": found["PolicyId"]})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Detach and delete the policy."""
        arn = {"PolicyArn": physical_id}
        for noun, key, holder in _holders(held):
            site.drop("iam", f"detach_{noun}_policy", {**arn, key: holder})
        for version in site.call("iam", "list_policy_versions", arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                named = {**arn, "VersionId": version["VersionId"]}
                site.call("iam", "delete_policy_version", named)
        site.call("iam", "delete_policy", arn)

    def _prune(self, site: Site, arn: str) -> None:
        """Make room for another version: there may be five."""
        versions = site.call("iam", "list_policy_versions", {"PolicyArn": arn})["Versions"]
        old = [each["VersionId"] for each in versions if not each["IsDefaultVersion"]]
        if len(versions) > 4:
            oldest = min(old, key=lambda each: int(each[1:]))
            values = {"PolicyArn": arn, "VersionId": oldest}
            site.call("iam", "delete_policy_version", values)
