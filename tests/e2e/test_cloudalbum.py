"""The example ``cloudalbum``: set up, deployed and used as its README says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
import httpx
import pytest
import uv
from joserfc import jwt
from joserfc.jwk import RSAKey
from moto.utilities.utils import load_resource

from tests.e2e.project import LIMIT, ROOT, Project
from tests.render.checking import check

EXAMPLE = ROOT / "examples" / "cloudalbum"
EMAIL, PASSWORD = "super@mario.example", "Super2019!"
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


@dataclass
class Album:
    """The deployed example; ``made`` is what its setup script printed."""

    project: Project
    environment: Mapping[str, str]
    made: str
    api: httpx.Client

    def aws(self, service: str) -> Any:
        """Return a client of a service, with which the test sees what the album did."""
        session = botocore.session.Session()
        session.set_credentials("any", "thing")
        url = self.environment["AWS_ENDPOINT_URL"]
        return session.create_client(service, region_name="us-east-1", endpoint_url=url)

    def setting(self, name: str) -> str:
        found = self.aws("ssm").get_parameter(Name=f"/cloudalbum/{name}", WithDecryption=True)
        return str(found["Parameter"]["Value"])

    def pools(self) -> list[str]:
        listed = self.aws("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
        return [pool["Id"] for pool in listed if pool["Name"] == "cloudalbum-pool"]

    def objects(self) -> list[str]:
        listed = self.aws("s3").list_objects_v2(Bucket=self.setting("S3_PHOTO_BUCKET"))
        return [each["Key"] for each in listed.get("Contents", [])]

    def items(self) -> list[dict[str, Any]]:
        scanned = self.aws("dynamodb").scan(TableName="cloudalbum-photos")
        return list(scanned["Items"])


@pytest.fixture(scope="module")
def album(user: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Album]:
    folder: Path = tmp_path_factory.mktemp("album") / "cloudalbum"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", "deploy*"))
    project = Project(folder, install(folder, user))
    project.run("cloud", "start", "--enforce-iam")
    status = json.loads(project.run("cloud", "status", "--json").stdout)
    environment = {
        **user,
        "AWS_ENDPOINT_URL": status["endpoint_url"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "thing",
    }
    made = set_up(folder, environment, "create")
    with project.deploy() as api:
        yield Album(project, environment, made, api)


def install(folder: Path, user: Mapping[str, str]) -> dict[str, str]:
    """Install the example's requirements where its user's Python finds them."""
    packages = folder.parent / "packages"
    subprocess.run(
        [uv.find_uv_bin(), "pip", "install", "-q", "--target", packages, "-r", "requirements.txt"],
        cwd=folder,
        env={**user, "VIRTUAL_ENV": sys.prefix},
        timeout=LIMIT,
        check=True,
    )
    return {**user, "PYTHONPATH": os.pathsep.join((user["PYTHONPATH"], str(packages)))}


def set_up(folder: Path, environment: Mapping[str, str], command: str) -> str:
    done = subprocess.run(
        [sys.executable, "setup_album.py", command],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def token(album: Album) -> str:
    """The access token of a user who signed up, confirmed and signed in."""
    post = album.api.post
    person = {"email": EMAIL, "password": PASSWORD, "username": "SuperMario"}
    early = post("users/signin", json=person)
    assert (early.status_code, early.json()["Code"]) == (401, "UserNotFoundException")
    signed_up = post("users/signup", json=person)
    assert (signed_up.status_code, signed_up.json()) == (200, {"ok": True})
    assert signed_up.headers["access-control-allow-credentials"] == "true"
    unconfirmed = post("users/signin", json=person)
    assert (unconfirmed.status_code, unconfirmed.json()["Code"]) == (
        403,
        "UserNotConfirmedException",
    )
    confirmed = post("users/confirm", json={"email": EMAIL, "code": "123456"})
    assert (confirmed.status_code, confirmed.json()) == (200, {"ok": True})
    tokens = post("users/signin", json=person).json()
    assert set(tokens) == {"accessToken", "refreshToken"}
    return str(tokens["accessToken"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_what_the_setup_made_is_there_and_settings_are_encrypted(album: Album) -> None:
    (pool,) = album.pools()
    assert f"user pool  {pool}\n" in album.made
    parameters = album.aws("ssm").get_parameters_by_path(Path="/cloudalbum/", Recursive=True)
    assert {each["Type"] for each in parameters["Parameters"]} == {"SecureString"}
    names = {each["Name"] for each in parameters["Parameters"]}
    assert names == {line.split()[1] for line in album.made.splitlines() if "parameter" in line}
    assert "/cloudalbum/COGNITO_CLIENT_SECRET" in names
    assert album.setting("COGNITO_POOL_ID") == pool
    assert album.setting("S3_PHOTO_BUCKET") == "cloudalbum-123456789012-us-east-1"
    assert set_up(album.project.directory, album.environment, "create") == album.made


def test_a_preflight_answers_as_the_workshop_shows(album: Album) -> None:
    asked = {
        "Origin": "https://album.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = album.api.options("photos/file", headers=asked)
    shown = {name: value for name, value in answer.headers.items() if "access-control" in name}
    headers = "*,Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key"
    assert (answer.status_code, shown) == (
        200,
        {
            "access-control-allow-credentials": "true",
            "access-control-allow-headers": headers,
            "access-control-allow-methods": "POST,OPTIONS",
            "access-control-allow-origin": "*",
            "access-control-expose-headers": "X-Special-Header",
            "access-control-max-age": "600",
        },
    )


def test_what_a_user_gets_wrong_is_said(album: Album, token: str) -> None:
    post = album.api.post
    person = {"email": EMAIL, "password": PASSWORD, "username": "SuperMario"}
    assert post("users/signup", json=person).status_code == 409
    assert post("users/signin", json={**person, "password": "Wrong2019!"}).status_code == 401
    incomplete = post("users/signin", json={"email": EMAIL})
    assert (incomplete.status_code, incomplete.json()["Message"]) == (400, "missing: password")
    weak = post("users/signup", json={**person, "email": "x@mario.example", "password": "x"})
    assert (weak.status_code, weak.json()["Code"]) == (400, "InvalidPasswordException")
    no_image = post("photos/file", files={"file": ("a.png", b"text")}, headers=bearer(token))
    assert (no_image.status_code, no_image.json()["Code"]) == (400, "BadRequestError")
    no_file = post("photos/file", files={"other": ("a.png", PHOTO)}, headers=bearer(token))
    assert (no_file.status_code, no_file.json()["Message"]) == (400, "the form has no `file`")


def test_only_a_fresh_token_of_the_pool_opens_the_album(album: Album, token: str) -> None:
    def status(headers: Mapping[str, str]) -> tuple[int, str]:
        answer = album.api.get("photos", headers=headers)
        return answer.status_code, str(answer.json().popitem()[1])

    refused = (403, "User is not authorized to access this resource")
    assert status({}) == (401, "Unauthorized")
    assert status(bearer("nonsense")) == refused
    head, claims, signature = token.split(".")
    assert status(bearer(f"{head}.{claims}.{signature[::-1]}")) == refused
    pool = f"https://cognito-idp.us-east-1.amazonaws.com/{album.setting('COGNITO_POOL_ID')}"
    content = {
        "iss": pool,
        "sub": "someone",
        "token_use": "access",
        "client_id": album.setting("COGNITO_CLIENT_ID"),
        "exp": int(time.time()) + 60,
    }
    assert status(bearer(signed(content)))[0] == 200
    for change in (
        {"exp": int(time.time()) - 60},
        {"iss": f"{pool}x"},
        {"client_id": "another"},
        {"token_use": "id"},
    ):
        assert status(bearer(signed({**content, **change}))) == refused
    assert status(bearer(token))[0] == 200


def signed(claims: Mapping[str, object]) -> str:
    """Return a token of the embedded cloud's user pools, which all have one key."""
    key = RSAKey.import_key(load_resource("cognitoidp/resources/jwks-private.json"))
    return jwt.encode({"alg": "RS256", "kid": "dummy"}, dict(claims), key)


