import boto3

_cache = {}


def _cached(key, make):
    if key not in _cache:
        _cache[key] = make()
    return _cache[key]


def dynamodb():
    return _cached("dynamodb", lambda: boto3.resource("dynamodb"))


def s3():
    return _cached("s3", lambda: boto3.client("s3"))
