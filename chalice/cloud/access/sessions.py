"""Access keys; those of functions and of AWS itself are valid for as long as the cloud runs."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from typing import Any

from chalice.cloud.functions.function import Credentials, FunctionConfig

_KEY = string.ascii_uppercase + "234567"
_SECRET = string.ascii_letters + string.digits + "+/"


@dataclass(frozen=True, slots=True)
class Session:
    """An access key: its secret, and whose it is.

    That is a role, by ARN, with the ``name`` of the session; a user, by name; a federated user,
    by the name that the ``user`` gave; or the account's root, if it is nobody else. ``policy`` is
    a session policy, ``expires`` in seconds since 1970. ``function`` is the ARN of the function
    whose process has the key.
    """

    access_key: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    role: str | None = None
    user: str | None = None
    federated: str | None = None
    name: str = ""
    policy: str | None = None
    expires: float | None = None
    is_active: bool = True
    function: str | None = None


def make_session(**whose: Any) -> Session:
    """Return a session with new credentials; ``whose`` are the other fields."""
    return Session(
        access_key="ASIA" + "".join(secrets.choice(_KEY) for _ in range(16)),
        secret="".join(secrets.choice(_SECRET) for _ in range(40)),
        token="".join(secrets.choice(_SECRET) for _ in range(300)),
        **whose,
    )


class FunctionKeys:
    """The access keys of functions: one of each pair of a function and its role."""

    def __init__(self) -> None:
        self._by_function: dict[tuple[str, str], Session] = {}
        self._by_key: dict[str, Session] = {}

    def credentials(self, function: FunctionConfig) -> Credentials:
        """Return what the processes of a function sign with."""
        owner = (function.arn, function.role)
        session = self._by_function.get(owner)
        if session is None:
            session = make_session(role=function.role, name=function.name, function=function.arn)
            self._by_function[owner] = session
            self._by_key[session.access_key] = session
        return Credentials(session.access_key, session.secret, str(session.token))

    def lend(self, role: str, name: str) -> Session:
        """Return a session in which AWS itself acts with a role, by ARN, that it was given."""
        owner = (name, role)
        session = self._by_function.get(owner)
        if session is None:
            session = make_session(role=role, name=name)
            self._by_function[owner] = session
            self._by_key[session.access_key] = session
        return session

    def find(self, access_key: str) -> Session | None:
        """Return the session with that access key."""
        return self._by_key.get(access_key)
