"""What a call wants of a stack, from its parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from chalice.cloud.control.managed_policies import managed_policy_arns
from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.stacks.blueprints import make_blueprint
from chalice.cloud.stacks.calls import CallError, Calls, Clients
from chalice.cloud.stacks.errors import StackError
from chalice.cloud.stacks.outputs import find_export, stored_parameter
from chalice.cloud.stacks.parameters import choose_values, typed_values
from chalice.cloud.stacks.sam import expand, transforms_of
from chalice.cloud.stacks.store import Stack, Version
from chalice.cloud.stacks.template import MAX_BODY, MAX_STORED, Template, parse_template

_NAMES = {
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}
"""Types that need a capability, and the property with which they need a greater one."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: with which access key, in which region."""

    access_key: str
    region: str


class Versions:
    """Reads what callers want. ``who`` says in whose name they call, which may be the root."""

    def __init__(self, clients: Clients, who: Callable[[str, str], str]) -> None:
        self._clients = clients
        self._who = who

    def calls(self, caller: Caller) -> Calls:
        """Return calls in the caller's name."""
        who = self._who(caller.access_key, caller.region)
        return Calls(self._clients, caller.region, who)

    def body(self, given: Mapping[str, Any], caller: Caller, previous: Version | None) -> str:
        """Return the template as text. Raises ``StackError``."""
        named = [name for name in ("TemplateBody", "TemplateURL") if given.get(name)]
        if given.get("UsePreviousTemplate") and previous is not None and not named:
            return previous.body
        if len(named) != 1:
            raise StackError("Either Template URL or Template Body must be specified.")
        if named[0] == "TemplateURL":
            return self._stored(str(given["TemplateURL"]), caller)
        body = str(given["TemplateBody"])
        if len(body.encode()) > MAX_BODY:
            raise StackError(
                "1 validation error detected: Value at 'templateBody' failed to satisfy "
                f"constraint: Member must have length less than or equal to {MAX_BODY}"
            )
        return body

    def read(
        self, given: Mapping[str, Any], body: str, caller: Caller, stack: Stack, *, direct: bool
    ) -> Version:
        """Return what a call with the template ``body`` wants of ``stack``.

        ``direct`` says that it is to be done at once, not to be looked at before. Raises
        ``StackError``.
        """
        previous = stack.version
        template = parse_template(body)
        call = self.calls(caller)
        old = previous.parameters if previous else {}
        chosen = choose_values(template, given.get("Parameters") or [], old)
        typed = typed_values(template, chosen, lambda key: _stored(key, call))
        role = given.get("RoleARN") or (previous.role if previous else None)
        if role and given.get("RoleARN"):
            self.check_role(str(role), caller)
        capabilities = tuple(given.get("Capabilities") or ())
        transforms = transforms_of(template)
        if direct and transforms and "CAPABILITY_AUTO_EXPAND" not in capabilities:
            raise _incapable("CAPABILITY_AUTO_EXPAND")
        topics = tuple(given.get("NotificationARNs") or (previous.topics if previous else ()))
        values = {**_pseudo(stack, topics), **typed}
        expanded = expand(
            template, typed, stack.region, lambda: managed_policy_arns(stack.partition)
        )
        imported: set[str] = set()

        def imports(name: str) -> str:
            imported.add(name)
            return find_export(stack.region, name)

        blueprint = make_blueprint(expanded, values, imports)
        _check_types(stack, blueprint.definitions)
        _check_capabilities(expanded, capabilities)
        return Version(
            body,
            template,
            expanded,
            chosen,
            values,
            blueprint,
            capabilities,
            _tags(given, previous),
            topics,
            role,
            caller.access_key if call.who else "",
            frozenset(imported),
        )

    def check_role(self, arn: str, caller: Caller) -> None:
        """Raise ``StackError`` unless there is a role that trusts CloudFormation."""
        named = {"RoleName": arn.rpartition("/")[2]}
        try:
            answer = Calls(self._clients, caller.region)("iam", "get_role", named)
        except CallError:
            answer = {}
        document = (answer.get("Role") or {}).get("AssumeRolePolicyDocument")
        if "cloudformation.amazonaws.com" not in json.dumps(document):
            raise StackError(f"Role {arn} is invalid or cannot be assumed")

    def _stored(self, url: str, caller: Caller) -> str:
        """Return a template in S3, of the URLs that AWS has and those of this cloud."""
        bucket, key = _place(url)
        version = parse_qs(urlsplit(url).query).get("versionId")
        values = {"Bucket": bucket, "Key": key, **({"VersionId": version[0]} if version else {})}
        try:
            answer = self.calls(caller)("s3", "get_object", values)
        except CallError as error:
            raise StackError(f"S3 error: {error}") from None
        content: bytes = answer["Body"].read()
        if len(content) > MAX_STORED:
            raise StackError(f"Template may not exceed {MAX_STORED} bytes in size.")
        return content.decode()


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/")
    host = parts.hostname or ""
    if parts.scheme == "s3":
        return host, path
    is_named = ".s3." in host or ".s3-" in host
    if parts.scheme in ("http", "https") and is_named and not host.startswith("s3."):
        bucket = host.partition(".s3.")[0] if ".s3." in host else host.partition(".s3-")[0]
        return bucket, path
    bucket, _, key = path.partition("/")
    if not (parts.scheme in ("http", "https") and bucket and key):
        raise StackError("TemplateURL must be a supported URL.")
    return bucket, key


