"""Notifications of S3 buckets that exist already, which CloudFormation itself cannot change.

A function of the stack's own does it, as a custom resource: ``notifier.py``. It adds and takes
away what is the stack's and leaves all else in the bucket's configuration as it is.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
"""

from __future__ import annotations

from importlib import resources

from chalice.model.functions import Function
from chalice.model.triggers import BucketNotification
from chalice.model.values import Arn, Document
from chalice.render.ids import logical_id
from chalice.render.sam.draft import Draft, Properties

NOTIFIER = "BucketNotifier"
_ROLE = f"{NOTIFIER}Role"
_FUNCTION = "AWS::Lambda::Function"
_TYPE = "Custom::BucketNotifications"
_TIMEOUT = 120  # seconds
_ACTIONS = ["s3:GetBucketNotification", "s3:PutBucketNotification"]


def add_notification(notification: BucketNotification, draft: Draft) -> None:
    """Add a notification to those of its bucket, which are one resource: S3 keeps them as one."""
    bucket = notification.bucket
    named = notification.name if "${" in bucket else bucket.replace(".", "-")  # tokens change
    id_ = f"{logical_id(named)}Notifications"
    present = draft.template["Resources"].get(id_)
    if present is None or present["Properties"].get("Bucket") != notification.bucket:
        _add_bucket(id_, notification, draft)
    resource = draft.template["Resources"][id_]
    rules = [
        {"Name": name, "Value": value}
        for name, value in (("prefix", notification.prefix), ("suffix", notification.suffix))
        if value
    ]
    entry: Properties = {
        "Id": notification.name,
        "LambdaFunctionArn": draft.value(notification.function),
        "Events": list(notification.events),
    }
    if rules:
        entry["Filter"] = {"Key": {"FilterRules": rules}}
    resource["Properties"]["Notifications"].append(entry)
    if notification.after is not None:
        resource["DependsOn"].append(draft.id(notification.after.resource))


def _add_bucket(id_: str, notification: BucketNotification, draft: Draft) -> None:
    if draft.template["Resources"].get(NOTIFIER, {}).get("Type") != _FUNCTION:
        _add_notifier(notification, draft)
    properties = {
        "ServiceToken": {"Fn::GetAtt": [NOTIFIER, "Arn"]},
        "Bucket": notification.bucket,
        "Notifications": [],
    }
    draft.add(id_, _TYPE, properties, notification.name, DependsOn=[])


def _add_notifier(notification: BucketNotification, draft: Draft) -> None:
    """Add the function that does it. What goes wrong it tells CloudFormation: it needs no log."""
    buckets = {
        each.bucket for each in draft.resources.values() if isinstance(each, BucketNotification)
    }
    arns: list[Document] = [Arn("s3", (each,), region="", account="") for each in sorted(buckets)]
    statement: Document = {"Effect": "Allow", "Action": _ACTIONS, "Resource": arns}
    policy: Document = {"Version": "2012-10-17", "Statement": [statement]}
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role: Properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": f"{_ROLE}Policy", "PolicyDocument": draft.value(policy)}],
    }
    draft.add(_ROLE, "AWS::IAM::Role", role, notification.name)
    function = draft.function_of(notification.function)
    assert isinstance(function, Function)
    properties: Properties = {
        "Runtime": function.runtime,
        "Handler": "index.handle",
        "Role": {"Fn::GetAtt": [_ROLE, "Arn"]},
        "Timeout": _TIMEOUT,
        "Code": {"ZipFile": notifier_source()},
        "Tags": [{"Key": key, "Value": function.tags[key]} for key in sorted(function.tags)],
    }
    draft.add(NOTIFIER, _FUNCTION, properties, notification.name)


def notifier_source() -> str:
    """Return the source of the function that changes buckets."""
    return resources.files(__package__).joinpath("notifier.py").read_text(encoding="utf-8")
