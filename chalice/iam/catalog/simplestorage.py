"""S3, where the operations and the actions have grown apart.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chalice.iam.catalog import forms
from chalice.iam.catalog.arns import fill, is_arn
from chalice.iam.catalog.calls import Call, Need, when


def bucket(call: Call, shape: str) -> tuple[str, ...]:
    """Read the bucket; an access point's ARN stands in the same parameter and stays."""
    name = call.text("Bucket")
    return (name if is_arn(name) else fill(shape, call.place, {"BucketName": name}),)


def object_in_bucket(call: Call, shape: str) -> tuple[str, ...]:
    """Read the object, or each of those that are to be deleted."""
    keys = call.values("Key") or call.values("Delete.Objects[].Key") or ("*",)
    return tuple(object_arn(call, call.text("Bucket"), key) for key in keys)


def no_access_point(call: Call, shape: str) -> tuple[str, ...]:
    """Read no access point: ``bucket`` and ``object_in_bucket`` have read its ARN."""
    return ()


def object_arn(call: Call, name: str, key: str) -> str:
    """Return the ARN of an object in a bucket, or behind an access point."""
    if is_arn(name):
        return f"{name}/object/{key}"
    return call.place.arn("s3", f"{name}/{key}", region=False, account=False)


def versioned(action: str) -> Callable[[Call], tuple[Need, ...]]:
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
    objects = call.objects("Delete.Objects[]")
    whole = call.values("Delete.Objects[].Key")
    if not objects:
        everything = (object_arn(call, call.text("Bucket"), "*"),)
        return (
            Need("s3:DeleteObject", everything),
            Need("s3:DeleteObjectVersion", everything, "when an object's `VersionId` is passed"),
        )
    needed = []
    for each in objects:
        key = each.get("Key")
        arn = object_arn(call, call.text("Bucket"), key if isinstance(key, str) else "*")
        action = "s3:DeleteObjectVersion" if each.get("VersionId") else "s3:DeleteObject"
        needed.append(Need(action, (arn,)))
    if len(whole) < len({str(each.get("Key")) for each in objects}) or "*" in whole:
        needed.append(Need("s3:DeleteObject", (object_arn(call, call.text("Bucket"), "*"),)))
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
    grants = ("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP")
    needed += [need for name in grants for need in call.when(name, "s3:PutObjectAcl", objects)][:1]
    needed += call.when("ObjectLockMode", "s3:PutObjectRetention", objects)
    needed += call.when("ObjectLockLegalHoldStatus", "s3:PutObjectLegalHold", objects)
    return (*needed, *encryption(call, "kms:GenerateDataKey"))


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
    if is_arn(name) or name.startswith("arn:"):
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
    grants = ("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")
    needed += [need for name in grants for need in call.when(name, "s3:PutBucketAcl", arns)][:1]
    if call.flag("ObjectLockEnabledForBucket") != "absent":
        perhaps = (
            None
            if call.flag("ObjectLockEnabledForBucket") == "given"
            else "when `ObjectLockEnabledForBucket` is passed"
        )
        needed += [
            Need("s3:PutBucketObjectLockConfiguration", arns, perhaps),
            Need("s3:PutBucketVersioning", arns, perhaps),
        ]
    needed += call.when("ObjectOwnership", "s3:PutBucketOwnershipControls", arns)
    return tuple(needed)


RULES: Mapping[str, Callable[[Call], tuple[Need, ...]]] = {
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
