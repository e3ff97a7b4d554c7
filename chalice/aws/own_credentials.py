"""The AWS credentials of whoever runs the tool, without asking AWS anything."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import botocore.session
from botocore.credentials import Credentials

from chalice.aws.calls import doing


@dataclass(frozen=True, slots=True)
class OwnKey:
    """An access key. ``name`` is that of the profile it is from, ``default`` for none."""

    name: str
    access_key: str
    secret: str = field(repr=False)
    token: str | None = field(repr=False)


class OwnCredentials:
    """The credentials of a profile, None for those that the AWS tools would take.

    They are found once and renewed as their kind demands; each call may take seconds then.
    """

    def __init__(self, profile: str | None) -> None:
        self._name = profile or os.environ.get("AWS_PROFILE") or "default"
        self.profile = profile
        self._found: Credentials | None = None

    def find(self) -> OwnKey | None:
        """Return the key of now, None when there is none. Raises ToolError."""
        with doing("reading the AWS credentials"):
            if self._found is None:
                self._found = botocore.session.Session(profile=self.profile).get_credentials()
            if self._found is None:
                return None
            key = self._found.get_frozen_credentials()
        return OwnKey(self._name, str(key.access_key), str(key.secret_key), key.token or None)
