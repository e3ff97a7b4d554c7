"""S3, where the operations and the actions have grown apart.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

from collections.abc import Mapping

from chalice.iam.catalog import forms
from chalice.iam.catalog.arns import fill, is_arn
from chalice.iam.catalog.calls import UNKNOWN, Call, Need, Rule, when

GRANTS = ("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")


def bucket(call: Call, shape: str) -> tuple[str, ...]:
    """Read the bucket; an access point's ARN stands in the same parameter and stays."""
    if call.service != "s3" and "Bucket" not in call.parameters:
        return ()
    name = call.text("Bucket")
    return (name if is_arn(name) else fill(shape, call.place, {"BucketName": name}),)


def object_in_bucket(call: Call, shape: str) -> tuple[str, ...]:
    """Read the object, or each of those that are to be deleted."""
    keys = call.values("Key") or call.values("Delete.Objects[].Key") or ("*",)
    return tuple(object_arn(call, call.text("Bucket"), key) for key in keys)


def access_point(call: Call, shape: str) -> tuple[str, ...]:
    """Read an access point of S3 Control; in S3 the other readers have read its ARN."""
    if call.service != "s3control":
        return ()
    name = call.text("Name")
    return (name if is_arn(name) else fill(shape, call.place, {"AccessPointName": name}),)


def object_arn(call: Call, name: str, key: str) -> str:
    """Return the ARN of an object in a bucket, or behind an access point."""
    if is_arn(name):
        return f"{name}/object/{key}"
    return call.place.arn("s3", f"{name}/{key}", region=False, account=False)


def versioned(action: str) -> Rule:
    """Return the rule of an action that has another name when a version is asked for."""
    plain, version = f"s3:{action}", f"s3:{action.replace('Object', 'ObjectVersion', 1)}"

    def rule(call: Call) -> tuple[Need, ...]:
        objects = object_in_bucket(call, "")
        presence = call.presence("VersionId")
        if presence == "absent":
            return (Need(plain, objects),)
        if presence == "given":
            return (Need(version, objects),)
        return (
            Need(plain, objects),
            *when(presence, "when `VersionId` is passed", version, objects),
        )

    return rule


def get_object_attributes(call: Call) -> tuple[Need, ...]:
    """Reading attributes needs what reading the object does, too."""
    objects = object_in_bucket(call, "")
    plain = (Need("s3:GetObject", objects), Need("s3:GetObjectAttributes", objects))
    version = (Need("s3:GetObjectVersion", objects), Need("s3:GetObjectVersionAttributes", objects))
    match call.presence("VersionId"):
        case "absent":
            return plain
        case "given":
            return version
        case "unknown":
            maybe = tuple(
                Need(need.action, need.resources, "when `VersionId` is passed") for need in version
            )
            return (*plain, *maybe)


def delete_objects(call: Call) -> tuple[Need, ...]:
    """Each object by its own key, and by version where it has one."""
    needed = []
    for each in call.each("Delete.Objects[]") or (UNKNOWN,):
        known: Mapping[str, object] = each if isinstance(each, Mapping) else {}
        key, version = known.get("Key"), known.get("VersionId")
        arns = (object_arn(call, call.text("Bucket"), key if isinstance(key, str) else "*"),)
        needed.append(Need("s3:DeleteObjectVersion" if version else "s3:DeleteObject", arns))
        if not known:
            clause = "when an object's `VersionId` is passed"
            needed.append(Need("s3:DeleteObjectVersion", arns, clause))
    return (*needed, *bypass(call))


def delete_object(call: Call) -> tuple[Need, ...]:
    """One object, or one version of it."""
    return (*versioned("DeleteObject")(call), *bypass(call))


def bypass(call: Call) -> tuple[Need, ...]:
    """Deleting what is locked for a time."""
    return when(
        call.flag("BypassGovernanceRetention"),
        "when `BypassGovernanceRetention` is passed",
        "s3:BypassGovernanceRetention",
        object_in_bucket(call, ""),
    )


def writing(call: Call) -> tuple[Need, ...]:
    """What the parameters of a write bring with them: tags, ACLs, locks, encryption."""
    objects = object_in_bucket(call, "")
    needed = list(call.when("Tagging", "s3:PutObjectTagging", objects))
    needed += grants(call, "s3:PutObjectAcl", objects)
    needed += call.when("ObjectLockMode", "s3:PutObjectRetention", objects)
    needed += call.when("ObjectLockLegalHoldStatus", "s3:PutObjectLegalHold", objects)
    return (*needed, *encryption(call, "kms:GenerateDataKey"))


