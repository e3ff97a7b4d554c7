"""The environment in which everything that calls AWS reaches the embedded cloud, and nothing else.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping

from chalice.local.served import region

_KEY = "local"
_ENDPOINT = "AWS_ENDPOINT_URL"
_OWN_ENDPOINT = "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"  # the clients of our own WebSockets
_UNWANTED = (
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"),
    *("AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    *("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    "AWS_CA_BUNDLE",
)


def cloud_environment(endpoint_url: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that lead to the cloud at that URL, with keys of nobody's account.

    The files with profiles and keys are not read: what is in them is for AWS.
    """
    found = {
        _ENDPOINT: endpoint_url,
        "AWS_ACCESS_KEY_ID": _KEY,
        "AWS_SECRET_ACCESS_KEY": _KEY,
        "AWS_REGION": region(),
        "AWS_DEFAULT_REGION": region(),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name in ("NO_PROXY", "no_proxy"):
        before = [environ[name]] if environ.get(name) else []
        found[name] = ",".join([*before, "127.0.0.1", "localhost"])
    return found


def forget_account(environ: MutableMapping[str, str]) -> None:
    """Take out what could lead to an account, or past the cloud."""
    for name in list(environ):
        is_other = name.startswith(f"{_ENDPOINT}_") and name != _OWN_ENDPOINT
        if is_other or name in _UNWANTED:
            del environ[name]