def test_a_photo_is_uploaded_listed_fetched_and_deleted(album: Album, token: str) -> None:
    me = bearer(token)
    assert album.api.get("users/profile", headers=me).json() == {
        "email": EMAIL,
        "username": "SuperMario",
    }
    uploaded = album.api.post(
        "photos/file",
        files={"file": ("été.png", PHOTO, "image/png")},
        data={"desc": "The castle", "tags": "castle, princess"},
        headers=me,
    )
    assert uploaded.status_code == 201, uploaded.text
    photo = uploaded.json()["photo"]
    (item,) = album.items()
    sub = item["user_id"]["S"]
    assert item["photo_id"] == {"S": photo["id"]}
    assert item["filename"] == {"S": "été.png"}
    key = f"photos/{sub}/{photo['id']}.png"
    assert album.objects() == [key]
    stored = album.aws("s3").get_object(Bucket=album.setting("S3_PHOTO_BUCKET"), Key=key)
    assert (stored["Body"].read(), stored["ContentType"]) == (PHOTO, "image/png")

    (listed,) = album.api.get("photos", headers=me).json()["photos"]
    expected = {"size": len(PHOTO), "desc": "The castle", "tags": ["castle", "princess"]}
    assert {name: listed[name] for name in expected} == expected
    one = album.api.get(f"photos/{photo['id']}", headers=me).json()
    assert one["id"] == photo["id"]
    for url in (photo["url"], listed["url"], one["url"]):
        fetched = httpx.get(url, trust_env=False)
        assert (fetched.status_code, fetched.content) == (200, PHOTO)
        assert fetched.headers["content-type"] == "image/png"
    forged = httpx.get(one["url"].replace(photo["id"], "another"), trust_env=False)
    assert forged.status_code == 403

    assert album.api.delete(f"photos/{photo['id']}", headers=me).json() == {"ok": True}
    assert (album.objects(), album.items()) == ([], [])
    for method in ("GET", "DELETE"):
        again = album.api.request(method, f"photos/{photo['id']}", headers=me)
        assert again.status_code == 404
    assert album.api.post("users/signout", headers=me).json() == {"ok": True}


def test_everything_can_be_deleted(album: Album) -> None:
    album.project.run("delete", "--local", "-y")
    functions = album.aws("lambda").list_functions()["Functions"]
    assert [f for f in functions if f["FunctionName"].startswith("cloudalbum")] == []
    deleted = set_up(album.project.directory, album.environment, "delete").splitlines()
    assert len(deleted) == 9
    assert album.pools() == []
    buckets = [bucket["Name"] for bucket in album.aws("s3").list_buckets()["Buckets"]]
    assert [name for name in buckets if name.startswith("cloudalbum")] == []
    assert set_up(album.project.directory, album.environment, "delete") == ""


def test_its_template_is_valid(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    album.project.run("package", "dist")
    check(json.loads((album.project.directory / "dist" / "sam.json").read_text()))
