"""The ways in which services let a caller name a resource, turned into what its ARN has."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlparse

SECRET_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")


def queue(value: str) -> dict[str, str]:
    """Return name, account and region of a queue, as far as its URL or name tells them."""
    head, _, name = value.rstrip("/").rpartition("/")
    found = {"QueueName": name or "*"}
    owner = re.search(r"/(\d{12})$", head)
    region = re.match(r"https?://(?:sqs\.([\w-]+)|([\w-]+)\.queue)\.amazonaws\.", head)
    if owner:
        found["Account"] = owner[1]
    if region:
        found["Region"] = region[1] or region[2]
    return found


def parameter(value: str) -> str:
    """Return a parameter's name as ARNs have it: no leading slash, no version or label."""
    if value.startswith("arn:"):
        head, slash, name = value.partition(":parameter/")
        return f"{head}{slash}{name.partition(':')[0]}"
    return value.removeprefix("/").partition(":")[0]


def secret(value: str) -> str:
    """Return a secret's id with the six characters that AWS adds to its name."""
    if value.endswith("*") or (value.startswith("arn:") and SECRET_SUFFIX.search(value)):
        return value
    return f"{value}-??????"


def key(value: str) -> str:
    """Return a KMS key's id or ARN; ``*`` for an alias, which policies do not look at."""
    if value.startswith("alias/") or ":alias/" in value:
        return "*"
    return value.removeprefix("key/")


def alias(value: str) -> str:
    """Return an alias of KMS without the word that callers write before it."""
    return value.removeprefix("alias/")


def function(value: str, qualifier: str | None = None) -> str:
    """Return a function's name or ARN, with the qualifier, from any of Lambda's four forms."""
    if value.startswith("arn:"):
        head, word, name = value.partition(":function:")
        head += word
    else:
        found = re.fullmatch(r"(?:\d{12}:)?(?:function:)?(.+)", value)
        head, name = "", found[1] if found else value
    if qualifier is not None and ":" not in name:
        name = f"{name}:{qualifier}"
    return head + name


def log_group(value: str) -> str:
    """Return a log group's name or ARN as policies have it, ending in ``:*``."""
    return value if value.endswith("*") else f"{value}:*"


def revision(value: str) -> str:
    """Return a definition's name with any revision when it says none."""
    return value if ":" in value or value.endswith("*") else f"{value}:*"


def topic_of_subscription(value: str) -> str:
    """Return the ARN of the topic from that of a subscription to it."""
    return value.rpartition(":")[0] if value.count(":") > 5 else value


def mail_identity(value: str) -> str:
    """Return the pattern of a mail address's identity: the address itself or its domain."""
    address = re.sub(r".*<(.*)>.*", r"\1", value.strip())
    domain = address.rpartition("@")[2]
    return f"*{domain}" if "@" in address and not domain.startswith("*") else domain


def copy_source(value: object) -> tuple[str, str] | None:
    """Return bucket and key of ``CopySource``, which is a mapping or ``bucket/key?versionId=``."""
    if isinstance(value, str):
        path = unquote(
            urlparse(value).path if "://" in value else value.partition("?versionId=")[0]
        )
        bucket, _, name = path.lstrip("/").partition("/")
        return bucket or "*", name or "*"
    return None