def _stored(key: str, call: Calls) -> str:
    try:
        return stored_parameter(key, call)
    except CallError as error:
        if error.is_missing:
            raise StackError(
                f"Unable to fetch parameters [{key}] from parameter store for this account."
            ) from None
        raise StackError(str(error)) from None


def _pseudo(stack: Stack, topics: tuple[str, ...]) -> dict[str, Any]:
    return {
        "AWS::AccountId": ACCOUNT,
        "AWS::NotificationARNs": list(topics),
        "AWS::Partition": stack.partition,
        "AWS::Region": stack.region,
        "AWS::StackId": stack.id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com.cn" if stack.partition == "aws-cn" else "amazonaws.com",
    }


def _tags(given: Mapping[str, Any], previous: Version | None) -> Mapping[str, str]:
    if given.get("Tags") is None and previous is not None:
        return previous.tags
    return {str(each["Key"]): str(each["Value"]) for each in given.get("Tags") or []}


def _check_types(stack: Stack, definitions: Mapping[str, Any]) -> None:
    changed = [
        name
        for name, made in stack.made.items()
        if name in definitions and definitions[name].type != made.definition.type
    ]
    if changed:
        raise StackError(
            "Update of resource type is not permitted. The new template modifies resource type "
            f"of the following resources: [{', '.join(changed)}]"
        )


def needed_capabilities(template: Template) -> dict[str, list[str]]:
    """Return the capability that a template needs and the types that need it, if there are any."""
    resources = list(template["Resources"].values())
    of_iam = [each for each in resources if str(each.get("Type")).startswith("AWS::IAM::")]
    if not of_iam:
        return {}
    types = sorted({str(each["Type"]) for each in of_iam})
    is_named = any(_NAMES.get(each["Type"]) in (each.get("Properties") or {}) for each in of_iam)
    return {"CAPABILITY_NAMED_IAM" if is_named else "CAPABILITY_IAM": types}


def _check_capabilities(template: Template, given: tuple[str, ...]) -> None:
    for needed in needed_capabilities(template):
        enough = {needed, "CAPABILITY_NAMED_IAM"}
        if not enough & set(given):
            raise _incapable(needed)


def _incapable(capability: str) -> StackError:
    sentence = f"Requires capabilities : [{capability}]"
    return StackError(sentence, "InsufficientCapabilitiesException")
