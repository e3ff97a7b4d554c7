"""Photos: their bytes in a bucket, what is known of them in a table, by user."""

import secrets
from datetime import datetime, timezone
from functools import lru_cache

import boto3
from boto3.dynamodb.conditions import Key
from botocore.config import Config

from chalicelib.settings import setting

# What the first bytes of a file say that it is.
KINDS = {
    b"\xff\xd8\xff": ("jpg", "image/jpeg"),
    b"\x89PNG\r\n\x1a\n": ("png", "image/png"),
    b"GIF87a": ("gif", "image/gif"),
    b"GIF89a": ("gif", "image/gif"),
}


class NotAnImageError(Exception):
    """The file is of no kind that an album holds."""


def add(user_id, filename, body, description, tags):
    """Keep a photo, and return what is known of it then."""
    extension, content_type = _kind(body)
    now = datetime.now(timezone.utc)
    photo_id = f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"  # in order of time
    item = {
        "user_id": user_id,
        "photo_id": photo_id,
        "filename": filename,
        "key": f"photos/{user_id}/{photo_id}.{extension}",
        "content_type": content_type,
        "size": len(body),
        "uploaded": now.isoformat(timespec="seconds"),
        "desc": description or "",
        "tags": [tag.strip() for tag in (tags or "").split(",") if tag.strip()],
    }
    _s3().put_object(Bucket=_bucket(), Key=item["key"], Body=body, ContentType=content_type)
    _table().put_item(Item=item)
    return _shown(item)


def all_of(user_id):
    """Return a user's photos, the newest first."""
    wanted = {"KeyConditionExpression": Key("user_id").eq(user_id), "ScanIndexForward": False}
    items = []
    while True:
        page = _table().query(**wanted)
        items += page["Items"]
        if "LastEvaluatedKey" not in page:
            return [_shown(item) for item in items]
        wanted["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def find(user_id, photo_id):
    """Return one of a user's photos; None when they have no such photo."""
    item = _item(user_id, photo_id)
    return None if item is None else _shown(item)


def remove(user_id, photo_id):
    """Forget one of a user's photos, and return whether there was one."""
    item = _item(user_id, photo_id)
    if item is None:
        return False
    _s3().delete_object(Bucket=_bucket(), Key=item["key"])
    _table().delete_item(Key={"user_id": user_id, "photo_id": photo_id})
    return True


def _item(user_id, photo_id):
    return _table().get_item(Key={"user_id": user_id, "photo_id": photo_id}).get("Item")


def _shown(item):
    """Return what clients see: among the rest a link that opens the photo, for a while."""
    url = _s3().generate_presigned_url(
        "get_object",
        Params={"Bucket": _bucket(), "Key": item["key"]},
        ExpiresIn=int(setting("S3_PRESIGNED_EXP")),
    )
    names = ("filename", "content_type", "uploaded", "desc", "tags")
    shown = {name: item[name] for name in names}
    return {"id": item["photo_id"], "size": int(item["size"]), "url": url, **shown}


def _kind(body):
    for beginning, kind in KINDS.items():
        if body.startswith(beginning):
            return kind
    raise NotAnImageError("the file is neither a JPEG, a PNG nor a GIF")


def _bucket():
    return setting("S3_PHOTO_BUCKET")


@lru_cache(maxsize=1)
def _s3():
    return boto3.client("s3", config=Config(signature_version="s3v4"))


@lru_cache(maxsize=1)
def _table():
    return boto3.resource("dynamodb").Table(setting("DDB_PHOTO_TABLE"))
