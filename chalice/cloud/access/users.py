"""Access keys that IAM and STS gave out: those of users, of sessions of users and of roles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timezone

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from chalice.cloud.access.sessions import Session
from chalice.cloud.control.moto_settings import ACCOUNT


def find_session(access_key: str, partition: str) -> Session | None:
    """Return whose access key it is among those; None for any other."""
    sts = sts_backends[ACCOUNT][partition]
    made: Mapping[str, Session] = getattr(sts, "sessions", {})
    if access_key in made:
        return made[access_key]
    key = iam_backends[ACCOUNT][partition].access_keys.get(access_key)
    if key is None:
        return None
    if key.user_name is not None:
        is_active = key.status == "Active"
        return Session(
            access_key, key.secret_access_key, user=str(key.user_name), is_active=is_active
        )
    assumed = sts.get_assumed_role_from_access_key(access_key)
    if assumed is None:
        return None
    return Session(
        access_key,
        assumed.secret_access_key,
        assumed.session_token,
        role=assumed.role_arn,
        name=assumed.session_name,
        policy=assumed.policy or None,
        expires=assumed.expiration.replace(tzinfo=timezone.utc).timestamp(),
    )
