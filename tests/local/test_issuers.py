"""Tokens that `chalice local` believes: keys in files, and keys that issuers show themselves."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from chalice.errors import ToolError
from chalice.local.cloud import RunningCloud
from chalice.local.errands import Errands
from chalice.local.issuers import KnownIssuers
from chalice.local.key_files import GivenKeys, read_key_files
from tests.cli.command import chalice
from tests.gateway.identities import KEY, OTHER_KEY, token
from tests.local.program import Program, make_project, running
from tests.local.test_doors import NOBODY

POOL = "eu-west-1_Abc"
APP = f"""
from chalice import Chalice, CognitoUserPoolAuthorizer

app = Chalice(app_name="tokens")
pool = CognitoUserPoolAuthorizer(
    "pool", ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/{POOL}"], audience=["client1"])

@app.route("/", authorizer=pool)
def index():
    authorizer = app.current_request.context["authorizer"]
    return authorizer.get("claims", authorizer.get("jwt", {{}}).get("claims"))["sub"]
"""
JWKS: Mapping[str, Any] = {"keys": [KEY.as_dict(private=False)]}


def good(**claims: Any) -> str:
    return token({"exp": int(time.time()) + 60, "iat": int(time.time()), **claims})


def ask(program: Program, text: str) -> tuple[int, str]:
    answer = program.get(authorization=text)
    return answer.status_code, answer.text if answer.status_code == 200 else answer.json()[
        "message"
    ]


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_a_token_that_a_given_key_signed_passes(tmp_path: Path, kind: str) -> None:
    make_project(tmp_path, APP, f'{{"api_gateway_type": "{kind}"}}')
    (tmp_path / "keys.json").write_text(json.dumps(JWKS))
    with running(tmp_path, "--no-autoreload", "--jwks", "keys.json", **NOBODY) as program:
        assert ask(program, f"Bearer {good()}") == (200, "1234")
        forged = token({"exp": int(time.time()) + 60}, key=OTHER_KEY)
        assert ask(program, forged) == (401, "Unauthorized")
        assert ask(program, good(iss="https://other")) == (401, "Unauthorized")
        late = "The incoming token has expired" if kind == "rest" else "Unauthorized"
        assert ask(program, good(exp=1)) == (401, late)


def test_keys_are_given_in_the_configuration_by_pool_and_may_be_pem(tmp_path: Path) -> None:
    make_project(tmp_path, APP, json.dumps({"local": {"jwks": {POOL: "public.pem"}}}))
    (tmp_path / "public.pem").write_bytes(KEY.as_pem(private=False))
    with running(tmp_path, **NOBODY) as program:
        assert ask(program, good()) == (200, "1234")
        config = {
            "version": "2.0",
            "app_name": "tokens",
            "local": {"jwks": {"other": "public.pem"}},
        }
        (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
        program.out.wait_for("Serving what")
        assert ask(program, good()) == (401, "Unauthorized")
        program.out.wait_for("Give them with `--jwks FILE`")


def test_a_key_file_that_is_none_is_an_error(tmp_path: Path) -> None:
    make_project(tmp_path, APP)
    (tmp_path / "keys.json").write_text('{"keys": 7}')
    done = chalice("local", "--no-autoreload", "--port", "0", "--jwks", "keys.json", cwd=tmp_path)
    assert done.returncode == 1
    assert "error: `keys.json` has no public RSA keys: `keys` is no list" in done.stderr
    done = chalice("local", "--no-autoreload", "--port", "0", "--jwks", "a=none", cwd=tmp_path)
    assert "error: the key file `none` cannot be read: No such file" in done.stderr


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "x", '{"keys": []}', '{"keys": [{"kty": "RSA"}]}']
)
def test_what_has_no_keys_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").write_text(text)
    with pytest.raises(ToolError, match="no public RSA keys"):
        read_key_files([("", tmp_path / "keys")])


def test_keys_are_found_by_issuer_by_pool_and_for_all(tmp_path: Path) -> None:
    (tmp_path / "set").write_text(json.dumps(JWKS))
    (tmp_path / "one").write_text(json.dumps(OTHER_KEY.as_dict(private=True)))
    found = read_key_files(
        [("https://a/x", tmp_path / "set"), ("y", tmp_path / "one"), ("y", tmp_path / "set")]
    )
    assert found.find("https://a/x") == JWKS
    of_pool = found.find("https://a/y")
    assert of_pool is not None
    assert [key.get("n") for key in of_pool["keys"]] == [
        OTHER_KEY.as_dict()["n"],
        KEY.as_dict()["n"],
    ]
    assert "d" not in of_pool["keys"][0]
    assert found.find("https://a/z") is None
    assert GivenKeys({"": JWKS}).find("https://anybody") == JWKS


class Issuer:
    """An issuer on this machine, whose answers take ``delay`` seconds."""

    def __init__(self, delay: float = 0, content: bytes = json.dumps(JWKS).encode()) -> None:
        self.asked = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler) -> None:  # noqa: N805
                self.asked += 1
                time.sleep(delay)
                handler.send_response(200)
                handler.end_headers()
                handler.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/pool"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def issuer(delay: float = 0, content: bytes = json.dumps(JWKS).encode()) -> Iterator[Issuer]:
    made = Issuer(delay, content)
    try:
        yield made
    finally:
        made.close()


def known(**more: Any) -> KnownIssuers:
    return KnownIssuers(lambda _: None, RunningCloud(lambda: None), Errands(), **more)


def test_an_issuer_that_answers_is_asked_once_in_five_minutes() -> None:
    now = [0.0]

    async def main(url: str) -> None:
        issuers = known(clock=lambda: now[0])
        together = await asyncio.gather(*(issuers.find_keys(url) for _ in range(5)))
        assert together == [JWKS] * 5
        now[0] = 299
        assert await issuers.find_keys(url) == JWKS
        assert asked.asked == 1
        now[0] = 301
        assert await issuers.find_keys(url) == JWKS
        assert asked.asked == 2

    with issuer() as asked:
        asyncio.run(main(asked.url))


def test_an_issuer_that_does_not_answer_holds_up_nobody_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main(slow: str, quick: str) -> None:
        issuers = known(patience=1)
        began = time.monotonic()
        waiting = asyncio.create_task(issuers.find_keys(slow))
        await asyncio.sleep(0)
        assert await issuers.find_keys(quick) == JWKS
        assert time.monotonic() - began < 0.9
        assert await waiting is None
        assert await issuers.find_keys(slow) is None
        assert time.monotonic() - began < 2.5

    with issuer(delay=3) as slow, issuer() as quick:
        asyncio.run(main(slow.url, quick.url))
        assert slow.asked == 1
    [said] = [record.getMessage() for record in caplog.records]
    assert "there are no keys of http://127.0.0.1" in said
    assert "the embedded cloud does not run" in said


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"<html>", b"\xff"])
def test_an_answer_that_is_no_key_set_is_none(
    content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with issuer(content=content) as asked:
        assert asyncio.run(known().find_keys(asked.url)) is None
    assert "from itself: " in caplog.text


def test_an_issuer_that_nobody_reaches_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        assert asyncio.run(known().find_keys(f"http://127.0.0.1:{port}/pool")) is None
    assert "Connection refused" in caplog.text
