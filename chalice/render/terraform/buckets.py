"""Notifications of S3 buckets. Terraform manages all of a bucket's or none.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_notification
"""

from __future__ import annotations

import re

from chalice.model.triggers import BucketNotification
from chalice.render.terraform.draft import Arguments, Draft
from chalice.render.terraform.references import expression, key_of, literal

_KIND = "aws_s3_bucket_notification"


def add_notification(notification: BucketNotification, draft: Draft) -> None:
    """Add a notification to those of its bucket, once S3 may invoke the function."""
    key = key_of(f"{_name(notification.bucket)}_notify")
    bucket = literal(notification.bucket)
    resource = draft.template["resource"].get(_KIND, {}).get(key)
    if resource is None or resource["bucket"] != bucket:
        arguments = {"bucket": bucket, "lambda_function": [], "depends_on": []}
        resource = draft.add(_KIND, key, arguments, notification.name)
    entry: Arguments = {
        "events": list(notification.events),
        "lambda_function_arn": expression(notification.function),
    }
    if notification.prefix:
        entry["filter_prefix"] = literal(notification.prefix)
    if notification.suffix:
        entry["filter_suffix"] = literal(notification.suffix)
    resource["lambda_function"].append(entry)
    resource["depends_on"].append(f"aws_lambda_permission.{key_of(notification.name)}")


def _name(bucket: str) -> str:
    """Return what a bucket is called: ``photos`` of ``${aws_s3_bucket.photos.id}``, too."""
    found = re.fullmatch(r"\$\{aws_s3_bucket\.([\w-]+)\..*\}", bucket)
    return found[1] if found else bucket
