"""What the album is told about its account: parameters that are kept, encrypted, in SSM."""

import os
from functools import lru_cache

import boto3


def setting(name):
    """Return the parameter ``name`` below the path of this stage."""
    found = _parameters()
    if name not in found:
        _parameters.cache_clear()  # it may be there next time
        raise RuntimeError(f"there is no parameter {_path()}{name}: run setup_album.py")
    return found[name]


@lru_cache(maxsize=1)
def _parameters():
    """Read them all at once, and once only while this process lives."""
    pages = boto3.client("ssm").get_paginator("get_parameters_by_path")
    return {
        parameter["Name"].removeprefix(_path()): parameter["Value"]
        for page in pages.paginate(Path=_path(), Recursive=True, WithDecryption=True)
        for parameter in page["Parameters"]
    }


def _path():
    return os.environ["SETTINGS_PATH"]