def grants(call: Call, action: str, arns: tuple[str, ...]) -> tuple[Need, ...]:
    """An ACL, whole or by its grants, of which one is enough to need the action."""
    presences = {call.presence(name) for name in GRANTS}
    if "given" in presences:
        return (Need(action, arns),)
    return (Need(action, arns, "when an ACL is passed"),) if "unknown" in presences else ()


def encryption(call: Call, *actions: str) -> tuple[Need, ...]:
    """The key of KMS with which the object is encrypted."""
    key = call.first("SSEKMSKeyId", "KMSMasterKeyID")
    if key is None and call.first("ServerSideEncryption") not in {"aws:kms", "aws:kms:dsse"}:
        return ()
    arn = forms.key(key or "*")
    if not is_arn(arn):
        arn = call.place.arn("kms", f"key/{arn}")
    clause = None if key else "when the bucket's default key is your own"
    return tuple(Need(action, (arn,), clause) for action in actions)


def put_object(call: Call) -> tuple[Need, ...]:
    """A whole object in one request."""
    return (Need("s3:PutObject", object_in_bucket(call, "")), *writing(call))


def create_multipart_upload(call: Call) -> tuple[Need, ...]:
    """Beginning an upload in parts, which KMS must also read."""
    more = encryption(call, "kms:Decrypt")
    return (*put_object(call), *more)


def copy_object(call: Call) -> tuple[Need, ...]:
    """Reading one object and writing another."""
    return (*source(call), *put_object(call), *copied_tags(call))


def upload_part_copy(call: Call) -> tuple[Need, ...]:
    """Reading one object into a part of another."""
    return (*source(call), Need("s3:PutObject", object_in_bucket(call, "")))


def source(call: Call) -> tuple[Need, ...]:
    """Reading the source, by version where one is named."""
    given = call.parameters.get("CopySource")
    version = False
    if isinstance(given, Mapping):
        name, key = given.get("Bucket", "*"), given.get("Key", "*")
        name = name if isinstance(name, str) else "*"
        key = key if isinstance(key, str) else "*"
        version = given.get("VersionId") is not None
    else:
        name, key = forms.copy_source(given) or ("*", "*")
        version = isinstance(given, str) and "?versionId=" in given
    action = "s3:GetObjectVersion" if version else "s3:GetObject"
    if is_arn(name):
        return (Need(action, (f"{name}/{key}",)),)
    return (Need(action, (object_arn(call, name, key),)),)


def copied_tags(call: Call) -> tuple[Need, ...]:
    """A copy takes the source's tags along unless it is given others."""
    if call.first("TaggingDirective") == "REPLACE":
        return ()
    (reading, *_) = source(call)
    clause = "when the source has tags"
    suffix = "ObjectVersionTagging" if reading.action.endswith("Version") else "ObjectTagging"
    return (
        Need(f"s3:Get{suffix}", reading.resources, clause),
        Need("s3:PutObjectTagging", object_in_bucket(call, ""), clause),
    )


def list_object_versions(call: Call) -> tuple[Need, ...]:
    """Listing versions is an action of its own."""
    return (Need("s3:ListBucketVersions", bucket(call, "s3:::${BucketName}")),)


def head_object(call: Call) -> tuple[Need, ...]:
    """Asking about an object needs what reading it does."""
    return versioned("GetObject")(call)


def create_bucket(call: Call) -> tuple[Need, ...]:
    """Making a bucket, and what its other settings need."""
    arns = bucket(call, "s3:::${BucketName}")
    needed = [Need("s3:CreateBucket", arns)]
    needed += grants(call, "s3:PutBucketAcl", arns)
    lock = "ObjectLockEnabledForBucket"
    for action in ("s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"):
        needed += when(call.flag(lock), f"when `{lock}` is passed", action, arns)
    needed += call.when("ObjectOwnership", "s3:PutBucketOwnershipControls", arns)
    return tuple(needed)


RULES: Mapping[str, Rule] = {
    "CopyObject": copy_object,
    "CreateBucket": create_bucket,
    "CreateMultipartUpload": create_multipart_upload,
    "DeleteObject": delete_object,
    "DeleteObjects": delete_objects,
    "DeleteObjectTagging": versioned("DeleteObjectTagging"),
    "GetObject": versioned("GetObject"),
    "GetObjectAcl": versioned("GetObjectAcl"),
    "GetObjectAttributes": get_object_attributes,
    "GetObjectTagging": versioned("GetObjectTagging"),
    "HeadObject": head_object,
    "ListObjectVersions": list_object_versions,
    "PutObject": put_object,
    "PutObjectAcl": versioned("PutObjectAcl"),
    "PutObjectTagging": versioned("PutObjectTagging"),
    "UploadPartCopy": upload_part_copy,
}
