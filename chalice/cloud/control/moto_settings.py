"""How moto is told to behave: settings that it reads from the environment as it is imported."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

ACCOUNT = "123456789012"
"""The one account of the embedded cloud, whatever credentials a request carries."""

_SETTINGS = {
    "MOTO_ACCOUNT_ID": ACCOUNT,
    "MOTO_ALLOW_NONEXISTENT_REGION": "true",
    "MOTO_DISABLE_GLOBAL_CORS": "true",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def configure(environ: MutableMapping[str, str]) -> None:
    """Change ``environ`` so that moto, not yet imported, serves one account in every region,
    lets no web page read its answers, records nothing, and never meets the user's own AWS
    profile or credentials.
    """
    for name in [name for name in environ if name.startswith(("AWS_", "MOTO_"))]:
        del environ[name]
    environ.update(_SETTINGS)
