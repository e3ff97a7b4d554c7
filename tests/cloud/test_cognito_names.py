"""Functions find the user pools of the cloud under Cognito's own names."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, make_function, unique
from tests.cloud.doors import Pool, make_pool

FETCH = """
import json, urllib.request

def handler(event, context):
    found = []
    for url in event["urls"]:
        with urllib.request.urlopen(url) as answer:
            found.append(json.load(answer))
    return found
"""
RESOLVE = """
import os, socket

def handler(event, context):
    here = os.environ["CHALICE_CLOUD_APIS"].split()[0]
    found = []
    for name, port in event["asked"]:
        try:
            host, port = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0][4][:2]
            found.append(f"{host}:{port}" == here)
        except OSError:
            found.append(False)
    return found
"""


@pytest.fixture(scope="module")
def pool(cloud: CloudStatus) -> Pool:
    return make_pool(cloud)


def run(cloud: CloudStatus, source: str, event: object) -> Any:
    name = make_function(cloud, unique("names"), source, Timeout=30)
    answer = client(cloud, "lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    return json.load(answer["Payload"])


def test_a_function_gets_the_keys_as_libraries_do(cloud: CloudStatus, pool: Pool) -> None:
    configuration = f"{pool.issuer}/.well-known/openid-configuration"
    keys = f"{pool.issuer}/.well-known/jwks.json"
    described, found = run(cloud, FETCH, {"urls": [configuration, keys]})
    assert (described["issuer"], described["jwks_uri"]) == (pool.issuer, keys)
    here = httpx.get(f"{cloud.endpoint_url}/{pool.pool_id}/.well-known/jwks.json").json()
    assert found == here
    assert [key["kid"] for key in found["keys"]] == ["dummy"]


def test_only_names_of_regions_with_a_pool_are_taken(cloud: CloudStatus, pool: Pool) -> None:
    name = "cognito-idp.us-east-1.amazonaws.com"
    asked = [
        (name, 443),
        (name, "https"),
        (name.upper(), 443),
        (name, 80),
        ("cognito-idp.eu-west-3.amazonaws.com", 443),
        ("cognito-identity.us-east-1.amazonaws.com", 443),
    ]
    assert run(cloud, RESOLVE, {"asked": asked}) == [True, True, True, False, False, False]


def test_the_plain_port_still_refuses_names_that_are_not_of_this_machine(
    cloud: CloudStatus, pool: Pool
) -> None:
    url = f"{cloud.endpoint_url}/{pool.pool_id}/.well-known/jwks.json"
    refused = httpx.get(url, headers={"Host": "cognito-idp.us-east-1.amazonaws.com"})
    assert refused.status_code == 403
